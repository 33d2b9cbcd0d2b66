import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lastWords } from '../../../src/engine/attempt/last-words.ts';

const line = '-'.repeat(74);
const traceback = `Traceback (most recent call last):
  File "train.py", line 1, in <module>
    raise KeyError("no such file: a.nii")
KeyError: 'no such file: a.nii'
`;
const mpirun = `${line}
Primary job  terminated normally, but 1 process returned
a non-zero exit code. Per user-direction, the job has been aborted.
${line}
${traceback}${line}
mpirun detected that one or more processes exited with non-zero status, thus causing
the job to be terminated. The first process to do so was:

  Process name: [[21660,1],1]
  Exit code:    1
${line}
`;
const torchrun = (failed: string) => `W1128 20:29:48 api.py:1010] Sending process 14187 closing signal SIGTERM
${failed} failed (exitcode: 1) local_rank: 0 (pid: 14185) of binary: /usr/bin/python3
Traceback (most recent call last):
    raise ChildFailedError(
torch.distributed.elastic.multiprocessing.errors.ChildFailedError: 
  traceback : To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html
============================================================
`;

describe('what a program said last', () => {
  it.each([
    ['a script', traceback],
    ['a script under mpirun', traceback + mpirun],
    ['a script under torchrun', traceback + torchrun('E1128 20:29:48.952 torch/distributed/elastic/api.py:1002]')],
    ['a script under an older torchrun', traceback + torchrun('ERROR:torch.distributed.elastic.multiprocessing.api:')],
  ])('is what went wrong, and not how its launcher says so: %s', (_, text) => {
    const log = join(mkdtempSync(join(tmpdir(), 'last-words-')), 'log');
    writeFileSync(log, text);
    expect(lastWords(log)).toMatch(/ \| KeyError: 'no such file: a\.nii'"\.$/);
  });
});
