import { useEffect } from 'preact/hooks';
import { count } from '../../../domain/text/format.ts';
import { outcomeLabel } from '../../../report/words.ts';
import type { AnswerAt } from '../../views.ts';
import { Status } from '../parts/activity.tsx';
import { type ChangeView, useAddress } from '../parts/address.ts';
import { useData } from '../parts/data.ts';
import { duration, madeText, moment } from '../parts/format.ts';

type Study = AnswerAt<'/studies'>['studies'][number];

const newestFirst = (a: Study, b: Study) => b.createdMs - a.createdMs;

const orders: Record<string, [label: string, compare: (a: Study, b: Study) => number]> = {
  newest: ['Newest first', newestFirst],
  oldest: ['Oldest first', (a, b) => a.createdMs - b.createdMs],
  name: ['Name', (a, b) => a.name.localeCompare(b.name)],
  workers: ['Most workers first', (a, b) => b.workers - a.workers],
  longest: ['Longest first', (a, b) => took(b) - took(a)],
};

function took({ createdMs, endedMs }: Study): number {
  return endedMs === null ? 0 : endedMs - createdMs;
}

const together = () => '';

/** The ways to group studies. */
const groupings: Record<string, [label: string, group: (study: Study) => string]> = {
  '': ['Nothing', together],
  outcome: ['Outcome', ({ outcome }) => (outcome === null ? 'Not ended' : outcomeLabel[outcome])],
  host: ['Host', ({ made }) => made.host ?? 'Unknown host'],
  user: ['User', ({ made }) => made.user ?? 'Unknown user'],
  version: ['Version', ({ made }) => made.version ?? 'Unknown version'],
  month: ['Month', ({ made }) => made.created.slice(0, 7)],
};

/** The text that the list shows of a study, in lower case, for searching. */
function words({ name, reason, lastReason, made }: Study): string {
  return `${name} ${reason ?? lastReason ?? ''} ${madeText(made)}`.toLowerCase();
}

const defaults = { find: '', only: '', order: 'newest', group: '' };

export function StudiesPage() {
  const { data, error } = useData('/studies');
  const [view, change] = useAddress(defaults);
  useEffect(() => {
    document.title = 'Studies · GreScale autopilot';
  }, []);
  if (error)
    return (
      <>
        <h1>Studies</h1>
        <p class="bad">{error}</p>
      </>
    );
  if (!data) return <p class="quiet">Loading …</p>;
  if (data.studies.length === 0)
    return (
      <>
        <h1>No studies yet</h1>
        <p>
          Start one on <a href="#/new">New study</a>, or with <code>autopilot run study.yaml</code>.
        </p>
      </>
    );
  const [, compare] = (Object.hasOwn(orders, view.order) && orders[view.order]) || ['', newestFirst];
  const shown = data.studies
    .filter((study) => words(study).includes(view.find.trim().toLowerCase()))
    .filter((study) => wanted(study, view.only))
    .sort(compare);
  const [, groupOf] = groupings[view.group] ?? ['', together];
  const groups = [...new Set(shown.map(groupOf))];
  return (
    <>
      <h1>Studies</h1>
      <p class="quiet">Can each network be trained on many workers with no loss against one?</p>
      {data.scalings.length > 0 && <Scalings scalings={data.scalings} />}
      <Search studies={data.studies} view={view} change={change} />
      <p class="quiet" role="status">
        {shown.length} of {data.studies.length === 1 ? '1 study' : `${data.studies.length} studies`}
      </p>
      {groups.map((group) => (
        <>
          {group && <h2>{group}</h2>}
          <Cards studies={shown.filter((study) => groupOf(study) === group)} />
        </>
      ))}
    </>
  );
}

/** Lists the scalings: when, where and by whom each was made. */
function Scalings({ scalings }: Pick<AnswerAt<'/studies'>, 'scalings'>) {
  return (
    <>
      <p>How many workers:</p>
      <ul class="cards">
        {scalings.map((one) => (
          <li key={one.name}>
            <a href={`#/scale/${encodeURIComponent(one.name)}`}>{one.name}</a>
            <MadeLine {...one} />
          </li>
        ))}
      </ul>
    </>
  );
}

type MadeLineProps = Pick<Study, 'createdMs' | 'endedMs' | 'made' | 'simulated'> & { before?: string };

/** When, where, by whom and with which version it was made, and how long it took. */
function MadeLine({ before = '', createdMs, endedMs, made, simulated }: MadeLineProps) {
  const when = `started ${moment(createdMs)}`;
  const length = endedMs === null ? [] : [`took ${duration(endedMs - createdMs)}`];
  return (
    <div class="quiet">
      {before}
      {[when, ...length, madeText(made)].filter(Boolean).join(', ')}
      {simulated && (
        <>
          {' · '}
          <span class="warn">simulated</span>
        </>
      )}
    </div>
  );
}

interface SearchProps {
  studies: readonly Study[];
  view: typeof defaults;
  change: ChangeView<typeof defaults>;
}

function Search({ studies, view, change }: SearchProps) {
  const outcomes = [...new Set(studies.flatMap(({ outcome }) => outcome ?? []))];
  const labels = (entries: Record<string, [label: string, ...rest: unknown[]]>) =>
    Object.entries(entries).map(([value, [label]]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ));
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is newer than the browsers of a cluster's login node
    <form class="fields" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Search names, reasons, hosts, users</span>
        <input type="search" value={view.find} onInput={(event) => change({ find: event.currentTarget.value })} />
      </label>
      <label class="field">
        <span>Show</span>
        <select value={view.only} onChange={(event) => change({ only: event.currentTarget.value })}>
          <option value="">All</option>
          <option value="ended">Ended</option>
          <option value="open">Not ended</option>
          {outcomes.map((outcome) => (
            <option key={outcome} value={outcome}>
              {outcomeLabel[outcome]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Order</span>
        <select value={view.order} onChange={(event) => change({ order: event.currentTarget.value })}>
          {labels(orders)}
        </select>
      </label>
      <label class="field">
        <span>Group by</span>
        <select value={view.group} onChange={(event) => change({ group: event.currentTarget.value })}>
          {labels(groupings)}
        </select>
      </label>
    </form>
  );
}

/** `only`: empty for all, `ended`, `open` for not ended, or an outcome. */
function wanted({ endedMs, outcome }: Study, only: string): boolean {
  if (only === '') return true;
  return only === 'ended' || only === 'open' ? (only === 'ended') === (endedMs !== null) : outcome === only;
}

function Cards({ studies }: { studies: readonly Study[] }) {
  return (
    <ul class="cards">
      {studies.map((study) => (
        <li key={study.name}>
          <div class="head">
            <a href={`#/study/${encodeURIComponent(study.name)}`}>{study.name}</a>
            <strong>
              <Status outcome={study.outcome} unverified={study.unverified} activity={study.activity} />
            </strong>
          </div>
          <div>{study.reason ?? study.lastReason ?? 'The baseline is being trained.'}</div>
          <MadeLine
            {...study}
            before={`${count(study.workers, 'worker')}, ${count(study.epochs, 'epoch')} per run · `}
          />
        </li>
      ))}
    </ul>
  );
}
