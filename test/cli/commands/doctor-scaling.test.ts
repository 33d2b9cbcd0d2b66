import { describe, expect, it } from 'vitest';
import { mpiStatus } from '#mpi-node';
import type { ModelAdvice } from '../../../src/cli/doctor/scaling.ts';
import { runCli } from '../run-cli.ts';

async function adviceOf(...options: string[]): Promise<ModelAdvice[]> {
  const { code, stdout } = await runCli(['doctor', '--workers', '18', '--json', ...options]);
  expect(code, stdout).toBe(0);
  return JSON.parse(stdout);
}

describe('autopilot doctor --workers', { timeout: 60_000 }, () => {
  it('advises on the thesis’s networks and says what the numbers are', async () => {
    const { code, stdout } = await runCli(['doctor', '--workers', '18']);
    expect(code).toBe(0);
    for (const text of ['U-Net of the thesis', 'FCN-8s', 'InfiniBand EDR', 'estimated', 'α', 'upper bound']) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toMatch(/gigabit Ethernet: 18 workers: \d+ % efficiency, .*not worth it/);
  });

  it('takes what the user knows', async () => {
    const options = ['--model', '250000000', '--step-seconds', '1', '--network', '10 gigabit Ethernet'];
    const [only] = await adviceOf(...options);
    expect(only).toMatchObject({ source: 'given: --step-seconds', cost: { gradientBytes: 1e9, computeSeconds: 1 } });
    // 2·5·20 µs + 2·17/18·1 GB / 1.17 GB/s
    expect(only!.advice).toHaveLength(1);
    expect(only!.advice[0]!.exchangeSeconds).toBeCloseTo(0.0002 + (34 / 18) * (1 / 1.17), 6);
  });

  it.runIf(mpiStatus().available)('measures this machine when it is asked to', async () => {
    const [unet] = await adviceOf('--measure', '--model', 'unet', '--network', 'this machine');
    expect(unet!.source).toMatch(/^measured here: 4 slices of 64×64 a step/);
    const { network, efficiency } = unet!.advice[0]!;
    expect(network).toMatchObject({ name: 'this machine', source: expect.stringContaining('fitted to allreduces') });
    expect(network.bytesPerSecond).toBeGreaterThan(1e6);
    expect(efficiency).toBeGreaterThan(0);
    expect(efficiency).toBeLessThanOrEqual(1);
  });

  it.each([
    [['--network', 'token ring'], /"token ring" is not known/],
    [['--network', 'this machine'], /add --measure/],
    [['--model', '1000'], /--step-seconds/],
    [['--model', 'resnet'], /neither unet, fcn nor a number of parameters/],
    [['--study', 'atrium', '--project', '/nowhere'], /nowhere/],
  ])('refuses %s and says what to do', async (options, message) => {
    const { code, stdout } = await runCli(['doctor', '--workers', '18', '--json', ...options]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.message).toMatch(message);
  });

  it.each([['0'], ['two']])('wants a whole number of workers, not %s', async (workers) => {
    expect((await runCli(['doctor', '--workers', workers])).code).toBe(2);
  });
});
