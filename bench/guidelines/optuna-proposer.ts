import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { optimizerNames } from '../../src/domain/setting.ts';
import { Refusal } from '../support/refusal.ts';
import type { Policy } from './played-study.ts';
import { proposalsPolicy } from './proposals-policy.ts';
import { settingOf } from './search-space.ts';

const proposal = z.object({
  optimizer: z.enum(optimizerNames),
  initialLr: z.number().positive(),
  epochs: z.int(),
  warmupEpochs: z.number(),
  decayCoefficient: z.number(),
});
const started = z.object({ version: z.string() });
const told = z.object({ stoppedAt: z.int().nullable() });

export const samplers = ['tpe', 'gp'] as const;
export const pruners = ['none', 'median', 'hyperband'] as const;

export interface Optuna {
  version: string;
  policy: (sampler: (typeof samplers)[number], pruner: (typeof pruners)[number]) => Policy;
  close: () => void;
}

/** Optuna in a Python process of its own, with requests and answers line by line. Throws if that Python lacks it. */
export async function openOptuna(python: string): Promise<Optuna> {
  const script = fileURLToPath(new URL('optuna_proposer.py', import.meta.url));
  const child = spawn(python, ['-W', 'ignore', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const call = callerOf(child);
  const start = (options: object) => call({ do: 'start', ...options }, started);
  const { version } = await start({ sampler: 'tpe', pruner: 'none', seed: 0, space: {} });
  return {
    version,
    policy: (sampler, pruner) =>
      proposalsPolicy(async (space, _table, uniform) => {
        await start({ sampler, pruner, seed: Math.floor(uniform() * 2 ** 31), space });
        return {
          propose: async () => settingOf(space, await call({ do: 'ask' }, proposal)),
          trained: async ({ metric, curve }) => (await call({ do: 'tell', metric, curve }, told)).stoppedAt,
          validated: async (metric) => {
            await call({ do: 'better', metric }, z.object({}));
          },
        };
      }),
    close: () => child.stdin.end(),
  };
}

/** A function that sends a message and reads the answer. */
function callerOf(child: ChildProcessByStdio<Writable, Readable, null>) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = new Promise<never>((_, reject) => {
    child.on('error', ({ message }) => reject(new Refusal(`${child.spawnfile} does not start: ${message}.`)));
    child.on('exit', (code) =>
      reject(
        new Refusal(
          `Optuna's process ended with ${code}. Is optuna installed? AUTOPILOT_BENCH_PYTHON names the Python.`,
        ),
      ),
    );
  });
  gone.catch(() => {});
  // `gone` reports the end of the process.
  child.stdin.on('error', () => {});
  return async <T>(message: object, schema: z.ZodType<T>): Promise<T> => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    return done ? gone : schema.parse(JSON.parse(value));
  };
}
