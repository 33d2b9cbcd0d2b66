import { afterEach, expect, it, vi } from 'vitest';
import { quietly } from '../../../src/imgmed/reading/quiet-pipeline.ts';

const { log } = console;
afterEach(() => {
  console.log = log;
});

it('silences pipelines that overlap, and only them', async () => {
  const heard = vi.fn();
  console.log = heard;
  let end = () => {};
  const long = quietly(async () => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    console.log('from the long one');
  });
  await quietly(async () => console.log('from the short one'));
  end();
  await long;
  expect(heard).not.toHaveBeenCalled();
  console.log('afterwards');
  expect(heard.mock.calls).toEqual([['afterwards']]);
});

it('keeps the exit code of a command that already failed, whatever a pipeline sets', async () => {
  process.exitCode = 1;
  try {
    await quietly(async () => {
      process.exitCode = 0;
    });
    await expect(
      quietly(async () => {
        process.exitCode = 0;
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(process.exitCode).toBe(1);
  } finally {
    process.exitCode = undefined;
  }
});
