import type { LabelCounts, ScanFacts } from './case-facts.ts';

/** Something wrong with a data set: what, where, and what to do about it. */
export interface Finding {
  /** Stable: `unreadable`, `geometry`, `labels`, `emptyMask`, `notFinite`, `duplicateScan`, `patientInSplits`, `orientation`, `spacing`, `constant`, `header`, `caseRefused`, `noCases`, `layout`. */
  kind: string;
  severity: 'error' | 'warning';
  /** Case ids, or empty for the data set as a whole. */
  cases: string[];
  /** One sentence: what is wrong and what to do. */
  sentence: string;
  /** Overlay picture, when there is something to see. */
  picture: string | null;
}

/** Would `prep` with a config that says nothing of it stop on the data? Where a warning does, the config can settle it, or the data are for prediction alone. */
export function stopsPrep({ kind, severity }: Pick<Finding, 'kind' | 'severity'>): boolean {
  return severity === 'error' || kind === 'labels' || kind === 'noMask';
}

/** What one worker found out about one case. */
export interface CaseReport {
  id: string;
  findings: Finding[];
  /** Null when the scan could not be read. */
  scan: ScanFacts | null;
  /** Null without a mask that can be read, or with more label values than are counted. */
  labels: LabelCounts;
  /** The case drawn, where that was asked for. */
  picture: string | null;
}
