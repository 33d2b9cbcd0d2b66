import type { LabelCounts, ScanFacts } from './case-facts.ts';

/** Something wrong with a data set: what, where, and what to do about it. */
export interface Finding {
  /**
   * Stable: `unreadable`, `geometry`, `labels`, `emptyMask`, `notFinite`, `duplicateScan`, `patientInSplits`,
   * `orientation`, `spacing`, `constant`, `channels`, `header`, `caseRefused`, `noMask`, `noCases`, `layout`.
   */
  kind: string;
  severity: 'error' | 'warning';
  /** Case ids, or empty for the data set as a whole. */
  cases: string[];
  /** One sentence: what is wrong and what to do. */
  sentence: string;
  /** Overlay picture, when there is something to see. */
  picture: string | null;
}

/**
 * Whether `prep` would stop on the data if its config ignores the finding. For a warning, the config can settle it, or
 * the data are for prediction alone.
 */
export function stopsPrep({ kind, severity }: Pick<Finding, 'kind' | 'severity'>): boolean {
  return severity === 'error' || kind === 'labels' || kind === 'noMask';
}

/** A worker's report on one case. */
export interface CaseReport {
  id: string;
  findings: Finding[];
  /** Null when the scan could not be read. */
  scan: ScanFacts | null;
  /** Null without a readable mask, or with more than `mostLabels` label values. */
  labels: LabelCounts;
  /** Path of the case's picture, where `illustrate` asked for one. */
  picture: string | null;
}
