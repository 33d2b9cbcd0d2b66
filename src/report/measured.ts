import type { RunResult } from '../../db/index.ts';
import { formatNumber } from '../domain/format.ts';
import {
  type MeasuredAttempt,
  type MeasuredRate,
  type Measurement,
  measurements,
  unreported,
} from '../domain/measured.ts';
import type { StudyOutcome } from '../domain/study.ts';

/** What a row's runs were asked to be, what they were measured to be, and what of it nobody reported. */
export interface RowMeasurement {
  /** Of the last of its runs; null where nothing was stored. */
  measured: MeasuredAttempt | null;
  /** Of any of its finished runs that autopilot trained; with one of these the row is unverified. */
  unverified: Measurement[];
}

export function rowMeasurement(runs: readonly Pick<RunResult, 'measured' | 'origin' | 'state'>[]): RowMeasurement {
  const trained = runs.filter(({ origin, state }) => origin === 'trained' && state === 'finished');
  return {
    measured: runs.flatMap(({ measured }) => measured ?? []).at(-1) ?? null,
    unverified: measurements.filter((name) =>
      trained.some(({ measured }) => measured === null || measured.unmeasured.includes(name)),
    ),
  };
}

/** `noLoss, unverified` where nobody knows whether the runs were what was asked; `not ended`. */
export function outcomeWord(outcome: StudyOutcome | null, unverified: readonly Measurement[] = []): string {
  if (outcome === null) return 'not ended';
  return outcome === 'noLoss' && unverified.length > 0 ? 'noLoss, unverified' : outcome;
}

/** "Unverified: the trainer did not report its optimizer."; empty where everything was. */
export function unverifiedSentence(unverified: readonly Measurement[]): string {
  if (unverified.length === 0) return '';
  return `Unverified: ${unreported(unverified)}, so nobody knows whether the runs were what was asked.`;
}

/** What was asked and what was measured, line by line: `workers 4, measured 4`. */
export function measuredLines({ asked, lr, steps, stepsPerEpoch, ...measured }: MeasuredAttempt): string[] {
  const rates = lr?.map(rangeText).join(', ') ?? null;
  const count =
    steps === undefined ? null : `${steps}${stepsPerEpoch === undefined ? '' : `, ${stepsPerEpoch} an epoch`}`;
  return [
    against('workers', asked.workers, measured.workers),
    against('batch per worker', asked.batchPerWorker, measured.batchPerWorker),
    against('optimizer', asked.optimizer, measured.optimizer),
    against('learning rate', rangeText(asked.lr), rates),
    `optimizer steps: measured ${count ?? 'by nobody'}`,
  ];
}

function against(name: string, asked: string | number, measured: string | number | null | undefined): string {
  return `${name}: asked ${asked}, measured ${measured ?? 'by nobody'}`;
}

function rangeText({ min, max, scale }: MeasuredRate): string {
  const range = min === max ? formatNumber(min) : `${formatNumber(min)} to ${formatNumber(max)}`;
  return scale === undefined || scale === 1 ? range : `${range} (${formatNumber(scale)} times the schedule's)`;
}
