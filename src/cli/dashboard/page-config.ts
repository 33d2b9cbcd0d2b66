import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { loadStudyConfig } from '../../config/load.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { configFileName, readConfigSource } from '../../config/source.ts';
import { AutopilotError } from '../../domain/errors.ts';

/** Sections that name no program, module or host, and no file except those checked below. */
export const harmless: ReadonlySet<string> = new Set([
  ...['name', 'trainer', 'workers', 'batchPerWorker', 'epochs', 'seed', 'task', 'model', 'data', 'loss', 'setting'],
  ...['start', 'baseline', 'decision', 'guideline', 'goal', 'budget', 'cost', 'launcher', 'concurrentRuns', 'attempts'],
  ...['trainAhead', 'timeouts', 'strategy', 'checkpoints', 'divergence', 'memory', 'placement'],
]);

/**
 * The reasons why a config must be started in a shell: whoever has the page's token may train, but not run a program of
 * their choice. Only harmless sections pass, and they are checked before any file that the config names is read.
 * `isAllowed`: whether a path is below a root.
 */
function shellOnly(given: unknown, isAllowed: (path: string) => boolean): string[] {
  const fields = isFields(given) ? given : {};
  const { trainer, launcher, guideline } = fields;
  const why = Object.keys(fields).flatMap((name) => (harmless.has(name) ? [] : [`${name} may name programs`]));
  const kind = (section: unknown) => (isFields(section) && typeof section.kind === 'string' ? section.kind : null);
  if (kind(trainer) === 'command') why.push('trainer.kind is command');
  if (launcher !== undefined && kind(launcher) !== 'local') why.push(`launcher.kind is ${kind(launcher)}`);
  if (guideline !== undefined && typeof guideline !== 'string')
    why.push('guideline is not one that comes with autopilot');
  const { data, model } = {
    data: isFields(fields.data) ? fields.data : {},
    model: isFields(fields.model) ? fields.model : {},
  };
  if ('prep' in data) why.push('data.prep names folders');
  for (const [name, path] of [['data.path', data.path] as const, ['model.initFrom', model.initFrom] as const]) {
    if (path === undefined) continue;
    if (typeof path !== 'string' || !isAbsolute(path) || !isAllowed(path))
      why.push(`${name} ${JSON.stringify(path)} is not an absolute path below a root`);
  }
  return why.map((reason) => `${reason}: start it with "autopilot run" in a shell`);
}

/** Reads a config sent by the page with the schema of every config; its problems name file and line. */
export function readPageConfig(
  text: string,
  isAllowed: (path: string) => boolean,
): { problems: string[] } | { config: ResolvedStudyConfig; given: unknown } {
  const folder = mkdtempSync(join(tmpdir(), 'autopilot-page-'));
  const file = join(folder, configFileName);
  try {
    writeFileSync(file, text);
    const given = readConfigSource(file).value;
    const problems = shellOnly(given, isAllowed);
    return problems.length > 0 ? { problems } : { config: loadStudyConfig(file).config, given };
  } catch (thrown) {
    if (!(thrown instanceof AutopilotError)) throw thrown;
    const lines = thrown.message.split('\n');
    return { problems: lines.length > 1 ? lines.slice(1) : lines };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
