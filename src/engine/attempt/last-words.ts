import { tail } from '../../launcher/processes/out-of-memory.ts';

/** What mpirun says of a rank that failed, below what the rank itself said. */
const ofMpirun = /^-{20,}\n(?:Primary job|mpirun\S* detected)[\s\S]*?\n-{20,}$/gm;

/** Where torchrun begins to say that a worker failed. */
const ofTorchrun = /^.*\bfailed \(exitcode: -?\d+\) local_rank: \d/m;

/** torchrun, of the other workers. */
const askedToEnd = /\bSending process \d+ closing signal\b/;

/** The last lines of what the program printed, quoted: a missing module or file is seen without opening the log. */
export function lastWords(log: string): string {
  const text = tail(log, 16_384).replace(ofMpirun, '');
  const torchrun = text.search(ofTorchrun);
  const lines = (torchrun > 0 ? text.slice(0, torchrun) : text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !askedToEnd.test(line))
    .slice(-3);
  return lines.length === 0 ? '' : ` It said last: "${lines.join(' | ').slice(-400)}".`;
}
