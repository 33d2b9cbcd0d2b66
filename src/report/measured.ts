import type { RunResult } from '../../db/index.ts';
import {
  type Doubt,
  doubtsOf,
  doubtsText,
  type MeasuredAttempt,
  type MeasuredRate,
  measurements,
} from '../domain/measured.ts';
import type { StudyOutcome } from '../domain/study.ts';
import { formatNumber } from '../domain/text/format.ts';

/** What was asked of a row's runs, what was measured, and what is in doubt. */
export interface RowMeasurement {
  /** From the last of its runs that was measured; null where nothing was stored. */
  measured: MeasuredAttempt | null;
  /** Doubts about any of its finished runs that autopilot trained; one of them makes the row unverified. */
  unverified: Doubt[];
}

export function rowMeasurement(
  runs: readonly Pick<RunResult, 'measured' | 'origin' | 'state' | 'workers'>[],
): RowMeasurement {
  const trained = runs.filter(({ origin, state }) => origin === 'trained' && state === 'finished');
  return {
    measured: runs.flatMap(({ measured }) => measured ?? []).at(-1) ?? null,
    unverified: doubtsOf(
      trained.map(({ measured, workers }) => ({ ...(measured ?? { unmeasured: [...measurements] }), workers })),
    ),
  };
}

/** `noLoss, unverified` where the runs may not be what was asked for; `not ended` before an outcome. */
export function outcomeWord(outcome: StudyOutcome | null, unverified: readonly Doubt[] = []): string {
  if (outcome === null) return 'not ended';
  return outcome === 'noLoss' && unverified.length > 0 ? 'noLoss, unverified' : outcome;
}

/** "Unverified: the trainer did not report its optimizer, so …"; empty where nothing is in doubt. */
export function unverifiedSentence(unverified: readonly Doubt[]): string {
  if (unverified.length === 0) return '';
  const unknown = measurements.some((name) => unverified.includes(name));
  const so = unknown
    ? 'it is unknown whether the runs were what was asked for'
    : 'not all runs were what was asked for';
  return `Unverified: ${doubtsText(unverified)}, so ${so}.`;
}

/** What was asked and what was measured, line by line: `workers: asked 4, measured 4`. */
export function measuredLines({
  asked,
  lr,
  steps,
  stepsPerEpoch,
  stoppedAfter,
  ...measured
}: MeasuredAttempt): string[] {
  const rates = lr?.map(rangeText).join(', ') ?? null;
  const count =
    steps === undefined ? null : `${steps}${stepsPerEpoch === undefined ? '' : `, ${stepsPerEpoch} an epoch`}`;
  return [
    against('workers', asked.workers, measured.workers),
    against('batch per worker', asked.batchPerWorker, measured.batchPerWorker),
    against('optimizer', asked.optimizer, measured.optimizer),
    against('learning rate', rangeText(asked.lr), rates),
    `optimizer steps: ${count === null ? 'not measured' : `measured ${count}`}`,
    ...(stoppedAfter === undefined ? [] : [`epochs: ended by itself after epoch ${stoppedAfter}`]),
  ];
}

function against(name: string, asked: string | number, measured: string | number | null | undefined): string {
  return `${name}: asked ${asked}, ${measured === null || measured === undefined ? 'not measured' : `measured ${measured}`}`;
}

function rangeText({ min, max, scale }: MeasuredRate): string {
  const range = min === max ? formatNumber(min) : `${formatNumber(min)} to ${formatNumber(max)}`;
  return scale === undefined || scale === 1 ? range : `${range} (${formatNumber(scale)} times the schedule's)`;
}
