import { useEffect, useRef, useState } from 'preact/hooks';
import type { Choices, Job, Tool } from '../../work.ts';
import { JobCard } from '../jobs/job-card.tsx';
import { type AskedField, type FormValues, type ToolStep, tools } from '../jobs/tools.ts';
import { ask, Field, PathField, useChoices, useWork } from '../parts/work.tsx';

/** Commands on folders of the server, and the jobs started by the page. `query`: which form is open, and its values. */
export function WorkPage({ query }: { query: string }) {
  const work = useWork();
  // Models and runs that a job produced are offered once it has ended.
  const ended = work?.jobs.filter(({ state }) => state !== 'running').length ?? 0;
  const choices = useChoices(ended);
  const [startedId, setStartedId] = useState(new URLSearchParams(query).get('started'));
  useEffect(() => {
    document.title = 'Work · GreScale autopilot';
  }, []);
  if (!work) return <p class="quiet">Loading …</p>;
  if (work.roots.length === 0) return <NothingToStart title="Work" />;
  const given = Object.fromEntries(new URLSearchParams(query));
  return (
    <>
      <h1>Work</h1>
      <p class="quiet">
        From a folder of scans to evaluated predictions, step by step, on folders of this server below{' '}
        {work.roots.join(' or ')}.
      </p>
      <ol class="steps">
        {tools.map((tool) => {
          if (tool.kind === 'study')
            return (
              <li key={tool.kind}>
                <a class="step" href={tool.href}>
                  {tool.title}
                </a>{' '}
                <span class="quiet">{tool.does}</span>
              </li>
            );
          const own = given.open === tool.kind ? given : null;
          return (
            <li key={tool.kind}>
              <ToolForm
                key={own ? query : ''}
                tool={tool}
                given={own}
                roots={work.roots}
                choices={choices}
                onStart={setStartedId}
              />
            </li>
          );
        })}
      </ol>
      <h2>Started here</h2>
      {work.jobs.length === 0 && <p class="quiet">Nothing yet.</p>}
      <ul class="cards">
        {work.jobs.map((job) => (
          <JobCard key={job.id} job={job} runs={choices?.runs} focused={job.id === startedId} />
        ))}
      </ul>
    </>
  );
}

/** Shown if the dashboard was started without folders. */
export function NothingToStart({ title }: { title: string }) {
  return (
    <>
      <h1>{title}</h1>
      <p>
        This dashboard cannot start jobs. Restart it with <code>autopilot dashboard --root FOLDER</code>, the folder
        with your data.
      </p>
    </>
  );
}

/** A form's initial values: those it was opened with, else its own. */
function firstValues(fields: readonly AskedField[], given: FormValues | null, root: string): FormValues {
  const own = fields
    .filter(({ from }) => from === undefined)
    .map(({ name, kind, value }) => [name, given?.[name] ?? value ?? (kind === 'path' ? `${root}/` : '')]);
  return { ...Object.fromEntries(own), ...given, open: undefined };
}

/** An option of a select; `study`: the study it belongs to. */
interface Offer {
  value: string;
  text: string;
  study?: string;
}

function offersOf({ kind }: AskedField, choices: Choices | null): Offer[] | undefined {
  if (kind === 'run') return choices?.runs.map(({ id, study, text }) => ({ value: id, text, study }));
  if (kind === 'model') return choices?.models.map(({ name, text }) => ({ value: name, text }));
  return undefined;
}

interface ToolFormProps {
  tool: ToolStep;
  given: FormValues | null;
  roots: readonly string[];
  choices: Choices | null;
  onStart: (id: string) => void;
}

function ToolForm({ tool, given, roots, choices, onStart }: ToolFormProps) {
  const { kind, title, does, preview } = tool;
  const fields: readonly AskedField[] = tool.fields;
  const [values, setValues] = useState(() => firstValues(fields, given, roots[0] ?? ''));
  const [open, setOpen] = useState(given !== null);
  const [said, setSaid] = useState({ text: '', bad: false });
  const form = useRef<HTMLFormElement>(null);
  const shown = (field: AskedField): string => {
    const typed = values[field.name];
    if (typed) return typed;
    const offers = offersOf(field, choices) ?? [];
    const first = offers.find(({ study }) => !values.study || study === undefined || study === values.study);
    return first?.value ?? typed ?? field.from?.(values, roots) ?? '';
  };
  useEffect(() => {
    if (given) form.current?.querySelector<HTMLElement>('input, select')?.focus();
  }, []);
  const start = async (asked: Tool['kind'], event: Event) => {
    event.preventDefault();
    const body = fields.map((field) => [field.name, field.kind === 'number' ? Number(shown(field)) : shown(field)]);
    setSaid({ text: 'Starting …', bad: false });
    const answer = await ask<Job>('/jobs', { kind: asked, ...Object.fromEntries(body) });
    if (answer.error !== undefined) return setSaid({ text: answer.error, bad: true });
    setSaid({ text: 'Started; its output is below.', bad: false });
    onStart(answer.id);
  };
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      <form class="fields" ref={form} aria-label={title} onSubmit={(event) => start(kind, event)}>
        <p class="quiet">{does}</p>
        {fields.map((field) => (
          <Asked
            key={field.name}
            field={field}
            roots={roots}
            offers={offersOf(field, choices)}
            value={shown(field)}
            onValue={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        <p class="row">
          <button type="submit">{title}</button>
          {preview && (
            <button type="button" class="secondary" onClick={(event) => start('preview', event)}>
              {preview}
            </button>
          )}
          <span role="status" class={said.bad ? 'bad' : ''}>
            {said.text}
          </span>
        </p>
      </form>
    </details>
  );
}

interface AskedProps {
  field: AskedField;
  roots: readonly string[];
  /** Options for a run or a model; undefined while they are loading. */
  offers: Offer[] | undefined;
  value: string;
  onValue: (value: string) => void;
}

function Asked({ field, roots, offers, value, onValue }: AskedProps) {
  const { label, hint, kind, options = [] } = field;
  const set = (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value);
  switch (kind) {
    case 'path':
      return <PathField label={label} hint={hint} value={value} onValue={onValue} roots={roots} />;
    case 'area':
      return (
        <Field label={label} hint={hint}>
          <textarea class="code" rows={3} spellcheck={false} value={value} onInput={set} />
        </Field>
      );
    case 'select':
      return (
        <Field label={label} hint={hint}>
          <select value={value} onChange={set}>
            {options.map((option) => (
              <option key={option} value={option}>
                {option}
              </option>
            ))}
          </select>
        </Field>
      );
    case 'run':
    case 'model':
      return (
        <Field label={label} hint={hint}>
          <select value={value} disabled={!offers?.length} onChange={set}>
            {!offers?.length && (
              <option value="">{offers ? 'none yet: a study on slices makes them' : 'loading …'}</option>
            )}
            {offers?.map((offer) => (
              <option key={offer.value} value={offer.value}>
                {offer.text}
              </option>
            ))}
          </select>
        </Field>
      );
    case 'number':
      return (
        <Field label={label} hint={hint}>
          <input type="number" min="0" step="any" value={value} onInput={set} />
        </Field>
      );
    case 'text':
      return (
        <Field label={label} hint={hint}>
          <input value={value} onInput={set} />
        </Field>
      );
  }
}
