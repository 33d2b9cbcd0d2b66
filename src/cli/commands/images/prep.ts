import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { loadPrepConfig } from '../../../config/load-prep.ts';
import { most } from '../../../config/sections/bounds.ts';
import { type PrepPreview, previewPrep } from '../../../imgmed/prep/preview-prep.ts';
import { type PrepProgress, type PrepResult, runPrep } from '../../../imgmed/prep/run-prep.ts';
import { counted } from '../../output.ts';
import { wholeNumber } from '../../whole-number.ts';

interface PrepOptions {
  workers: number;
  preview?: string;
  json?: boolean;
}

export function command(): Command {
  return new Command('prep')
    .description('Makes training slices from a folder of scans.')
    .argument('[config]', 'a prep config, or a study with data.prep', 'prep.yaml')
    .option('--workers <n>', 'cases prepared at a time', wholeNumber({ limit: most.items }), availableParallelism())
    .option('--preview <folder>', 'draw a few slices, before and after, into this folder; write no data set')
    .option('--json', 'print JSON')
    .action(async (path: string, { workers, preview, json }: PrepOptions) => {
      if (preview !== undefined) {
        const result = await previewPrep(loadPrepConfig(path), { pictures: preview });
        if (result.failures.length > 0) process.exitCode = 1;
        process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : previewed(result));
        return;
      }
      const stop = new AbortController();
      const onInterrupt = () => stop.abort(new Error('interrupted; run the same command again to continue'));
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

function previewed({ name, parts, height, width, classes, pictures, failures, problems }: PrepPreview): string {
  const shares = Object.entries(parts).map(([part, cases]) => `${part} ${counted(cases, 'case')}`);
  const values = classes.map(
    (entry) => `${entry.name}${entry.values.length > 0 ? ` (${entry.values.join(', ')})` : ''}`,
  );
  const lines = pictures.map(({ part, slice, picture, before, after }) => {
    const pixels = Object.entries(after.classPixels).map(([label, count]) => `${label} ${count}`);
    return `  ${picture}: ${part}, slice ${slice} (${before.position} of the scan, ${before.orientation}); ${shown(after.least)} … ${shown(after.greatest)}; pixels: ${pixels.join(', ')}`;
  });
  const notes = [
    ...(failures.length > 0
      ? [`${counted(failures.length, 'case')} would be left out:`, ...failures.map(sentenceOf)]
      : []),
    ...problems,
  ];
  return [
    `${name}: ${shares.join(', ')}; slices of ${height} × ${width}; classes: ${values.join('; ')}`,
    'Each picture: the scan as stored, without and with its mask, then the slice that would be written, and a changed copy, if any. Red: mask values in no class.',
    ...lines,
    ...notes,
    'No data set was written.',
    '',
  ].join('\n');
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A reason that starts with a verb has the case's id as its subject; any other follows a colon. */
function sentenceOf({ id, reason }: PrepResult['failures'][number]): string {
  return `  ${id}${/^(has|holds|is|lacks|names) /.test(reason) ? '' : ':'} ${reason}`;
}
