import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { loadPrepConfig } from '../../config/load-prep.ts';
import { type PrepProgress, type PrepResult, runPrep } from '../../imgmed/prep/run-prep.ts';
import { counted } from '../output.ts';

export function command(): Command {
  return new Command('prep')
    .description('make training slices from a folder of scans')
    .argument('[config]', 'a prep config, or a study with data.prep', 'prep.yaml')
    .option('--workers <n>', 'cases prepared at a time', wholeNumber, availableParallelism())
    .option('--json', 'print JSON')
    .action(async (path: string, { workers, json }: { workers: number; json?: boolean }) => {
      const stop = new AbortController();
      const onInterrupt = () => stop.abort(new Error('interrupted; the same command goes on where it stopped'));
      process.once('SIGINT', onInterrupt);
      try {
        const onProgress = process.stderr.isTTY ? bar : json ? () => {} : line;
        const result = await runPrep(loadPrepConfig(path), { workers, onProgress, signal: stop.signal });
        if (result.lacking.length > 0) process.exitCode = 1;
        process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : summary(result));
      } finally {
        process.off('SIGINT', onInterrupt);
      }
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1.');
  return value;
}

function bar({ done, total, id, failure }: PrepProgress): void {
  const width = 24;
  const filled = Math.round((done / total) * width);
  const clear = '\r\u001b[K';
  if (failure !== null) process.stderr.write(`${clear}${id}: left out: ${failure}\n`);
  process.stderr.write(`${clear}${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total} ${id}`);
  if (done === total) process.stderr.write(clear);
}

function line({ done, total, id, reused, failure }: PrepProgress): void {
  const what = failure === null ? (reused ? 'from the cache' : 'prepared') : `left out: ${failure}`;
  process.stderr.write(`${done}/${total} ${id}: ${what}\n`);
}

function summary({ output, splits, reused, failures, problems, lacking }: PrepResult): string {
  const lines = Object.entries(splits).map(
    ([name, { cases, slices }]) => `  ${name}: ${counted(slices, 'slice')} of ${counted(cases, 'case')}`,
  );
  const notes = [
    ...(reused > 0 ? [`${counted(reused, 'case')} came from the cache.`] : []),
    ...(failures.length > 0 ? [`${counted(failures.length, 'case')} left out:`, ...failures.map(sentenceOf)] : []),
    ...problems,
    ...lacking,
  ];
  return [`Slices in ${output}`, ...lines, ...notes, ''].join('\n');
}

/** Reasons that begin with the case's file stand for themselves. */
function sentenceOf({ id, reason }: PrepResult['failures'][number]): string {
  return `  ${id}${/^(has|holds|is|lacks|names) /.test(reason) ? '' : ':'} ${reason}`;
}
