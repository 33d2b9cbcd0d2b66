import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openStore } from '../../db/index.ts';
import { Refusal } from '../support/refusal.ts';

export interface LiveOptions {
  /** Folder of a study.yaml, with its data inside or at an absolute path. */
  study: string;
  /** The `seed` of each whole study. */
  seeds: readonly number[];
  /** File to which a line of JSON per study is appended. */
  results: string;
}

/** A study that was trained, not played. */
interface LiveStudy {
  study: string;
  seed: number;
  outcome: string | null;
  reason: string | null;
  /** Trained iterations and validations. */
  iterations: number;
  runs: { baseline: number; iteration: number; validation: number };
  /** Training time summed over the runs. */
  hours: number;
}

/** Trains whole studies with the compiled program, one after the other, each in its own folder, one run at a time. */
export function live({ study, seeds, results }: LiveOptions): void {
  for (const seed of seeds) {
    const folder = mkdtempSync(join(tmpdir(), 'guidelines-live-'));
    try {
      cpSync(study, folder, { recursive: true });
      appendFileSync(join(folder, 'study.yaml'), `\nseed: ${seed}\nconcurrentRuns: 1\n`);
      const program = resolve('dist/src/program/cli-main.js');
      spawnSync(process.execPath, [program, 'run', folder, '--project', folder], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const found = resultOf(join(folder, 'autopilot.db'), { study, seed });
      appendFileSync(results, `${JSON.stringify(found)}\n`);
      console.log(`${study}, seed ${seed}: ${found.outcome}. ${found.reason}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function resultOf(path: string, of: Pick<LiveStudy, 'study' | 'seed'>): LiveStudy {
  const store = openStore({ path });
  try {
    const [study] = store.studies();
    if (study === undefined)
      throw new Refusal(`${of.study}, seed ${of.seed}: the study did not start; the lines above say why.`);
    const runs = store.runsOf(study.id);
    const count = (kind: string) => runs.filter((run) => run.kind === kind).length;
    return {
      ...of,
      outcome: study.outcome,
      reason: study.reason,
      iterations: store
        .iterationsOf(study.id)
        .filter(({ number }) => runs.some(({ iteration }) => iteration === number)).length,
      runs: { baseline: count('baseline'), iteration: count('iteration'), validation: count('validation') },
      hours: Number((runs.reduce((sum, { activeMs }) => sum + activeMs, 0) / 3.6e6).toFixed(3)),
    };
  } finally {
    store.close();
  }
}
