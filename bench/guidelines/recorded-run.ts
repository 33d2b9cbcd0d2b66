import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { optimizerNames, type Setting } from '../../src/domain/setting.ts';
import { Refusal } from '../support/refusal.ts';

export const recordedRun = z.strictObject({
  task: z.string(),
  workers: z.int().min(1),
  optimizer: z.enum(optimizerNames),
  initialLr: z.number().positive(),
  warmupEpochs: z.number().min(0),
  decayEpochs: z.number().min(0),
  decayCoefficient: z.number().min(0),
  epochs: z.int().min(1),
  seed: z.int(),
  state: z.enum(['finished', 'diverged']),
  /** The task's metric on the test slices after the last epoch; null if the run diverged. */
  metric: z.number().nullable(),
  /** The same on the validation slices; left out if the task has none. */
  validation: z.number().nullable().optional(),
  /** On one thread. */
  cpuSeconds: z.number(),
  /** The metric settings are chosen by, after 1/10, 2/10, … 10/10 of the epochs; shorter if the run diverged. */
  curve: z.array(z.number()),
});

/** One training of one setting with one seed. */
export type RecordedRun = z.infer<typeof recordedRun>;

export type RunToRecord = Omit<RecordedRun, 'state' | 'metric' | 'validation' | 'cpuSeconds' | 'curve'>;

/** The runs in a file of JSON lines; none if there is no file yet. Errors name file, line and field. */
export function readRecordedRuns(file: string): RecordedRun[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [recordedRun.parse(JSON.parse(line))];
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw new Refusal(`${file}, line ${index + 1}: ${why}. Delete the line; the run is then recorded anew.`);
    }
  });
}

/** The key shared by runs of the same setting, whatever their seeds. */
export function settingKey({ task, workers, ...setting }: Omit<RunToRecord, 'seed'>): string {
  const { optimizer, initialLr, warmupEpochs, decayEpochs, decayCoefficient, epochs } = setting;
  return [task, workers, optimizer, initialLr, warmupEpochs, decayEpochs, decayCoefficient, epochs].join(' ');
}

export function runKey(run: RunToRecord): string {
  return `${settingKey(run)} ${run.seed}`;
}

export function settingOfRun(run: RunToRecord): Setting & { epochs: number } {
  const { optimizer, initialLr, warmupEpochs, decayEpochs, decayCoefficient, epochs } = run;
  return { optimizer, initialLr, warmupEpochs, decayEpochs, decayCoefficient, epochs };
}
