import { describe, expect, it } from 'vitest';
import { resolveStudyConfig } from '../../src/config/resolve.ts';
import { studyConfig } from '../../src/config/study-config.ts';
import { taskOf } from '../../src/config/training-task.ts';

function task(more: object = {}): string {
  const base = { name: 'sim', trainer: { kind: 'simulated' }, workers: 4, epochs: 2, setting: { initialLr: 0.3 } };
  return taskOf(resolveStudyConfig(studyConfig.parse({ ...base, ...more }), '/tmp'));
}

describe('the task of a run', () => {
  it('is another one with exact arithmetic, which gives other bits', () => {
    expect(task({ compute: { exact: true } })).not.toBe(task());
    expect(task({ compute: { exact: false } })).toBe(task());
  });

  it('is another one in bf16, and the same where float32 is only named', () => {
    const trainer = { kind: 'embedded' };
    const native = { trainer, compute: { backend: 'native' } };
    const inPrecision = (precision: string) => task({ trainer, compute: { backend: 'native', precision } });
    expect(inPrecision('bf16')).not.toBe(task(native));
    expect(inPrecision('float32')).toBe(task(native));
  });

  it('is the same whatever decides about other things', () => {
    expect(task({ name: 'other', workers: 8, seed: 9, concurrentRuns: 2 })).toBe(task());
  });
});
