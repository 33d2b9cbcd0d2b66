import type { AnswerAt } from '../../views.ts';
import type { MetricWords } from '../parts/metric.ts';
import { actionWords } from '../parts/words.ts';

/** The baseline or an iteration. */
export type Row = AnswerAt<`/studies/${string}`>['iterations'][number];

export function ActionName({ row: { iteration, action } }: { row: Row }) {
  if (iteration === null || action === null) return 'Baseline, one worker';
  return actionWords[action];
}

/** A mean, its spread, and how it compares with the baseline's. */
export function MetricCell({ row, metrics, text }: { row: Row; metrics: Row['metrics']; text: MetricWords }) {
  const value = metrics[text.name];
  if (!value) return <div>–</div>;
  return (
    <>
      <div>{text.value(value.mean)}</div>
      {row.iteration !== null && (
        <div class={text.tone(value)}>
          {text.difference(value.difference)}
          <div>{text.word(value)}</div>
        </div>
      )}
      {value.sd !== null && (
        <div class="quiet keep">
          ± {text.spread(value.sd, value.mean)}, n {value.n}
        </div>
      )}
    </>
  );
}
