/** A number as JSON carries it to the page: one that is not finite is sent as text (`answers.ts`). */
export type SentNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** Measured fields, which may be NaN; so may numbers under names that a trainer chose, such as its metrics. */
type Measured = 'loss' | 'lr' | 'noiseScale' | 'mean' | 'sd' | 'difference' | 'low' | 'high' | 'means';

type SentMeasured<T> = T extends number
  ? SentNumber
  : T extends readonly unknown[]
    ? { [At in keyof T]: SentMeasured<T[At]> }
    : Sent<T>;

/** A view's data as the page receives it. */
export type Sent<T> = T extends object
  ? {
      [Name in keyof T]: Name extends Measured
        ? SentMeasured<T[Name]>
        : string extends Name
          ? SentMeasured<T[Name]>
          : Sent<T[Name]>;
    }
  : T;
