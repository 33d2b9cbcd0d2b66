/** A number as JSON brings it to the page: one that is not finite travels as text (`answers.ts`). */
export type SentNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** Fields that are measured, so that they may be NaN; as may numbers by names that a trainer chose, such as its metrics. */
type Measured = 'loss' | 'lr' | 'noiseScale' | 'mean' | 'sd' | 'difference' | 'low' | 'high' | 'means';

type SentMeasured<T> = T extends number
  ? SentNumber
  : T extends readonly unknown[]
    ? { [At in keyof T]: SentMeasured<T[At]> }
    : Sent<T>;

/** What the page has of what a view reads. */
export type Sent<T> = T extends object
  ? {
      [Name in keyof T]: Name extends Measured
        ? SentMeasured<T[Name]>
        : string extends Name
          ? SentMeasured<T[Name]>
          : Sent<T[Name]>;
    }
  : T;
