import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nonInferiority, told, writeProject } from '../verdict/studies.ts';

const study = {
  decision: { ...nonInferiority, maxRuns: 6 },
  baseline: { seeds: 3 },
  guideline: 'anytime',
  scale: { workers: [2, 4] },
  compare: { workers: [2], seeds: 1, policies: ['greScale'] },
};
/**
 * The accuracy stands in a file that the command does not name, as data do. Trains long enough to have a time on a busy
 * machine too.
 */
const trainer = `const best = Number(readFileSync('best.txt', 'utf8'));
start(); await delay(100);
epochs(best); end({ dice: best + ((spec.seed % 7) - 3) * 0.0005 });`;

/** One worker ends by itself after the first of two epochs. */
const stopsEarly = `start({ measured: { workers: spec.workers, processes: 1 } }); const last = one ? 1 : spec.epochs; await delay(100); const dice = 0.9 + ((spec.seed % 7) - 3) * 0.0005;
for (let epoch = 1; epoch <= last; epoch++) report({ type: 'epoch', epoch, loss: 1 / epoch, metrics: { dice } });
report({ type: 'evaluation', split: 'test', metrics: { dice } });
report({ type: 'finished', ...(last < spec.epochs ? { stoppedAfter: last } : {}) });`;

/** By the number of workers, whether its times are measured or predicted. */
function timesOf(project: string): unknown {
  const { counts } = JSON.parse(readFileSync(join(project, 'told-scale.json'), 'utf8'));
  return counts.map(({ workers, time }: { workers: number; time: { how: string } }) => [workers, time.how]);
}

function projectWith(best: string, program = trainer): string {
  const project = writeProject({ study, trainer: program });
  writeFileSync(join(project, 'best.txt'), best);
  return project;
}

describe('a command of which only some files are known', { timeout: 240_000 }, () => {
  it('has no result of an earlier study taken over, since its data may have changed', async () => {
    const project = projectWith('0.9');
    expect((await told(project)).output).toMatch(/: noLoss/);
    writeFileSync(join(project, 'best.txt'), '0.6');
    const scaled = await told(project, 'scale', join(project, 'study.yaml'));
    expect(scaled.output).not.toContain('told.baseline');
    const { baseline } = JSON.parse(readFileSync(join(project, 'told-scale.json'), 'utf8'));
    expect(JSON.stringify(baseline)).toContain('0.6');
    expect(timesOf(project), 'a process for each worker').toEqual([
      [2, 'measured'],
      [4, 'measured'],
    ]);
    const compared = await told(project, 'compare', join(project, 'study.yaml'));
    expect(compared.output).not.toMatch(/taken from told\./);
    rmSync(project, { recursive: true, force: true });
  });

  it('has those of fewer workers taken over within a scaling, as doubtful as they were', async () => {
    const project = projectWith('0.9', stopsEarly);
    const scaled = await told(project, 'scale', join(project, 'study.yaml'));
    expect(scaled.output).toContain('taken from told-scale-k2.baseline-1');
    for (const count of ['told-scale-k2', 'told-scale-k4']) {
      const { unverified } = JSON.parse((await told(project, 'history', count, '--json')).output);
      expect(unverified, count).toContain('epochs of one worker');
    }
    expect(timesOf(project), 'one process for all workers').toEqual([
      [2, 'predicted'],
      [4, 'predicted'],
    ]);
    rmSync(project, { recursive: true, force: true });
  });
});
