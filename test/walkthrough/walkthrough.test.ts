import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { packedProject } from '../install/pack.ts';
import { present } from '../support/required.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'walkthrough.md'), 'utf8');
const python = '/usr/bin/python3';
const here =
  existsSync('/usr/share/mricron/templates/ch2.nii.gz') &&
  spawnSync(python, ['-c', 'import nibabel, numpy']).status === 0;
const possible = present('mricron', here, 'the walk-through needs Debian’s mricron-data and python3-nibabel');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;
}

it.runIf(possible)(
  'every command of docs/walkthrough.md works as it is written, from scans to masks on the scans’ own grids',
  async () => {
    const { env } = await packedProject();
    const folder = mkdtempSync(join(tmpdir(), 'walkthrough-'));
    try {
      const [prep, study] = block('yaml').split('---\n');
      writeFileSync(join(folder, 'prep.yaml'), prep!);
      writeFileSync(join(folder, 'study.yaml'), study!.replace('epochs: 12', 'epochs: 4'));
      let output = '';
      for (const line of block('sh').trim().split('\n')) {
        const command = line.replace('test/imgmed/make-decathlon.py', join(root, 'test/imgmed/make-decathlon.py'));
        const done = spawnSync('bash', ['-c', command], {
          cwd: folder,
          encoding: 'utf8',
          env,
        });
        // One iteration is all that the page's budget allows: "budgetSpent" is exit code 3.
        const expected = line.startsWith('autopilot run') ? [0, 3] : [0];
        expect(expected, `${line}\n${done.stdout}${done.stderr}`).toContain(done.status);
        output = done.stdout;
      }
      const ids = ['human_0', 'human_1', 'human_2', 'human_3', 'macaque_0'];
      expect(readdirSync(join(folder, 'predictions')).sort()).toEqual(ids.map((id) => `${id}.nii.gz`));
      expect(readdirSync(join(folder, 'pictures')).sort()).toEqual(ids.map((id) => `${id}.png`));
      expect(output).toContain('brain');
      expect(existsSync(join(folder, 'box.png'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  300_000,
);
