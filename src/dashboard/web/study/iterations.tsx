import { verdictText } from '../../../report/words.ts';
import type { AnswerAt } from '../../views.ts';
import { brief } from '../parts/format.ts';
import type { MetricWords } from '../parts/metric.ts';
import { Cell, Table, Row as TableRow, TextCell } from '../parts/table.tsx';
import { fieldWords } from '../parts/words.ts';
import { ActionName, MetricCell, type Row } from './row.tsx';

type Study = AnswerAt<`/studies/${string}`>;
type Run = Study['runList'][number];

interface Choosing {
  /** Ids of the ticked runs. */
  chosen: string[];
  choose: (ids: string[], on: boolean) => void;
}

interface IterationsProps extends Choosing {
  data: Study;
  rows: Row[];
  textOf: (metric: string) => MetricWords;
}

/** The baseline and the iterations since, row by row. */
export function Iterations({ data, rows, textOf, chosen, choose }: IterationsProps) {
  const texts = data.metrics.map(textOf);
  const columns = [
    { title: '#', number: true },
    { title: 'Action' },
    ...texts.map(({ heading }) => ({ title: heading, number: true })),
    { title: 'Verdict and why' },
    { title: 'Worker-hours', number: true },
    { title: 'Runs' },
  ];
  const isBest = ({ iteration }: Row) => iteration !== null && data.best?.iterations.includes(iteration) === true;
  return (
    <Table label="Iterations" columns={columns}>
      {rows.map((row) => (
        <TableRow key={`${row.kind} ${row.iteration}`} class={isBest(row) ? 'best' : ''}>
          <TextCell column="#" class="number">
            {row.iteration ?? '–'}
          </TextCell>
          <Cell class="action" column="Action">
            <div>
              <ActionName row={row} />
              {isBest(row) && (
                <>
                  {' '}
                  <span class="tag">best</span>
                </>
              )}
            </div>
            {row.iteration !== null &&
              row.changes.map(({ field, from, to }) => (
                <div key={field} class="quiet keep">
                  {fieldWords[field]} {brief(from)} → {brief(to)}
                </div>
              ))}
          </Cell>
          {texts.map((text) => (
            <Cell key={text.name} class="number" column={text.heading}>
              <MetricCell row={row} metrics={row.metrics} text={text} />
            </Cell>
          ))}
          <Cell class="reason" column="Verdict and why">
            <div>{verdictOf(row)}</div>
            <div class="quiet">{row.reason}</div>
          </Cell>
          <TextCell column="Worker-hours" class="number">
            {row.workerHours > 0 ? brief(row.workerHours) : '–'}
          </TextCell>
          <Cell class="runs" column="Runs">
            <RunLinks
              row={row}
              runs={data.runList.filter((run) => run.iteration === row.iteration && run.kind === row.kind)}
              chosen={chosen}
              choose={choose}
            />
          </Cell>
        </TableRow>
      ))}
    </Table>
  );
}

function verdictOf({ verdict, state }: Row): string {
  if (verdict !== null) return verdictText[verdict];
  return state === 'notTrained' ? 'not trained' : state;
}

function RunLinks({ row, runs, chosen, choose }: Choosing & { row: Row; runs: Run[] }) {
  const ids = runs.map(({ id }) => id);
  const whole = row.iteration === null ? 'the baseline' : `iteration ${row.iteration}`;
  return (
    <>
      {runs.length > 1 && (
        <label class="keep">
          <input
            type="checkbox"
            checked={ids.every((id) => chosen.includes(id))}
            onChange={(event) => choose(ids, event.currentTarget.checked)}
          />{' '}
          all of {whole}
        </label>
      )}
      {runs.map(({ id, key, state }) => (
        <div key={id} class="keep">
          <input
            type="checkbox"
            aria-label={`Compare ${key}`}
            checked={chosen.includes(id)}
            onChange={(event) => choose([id], event.currentTarget.checked)}
          />{' '}
          <a href={`#/run/${encodeURIComponent(id)}`}>{key}</a>{' '}
          {state !== 'finished' && (
            <span class={state === 'diverged' || state === 'failed' ? 'bad' : 'quiet'}>{state}</span>
          )}
        </div>
      ))}
    </>
  );
}

interface PagesProps {
  range: Study['range'];
  last: number | null;
  /** Shows the iterations before this one; null: the newest. */
  show: (before: number | null) => void;
}

/** The table's pages, newest first; nothing if one page holds all. */
export function Pages({ range: { from, to }, last, show }: PagesProps) {
  if (last === null || (from === 0 && to >= last)) return null;
  const pages = [
    { text: 'Earlier', disabled: from === 0, before: from },
    { text: 'Later', disabled: to >= last, before: 2 * to - from + 2 },
    { text: 'Newest', disabled: to >= last, before: null },
  ];
  return (
    <nav class="row" aria-label="Pages of iterations">
      <span>
        Iterations {from} to {to}, of 0 to {last}
      </span>
      {pages.map(({ text, disabled, before }) => (
        <button key={text} type="button" class="secondary" disabled={disabled} onClick={() => show(before)}>
          {text}
        </button>
      ))}
    </nav>
  );
}
