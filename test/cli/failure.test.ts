import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';

const nowhere = join('/', 'no', 'such', 'scan.nii.gz');

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

it('names the place that the system refused, and says what to do', () => {
  const { text, exitCode } = failureOf(
    thrownBy(() => readFileSync(nowhere)),
    { json: false, verbose: false },
  );
  expect(exitCode).toBe(1);
  expect(text).toMatch(
    /^\/no\/such\/scan\.nii\.gz cannot be used: ENOENT.* Name another place, or check its permissions\.$/,
  );
});

it('says that the disk is full or broken, and that what was stored is safe', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  expect(failureOf(full, { json: false, verbose: false }).text).toBe(
    'ENOSPC: no space left on device, write: the disk is full. Free some space. Then run the command again; stored data is safe.',
  );
});

it('says what to do where the program itself cannot be loaded', () => {
  const missing = Object.assign(new Error("Cannot find package 'a' imported from b"), { code: 'ERR_MODULE_NOT_FOUND' });
  expect(failureOf(missing, { json: false, verbose: false }).text).toMatch(
    /a part of autopilot is not found.*ulimit -n/,
  );
});

it('says of nothing else that it was expected', () => {
  const { text } = failureOf(new Error('a fault'), { json: false, verbose: false });
  expect(text).toContain('This was not expected');
});

it('says of a scan that is not there that it is not there, and not that it is damaged', async () => {
  await expect(readVolume(nowhere)).rejects.toThrow(`${nowhere}: there is no such file`);
});
