import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { niftiFile } from '../imgmed/nifti-file.ts';
import { type PackedProject, packedProject } from '../install/pack.ts';
import { codeBlocks, needs } from './code-blocks.ts';

/** Pages whose commands are typed one after the other into one folder, from README's `init` on. */
const pages = [
  'README.md',
  'docs/schedules.md',
  'docs/compare.md',
  'docs/scaling.md',
  'docs/security.md',
  'docs/store.md',
  'docs/cluster.md',
  'docs/imgmed.md',
  'docs/model-zoo.md',
];
const blocks = codeBlocks().filter(
  ({ page, language, text }) =>
    pages.includes(page) && ['', 'sh'].includes(language) && needs(text) === null && text.startsWith('autopilot '),
);

describe('with what npm pack makes, in a folder that had nothing', () => {
  let project: PackedProject;
  const folder = mkdtempSync(join(tmpdir(), 'reader-'));
  const at = { cwd: folder, encoding: 'utf8' as const };

  beforeAll(async () => {
    project = await packedProject();
    // The study and the scans that the pages speak of.
    type('autopilot init . --name cerebellum --yes --trainer simulated --epochs 4 --rule thesis');
    type('autopilot run');
    const values = Array.from({ length: 16 ** 3 }, (_, index) => index % 256);
    const scan = gzipSync(niftiFile({ datatype: 2, bytes: 1, values, dims: [3, 16, 16, 16], spacing: [4, 4, 4] }));
    mkdirSync(join(folder, 'scans'));
    for (const file of ['scan.nii.gz', 'scans/human.nii.gz']) writeFileSync(join(folder, file), scan);
  }, 120_000);

  /** Types a line; 3 is a study's proper end without "no loss". */
  function type(line: string): string {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { ...at, env: project.env });
    expect([0, 3], `${line}\n${stdout}${stderr}`).toContain(status);
    return stdout;
  }

  it.each(blocks)('$at works as it is written', { timeout: 120_000 }, async ({ text }) => {
    for (const line of text.trim().split('\n')) {
      const [, name] = /^autopilot (\S+)/.exec(line) ?? [];
      if (name === 'dashboard') await serve(line);
      // A terminal would be asked for these.
      else if (name === 'init') type(line.replace('#', '--yes --trainer simulated --epochs 4 --rule thesis #'));
      // Hours of training.
      else if (name === 'compare' || name === 'scale') type(line.replace(/(?= {2,}#|$)/, ' --dry-run'));
      else type(line);
    }
  });

  /** Serves until it has said where. */
  async function serve(line: string): Promise<void> {
    const page = spawn('bash', ['-c', `exec ${line.replace(/(?= {2,}#|$)/, ' --port 0')}`], {
      cwd: folder,
      env: project.env,
    });
    const [said] = await once(page.stdout, 'data');
    expect(String(said)).toContain('http://127.0.0.1:');
    page.kill();
    expect((await once(page, 'close'))[0]).toBe(0);
  }

  it('has typed most blocks of the pages that need no more', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(9);
  });
});
