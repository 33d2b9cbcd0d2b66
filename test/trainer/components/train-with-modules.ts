import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Launcher } from '../../../src/launcher/launcher.ts';
import { runDirectoryFiles } from '../../../src/protocol/run-directory.ts';
import { eventsOf, tinyRun, weightsOf } from '../../support/tiny-run.ts';
import { type Kind, placeOf } from './modules.ts';

/** Trains two workers for two epochs with modules in the places of their kinds, which has to succeed. */
export async function trainWithModules(modules: Partial<Record<Kind, string>>, launcher: Launcher) {
  const job = tinyRun({ workers: 2, epochs: 2 });
  const { spec: specFile } = runDirectoryFiles(job.runDirectory);
  const spec = JSON.parse(readFileSync(specFile, 'utf8'));
  const kinds = Object.entries(modules) as [Kind, string][];
  const components = Object.assign({}, ...kinds.map(([kind, file]) => placeOf[kind](file)));
  const setting = 'optimizer' in modules ? { ...spec.setting, optimizer: 'custom' } : spec.setting;
  writeFileSync(specFile, JSON.stringify({ ...spec, setting, components }));
  const exit = await (await launcher.start(job)).exited;
  const events = eventsOf(job.runDirectory);
  expect(exit, JSON.stringify(events.at(-1))).toEqual({ state: 'exited', code: 0 });
  const { metrics } = events.findLast(({ type }) => type === 'evaluation') ?? {};
  return { directory: job.runDirectory, weights: weightsOf(job.runDirectory), metrics };
}
