/**
 * Loads a study's modules and checks them against their contracts, in a process that can be killed when one hangs.
 * Reads a composition from standard input; writes each module's place before using it, and the result at the end.
 */
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { openCompute } from '../compute/open-compute.ts';
import { type Composition, composeTraining } from './compose-training.ts';
import { loadComponents } from './load-components.ts';
import { nobodyWatches } from './module-watch.ts';
import { checkStrategy } from './strategy.ts';

const say = (line: object) => process.stdout.write(`\n@${JSON.stringify(line)}\n`);

try {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const composition = JSON.parse(Buffer.concat(chunks).toString()) as Composition;
  const importing = (where: string) => say({ at: where });
  const calling = (where: string, method: string) => say({ at: where, method });
  const loaded = await loadComponents(composition.components, { ...nobodyWatches, importing });
  await openCompute({ threads: 1 });
  if (loaded.strategy !== null) {
    calling(loaded.strategy.where, 'average');
    await checkStrategy(loaded.strategy);
  }
  await composeTraining({ ...composition, workers: 1 }, { ...nobodyWatches, calling });
  say({ ok: true });
} catch (thrown) {
  say({ code: thrown instanceof AutopilotError ? thrown.code : 'component.failed', message: messageOf(thrown) });
}
// Timers or sockets that a module left open must not keep this process alive.
process.exit();
