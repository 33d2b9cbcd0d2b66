import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../fuzz/random.ts';
import {
  autopilotIn,
  type DisturbedTrainer,
  disturbed,
  disturbedProject,
  type Ended,
  findingsIn,
  oddWords,
  startWords,
  textOf,
} from './disturbed-study.ts';

/** Long enough for a fault to hit within an epoch. */
const epochMs = 30;

export interface Calm {
  trainer: DisturbedTrainer;
  findings: unknown;
  exitCode: number | null;
  ms: number;
}

export async function calmStudy(trainer: DisturbedTrainer): Promise<Calm> {
  const project = disturbedProject(trainer, { epochMs });
  const fromMs = performance.now();
  const { exitCode, output } = await autopilotIn(project, startWords(project, false)).ended;
  const ms = performance.now() - fromMs;
  if (exitCode !== 3) throw new Error(`the undisturbed study failed: ${output}`);
  const findings = findingsIn(project);
  rmSync(project, { recursive: true });
  return { trainer, findings, exitCode, ms };
}

export const victims = ['engine', 'trainer', 'both'] as const;
export type Victim = (typeof victims)[number];

/** A study that is killed repeatedly, until it reaches its end or has been killed `most` times. */
export async function killedStudy(
  calm: Calm,
  { random, most }: { random: Random; most: number },
): Promise<{ kills: Victim[]; wrong: string | null }> {
  const project = disturbedProject(calm.trainer, { epochMs });
  const said: string[] = [];
  const wrong: string[] = [];
  const kills: Victim[] = [];
  let last: Ended | null = null;
  for (let start = 0; last?.exitCode !== calm.exitCode && start < most + 4; start++) {
    const again = start > 0 && !/store\.missing|There is no study|no study/i.test(last?.output ?? '');
    const { child, ended } = autopilotIn(project, startWords(project, again && start % 2 === 1));
    let over = false;
    const end = ended.then((result) => {
      over = true;
      return result;
    });
    while (kills.length < most && !over) {
      await Promise.race([end, delay(200 + random.next() * calm.ms)]);
      if (over) break;
      const victim = random.pick(victims);
      const trainers = victim === 'engine' ? [] : trainersOf(project);
      if (victim === 'trainer' && trainers.length === 0) continue;
      for (const pid of trainers) kill(pid);
      if (victim !== 'trainer') child.kill('SIGKILL');
      kills.push(victim);
      said.push(`killed: ${victim}`);
      if (victim !== 'trainer') break;
    }
    last = await end;
    said.push(`exit ${last.exitCode} ${last.signal ?? ''}\n${last.output}`);
    const odd = oddWords(last.output);
    if (odd !== null) wrong.push(odd);
  }
  if (last?.exitCode !== calm.exitCode) wrong.push('never finished');
  else if (!isDeepStrictEqual(findingsIn(project), calm.findings)) wrong.push('found something else');
  return { kills, wrong: verdict(project, wrong, said) };
}

/** Several programs at once on one study: each starts it, or some resume one that was killed, or one cancels it. */
export const races = ['runs', 'resumes', 'resume beside run', 'cancel beside resume'] as const;
export type Race = (typeof races)[number];

const racers: Record<Race, readonly ('run' | 'resume' | 'cancel')[]> = {
  runs: ['run', 'run', 'run'],
  resumes: ['resume', 'resume', 'resume'],
  'resume beside run': ['run', 'resume', 'run'],
  'cancel beside resume': ['resume', 'cancel', 'resume'],
};

export async function racedStudy(
  calm: Calm,
  kind: Race,
  random: Random,
): Promise<{ wrong: string | null; ended: string }> {
  const project = disturbedProject(calm.trainer, { epochMs });
  if (kind !== 'runs') {
    const { child, ended } = autopilotIn(project, startWords(project, false));
    await Promise.race([ended, storedWithin(project)]);
    await delay(random.next() * 0.4 * calm.ms);
    child.kill('SIGKILL');
    await ended;
  }
  const results = await Promise.all(
    racers[kind].map(async (word) => {
      await delay(random.next() * 300);
      const words = word === 'cancel' ? ['cancel', disturbed] : startWords(project, word === 'resume');
      return { word, ...(await autopilotIn(project, words).ended) };
    }),
  );
  const said = results.map(
    ({ word, exitCode, signal, output }) => `${word}: exit ${exitCode} ${signal ?? ''}\n${output}`,
  );
  const wrong = results.flatMap(
    ({ output, signal }) => oddWords(output) ?? (signal === null ? [] : `ended by ${signal}`),
  );
  const found = findingsIn(project);
  const cancelled = outcomeIn(found) === 'cancelled';
  if (cancelled && kind !== 'cancel beside resume') wrong.push('ended cancelled');
  if (!cancelled && !isDeepStrictEqual(found, calm.findings)) wrong.push('found something else');
  if (trainersOf(project).length > 0) wrong.push('left a trainer behind');
  return { wrong: verdict(project, wrong, said), ended: cancelled ? 'cancelled' : 'as undisturbed' };
}

function outcomeIn(found: unknown): unknown {
  return typeof found === 'object' && found !== null && 'outcome' in found ? found.outcome : null;
}

function verdict(project: string, wrong: string[], said: readonly string[]): string | null {
  if (wrong.length > 0) return [...wrong, `see ${project}`, ...said].join('\n');
  rmSync(project, { recursive: true });
  return null;
}

async function storedWithin(project: string): Promise<void> {
  while (!readdirSync(project).includes('runs')) await delay(20);
}

/** The processes of a project's runs. */
function trainersOf(project: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`AUTOPILOT_RUN=${project}/`))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return textOf(`/proc/${pid}/environ`);
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
