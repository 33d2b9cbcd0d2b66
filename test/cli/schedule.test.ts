import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { command } from '../../src/cli/commands/schedule.ts';

const flags = ['--workers', '4', '--epochs', '8', '--initial-lr', '0.1', '--warmup', '3', '--decay', '3'];

async function print(...argv: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await command().exitOverride().parseAsync(argv, { from: 'user' });
    return write.mock.calls.map(([text]) => text).join('');
  } finally {
    write.mockRestore();
  }
}

describe('autopilot schedule', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'autopilot-schedule-'));
    folders.push(made);
    return made;
  };

  it('plots the three phases with their numbers', async () => {
    const text = await print(...flags);
    expect(text).toContain('GreScale: learning rate over 8 epochs, 4 workers, initial rate 0.1');
    expect(text).toMatch(/├─+ warmup ─+┤├─* stabilization ─*┤├─+ decay ─+┤/);
    expect(text).toMatch(/warmup +epoch 0 to 3 +3 epochs +rate 0.1 to 0.4\n/);
    expect(text).toMatch(/stabilization +epoch 3 to 5 +2 epochs +rate 0.4\n/);
    expect(text).toMatch(/decay +epoch 5 to 8 +3 epochs +rate 0.4 to 0.01991\n/);
    // The top line of the chart is full in stabilization, and only there.
    expect(text).toMatch(/0\.4 ┤ {20,}[▁▂▃▄▅▆▇█]*█{18}[▁▂▃▄▅▆▇█]*\n/);
  });

  it('prints CSV by epoch and by step', async () => {
    const byEpoch = (await print(...flags, '--csv')).trimEnd().split('\n');
    expect(byEpoch.slice(0, 2)).toEqual(['epoch,phase,lr', '0,warmup,0.1']);
    expect(byEpoch[6]).toBe('5,decay,0.4');
    expect(byEpoch).toHaveLength(10);
    const byStep = (await print(...flags, '--csv', '--steps-per-epoch', '2')).trimEnd().split('\n');
    expect(byStep.slice(0, 2)).toEqual(['step,epoch,phase,lr', '0,0,warmup,0.1']);
    expect(byStep[2]).toMatch(/^1,0.5,warmup,0.15/);
    expect(byStep).toHaveLength(18);
  });

  it('prints the schedule as run.json has it', async () => {
    const { schedule, phases, lrPerEpoch } = JSON.parse(await print(...flags, '--json'));
    expect(schedule).toMatchObject({ policy: 'greScale', warmupEpochs: 3, decayEpochs: 3, decayShape: 'exponential' });
    expect(phases[2]).toEqual({ phase: 'decay', from: 5, to: 8 });
    expect(lrPerEpoch.slice(3, 6)).toEqual([0.4, 0.4, 0.4]);
  });

  it('writes a picture with every phase named', async () => {
    const file = join(folder(), 'schedule.svg');
    expect(await print(...flags, '--svg', file)).toBe(`Wrote ${file}.\n`);
    const svg = readFileSync(file, 'utf8');
    for (const name of ['warmup', 'stabilization', 'decay']) expect(svg).toContain(`>${name}</text>`);
    expect(svg).not.toContain('NaN');
  });

  it("shows a study's schedule, and what a flag would change", async () => {
    const directory = folder();
    const study = 'name: s\ntrainer: { kind: simulated }\nworkers: 18\nepochs: 40\nsetting: { initialLr: 0.5 }\n';
    writeFileSync(join(directory, 'study.yaml'), study);
    const asIs = JSON.parse(await print(directory, '--json')).schedule;
    expect(asIs).toMatchObject({ workers: 18, epochs: 40, initialLr: 0.5, warmupEpochs: 5, decayEpochs: 15 });
    const changed = JSON.parse(await print(directory, '--json', '--initial-lr', '0.25')).schedule;
    expect(changed).toEqual({ ...asIs, initialLr: 0.25 });
    const other = JSON.parse(await print(directory, '--json', '--policy', 'cosine')).schedule;
    expect(other).toMatchObject({ policy: 'cosine', workers: 18, warmupEpochs: 5, finalLr: 0.09 });
  });

  it.each([
    [['--policy', 'constant', '--scaling', 'squareRoot'], { scaling: 'squareRoot' }],
    [['--policy', 'constantWarmup', '--warmup', '2'], { warmupEpochs: 2 }],
    [['--policy', 'gradualWarmup'], { warmupEpochs: 5, milestones: [12, 24, 32], factor: 0.1 }],
    [['--policy', 'exponential'], { decayCoefficient: 3 }],
    [['--policy', 'polynomial', '--power', '2'], { power: 2, finalLr: 0.09 }],
    [['--policy', 'staircase', '--milestones', '10,20', '--factor', '0.5'], { milestones: [10, 20], factor: 0.5 }],
    [['--policy', 'cyclic'], { maximumLr: 9, cycleEpochs: 10 }],
  ])('fills in the defaults of %j', async (policy, expected) => {
    const base = ['--workers', '18', '--epochs', '40', '--initial-lr', '0.5'];
    expect(JSON.parse(await print(...base, ...policy, '--json')).schedule).toMatchObject(expected);
  });

  it.each([
    [['--warmup', '6'], /warmupEpochs \+ decayEpochs is 6 \+ 3/, 'schedule.impossible'],
    [['--factor', '0.1'], /--factor does not apply to the policy greScale/, 'usage.schedule'],
    [['--svg', '/nowhere/at/all.svg'], /--svg \/nowhere\/at\/all.svg cannot be written/, 'schedule.write'],
    [['--csv', '--steps-per-epoch', '0'], /from 1 to 1000000/, 'commander.invalidArgument'],
  ])('refuses %j with a reason', async (wrong, message, code) => {
    const failure = print(...flags, ...wrong);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code });
  });
});
