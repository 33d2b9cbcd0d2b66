import { type ConfigProblem, oneOf } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';
import type { SchedulerLauncherConfig } from '../sections/launcher.ts';

/** Placeholders that the templates of launcher `scheduler` may use; `values` adds more. */
export const schedulerPlaceholders = [
  ...(['name', 'jobId', 'user', 'script', 'quotedScript', 'condorScript', 'log', 'directory'] as const),
  ...(['queue', 'account', 'memory', 'time', 'extraArguments'] as const),
  ...(['workers', 'nodes', 'ranksPerNode', 'cpusPerRank', 'coresPerNode', 'slots'] as const),
  ...(['processes', 'coresPerProcess'] as const),
] as const;

export type SchedulerPlaceholder = (typeof schedulerPlaceholders)[number];

const needed = ['submit', 'jobId', 'status', 'state', 'cancel'] as const;

/** Finds missing templates, and placeholders that nothing fills in. */
export function schedulerChecks({ launcher }: ResolvedStudyConfig): ConfigProblem[] {
  if (launcher.kind !== 'scheduler') return [];
  const missing = launcher.preset === undefined ? needed.filter((field) => launcher[field] === undefined) : [];
  if (missing.length > 0) {
    return [
      {
        path: ['launcher', 'preset'],
        message: `launcher.preset is missing; name one (docs/cluster.md), or give launcher.${oneOf(missing).replace(' or ', ' and ')} of your own`,
      },
    ];
  }
  const problems = templatesIn(launcher).flatMap(([field, words]) => unknownNames(field, words, launcher));
  if (launcher.preset === 'htcondor' && (launcher.nodes ?? 1) > 1) {
    const message = `launcher.nodes is ${launcher.nodes}, but htcondor gives a job one machine; leave it out`;
    problems.push({ path: ['launcher', 'nodes'], message });
  }
  return problems;
}

function templatesIn(launcher: SchedulerLauncherConfig): [field: string, words: string[]][] {
  const { submit, submitInput, status, find, cancel, start } = launcher;
  return Object.entries({ submit, submitInput, status, find, cancel, start }).map(([field, given]) => [
    field,
    (given ?? []).flat(2),
  ]);
}

function unknownNames(field: string, words: string[], { values }: SchedulerLauncherConfig): ConfigProblem[] {
  const known: string[] = [...schedulerPlaceholders, ...Object.keys(values)];
  const named = words.flatMap((word) =>
    [...word.matchAll(/\{\{|\{(\w+)(?::\+[^}]*)?\}/g)].flatMap(([, name]) => name ?? []),
  );
  return named
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ['launcher', field],
      message: `launcher.${field} has {${name}}, which nothing fills in; define it in launcher.values, write "{{" for a brace, or use one of ${known.join(', ')}`,
    }));
}
