import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { mainWords, runCli } from '../cli/run-cli.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

const cases = 12;

/** Every file that the trainer reads, and the splits. */
const resultOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name !== '.cache')
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

it('goes on after kill -9 in the middle of a case, and ends with the files of an undisturbed run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'killed-prep-'));
  try {
    for (const part of ['images', 'masks']) mkdirSync(join(folder, 'scans', part), { recursive: true });
    for (let index = 0; index < cases; index++) {
      const scan = sampleScan([48, 48, 24]);
      scan.data[0] = index;
      await writeVolume(scan, join(folder, 'scans/images', `case${index}.nii`));
      await writeVolume(sampleMask([48, 48, 24]), join(folder, 'scans/masks', `case${index}.nii`));
    }
    // Changed copies make a case take long enough to be killed inside it.
    const config = (output: string) => ({ input: 'scans', output, name: 'same', augment: { copies: 3 } });
    const neutral = (folder: string) =>
      resultOf(folder).map(([name, data]) => [
        name,
        name === 'manifest.json'
          ? Buffer.from(data!, 'base64')
              .toString()
              .replaceAll(/whole|killed/g, 'output')
          : data,
      ]);
    for (const name of ['whole', 'killed']) writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(config(name)));
    const argv = [...mainWords, 'prep', 'killed.yaml', '--workers', '2'];
    const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let lines = '';
    for await (const text of child.stderr.setEncoding('utf8')) {
      lines += text;
      if (!lines.includes(`3/${cases} `)) continue;
      child.kill('SIGKILL');
      break;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    expect(readdirSync(join(folder, 'killed'))).not.toContain('manifest.json');
    const again = await runCli(['prep', 'killed.yaml', '--workers', '2', '--json'], { cwd: folder });
    expect(again.code, again.stderr).toBe(0);
    const { reused } = JSON.parse(again.stdout) as { reused: number };
    expect(reused).toBeGreaterThanOrEqual(3);
    expect(reused).toBeLessThan(cases);
    expect((await runCli(['prep', 'whole.yaml', '--workers', '1'], { cwd: folder })).code).toBe(0);
    expect(neutral(join(folder, 'killed'))).toEqual(neutral(join(folder, 'whole')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
