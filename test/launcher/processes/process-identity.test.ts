import { execFileSync } from 'node:child_process';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startDate } from '../../../src/launcher/processes/process-identity.ts';

const asItIs = () => execFileSync('ps', ['-o', 'lstart=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();

it("reads a process's start from ps alike in every time zone and language that it is started in", () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const [inUtc, ...elsewhere] = [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'JST-9', LC_ALL: 'C' },
    { TZ: 'EST5EDT', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' },
  ].map((environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    return { ours: startDate(process.pid), plain: asItIs() };
  });
  // What ps says by itself does depend on them, so that this test can fail.
  for (const { plain } of elsewhere) expect(plain).not.toBe(inUtc!.plain);
  for (const { ours } of elsewhere) expect(ours).toBe(inUtc!.ours);
  expect(Date.parse(`${inUtc!.ours} UTC`)).toBeLessThan(Date.now());
});

it('finds no start of a process that there is not', () => {
  expect(startDate(2 ** 22 + 1)).toBeNull();
});
