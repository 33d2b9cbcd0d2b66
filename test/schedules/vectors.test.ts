import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { phaseAt, policyNames, scheduleFrom } from '../../schedules/index.ts';
import { type ScheduleVector, scheduleVectors } from './vectors.ts';

const file = new URL('../fixtures/schedule-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: ScheduleVector[] };

describe('the shared schedule vectors', () => {
  it('are the rates of this implementation, to 1e-12', () => {
    for (const { spec, epochs, rates, phases } of vectors) {
      const schedule = scheduleFrom(spec);
      expect(epochs.map((epoch) => phaseAt(spec, epoch))).toEqual(phases);
      for (const [index, epoch] of epochs.entries()) {
        expect(Math.abs(schedule(epoch) / rates[index]! - 1), JSON.stringify({ spec, epoch })).toBeLessThan(1e-12);
      }
    }
  });

  it('cover every policy with the specs their script makes', () => {
    expect(new Set(vectors.map(({ spec }) => spec.policy))).toEqual(new Set(policyNames));
    expect(vectors.map(({ spec }) => spec)).toEqual(scheduleVectors().map(({ spec }) => spec));
  });
});
