import { tail } from '../../launcher/processes/out-of-memory.ts';

/** mpirun's report on a failed rank, printed below the rank's own output. */
const ofMpirun = /^-{20,}\n(?:Primary job|mpirun\S* detected)[\s\S]*?\n-{20,}$/gm;

/** The start of torchrun's report on a failed worker. */
const ofTorchrun = /^.*\bfailed \(exitcode: -?\d+\) local_rank: \d/m;

/** torchrun's message about stopping the other workers. */
const askedToEnd = /\bSending process \d+ closing signal\b/;

/** The program's last lines of output, quoted, so that a missing module or file shows without opening the log. */
export function lastWords(log: string): string {
  const text = tail(log, 16_384).replace(ofMpirun, '');
  const torchrun = text.search(ofTorchrun);
  const lines = (torchrun > 0 ? text.slice(0, torchrun) : text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !askedToEnd.test(line))
    .slice(-3);
  return lines.length === 0 ? '' : ` Its last lines: "${lines.join(' | ').slice(-400)}".`;
}
