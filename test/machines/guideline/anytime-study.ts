import {
  advance,
  type GuidelineInput,
  type GuidelineState,
  outcome,
  pendingRuns,
  resolveGuideline,
  start,
} from '../../../machines/guideline/index.ts';
import type { Setting } from '../../../src/domain/setting.ts';
import type { GuidelineEvent } from '../../../src/domain/study.ts';
import { eventOf, inputOf, setting } from './drive.ts';

export const guideline = resolveGuideline('anytime');
export const rule = { rule: 'nonInferiority' as const, metrics: ['dice'], margin: 0.01, alpha: 0.05, maxRuns: 6 };
export const named = { ...setting, epochs: 40 };

export function input(overrides: Partial<GuidelineInput> = {}): GuidelineInput {
  return inputOf({ guideline, rule, baseline: { runs: 5, setting: named }, setting: named, ...overrides });
}

/** Dice of a run by its setting; the baseline has 0.800 ± 0.002. Null: it diverges. */
export type Dice = (setting: Setting, key: string) => number | null;

interface Ways {
  order?: (keys: string[]) => string[];
  onTest?: Dice;
  given?: Extract<GuidelineEvent, { type: 'baseline.given' }>;
}

/** A study by `anytime`, played to its end. */
export function study(
  dice: Dice,
  overrides: Partial<GuidelineInput> = {},
  { order = (keys) => keys, onTest, given }: Ways = {},
): GuidelineState {
  let state = start(input(overrides));
  if (given !== undefined) state = advance(state, given);
  for (let step = 0; outcome(state) === null; step++) {
    if (step > 400) throw new Error('the study does not end');
    const pending = new Map(pendingRuns(state).map((request) => [request.key, request]));
    for (const key of order([...pending.keys()])) {
      const { kind, repeat, setting: its } = pending.get(key)!;
      const value = kind === 'baseline' ? 0.798 + 0.001 * (repeat - 1) : dice(its, key);
      const answer =
        value === null ? ({ kind: 'diverged' } as const) : ({ kind: 'finished', dice: value, iou: value } as const);
      const event = eventOf(key, answer);
      const test = kind === 'baseline' ? value : onTest?.(its, key);
      // The runs that settings are chosen by are not evaluated on the test part.
      const apart = onTest && kind !== 'iteration' && event.type === 'run.finished' && typeof test === 'number';
      state = advance(
        state,
        apart ? { ...event, split: 'validation', confirming: { metrics: { dice: test }, split: 'test' } } : event,
      );
    }
  }
  return state;
}

/** Numbers that look like noise and depend on nothing but the key. */
export function luck(key: string): number {
  const hash = [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1009, 7);
  return (((hash * 617) % 1009) / 1009 - 0.5) * 0.008;
}

/** What is lost by another rate than the best. */
export const away = (initialLr: number) => 0.01 * Math.abs(Math.log2(initialLr / 0.25));
