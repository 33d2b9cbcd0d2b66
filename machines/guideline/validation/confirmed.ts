import { epochsOf, type Setting } from '../../../src/domain/setting.ts';
import type { Iteration } from '../../../src/domain/study.ts';
import type { GuidelineContext } from '../context.ts';

/** The iteration confirmed last, which is the fastest of those confirmed; null if none was. */
export function confirmedIteration({ iterations, confirmed }: GuidelineContext): Iteration | null {
  return iterations.find(({ number }) => number === confirmed?.iteration) ?? null;
}

/** Whether a setting trains fewer epochs than the confirmed one. */
export function isFaster(context: GuidelineContext, setting: Setting): boolean {
  const confirmed = confirmedIteration(context);
  const { epochs } = context.input;
  return confirmed !== null && epochsOf(setting, epochs) < epochsOf(confirmed.setting, epochs);
}
