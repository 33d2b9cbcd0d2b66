import { useEffect, useState } from 'preact/hooks';
import type { CheckedConfig, Choices, DraftedConfig, Job } from '../../work.ts';
import { type Draft, DraftForm, draftBody } from '../jobs/draft-form.tsx';
import { ask, Field, useChoices, useWork } from '../parts/work.tsx';
import { NothingToStart } from './work.tsx';

/** Milliseconds after the last keystroke before a config is checked. */
const pauseMs = 300;

/** Creates a study from a form, an example or a config, and shows its plan and price before it can be started. */
export function NewStudyPage({ query }: { query: string }) {
  const work = useWork({ once: true });
  const choices = useChoices();
  useEffect(() => {
    document.title = 'New study · GreScale autopilot';
  }, []);
  if (!work) return <p class="quiet">Loading …</p>;
  if (work.roots.length === 0) return <NothingToStart title="New study" />;
  if (!choices) return <p class="quiet">Loading …</p>;
  return <Editor roots={work.roots} choices={choices} data={new URLSearchParams(query).get('data') ?? ''} />;
}

/** A study's name from its slice folder: `brains` from `/data/brains-slices`. */
function nameFrom(data: string): string {
  const folder = data.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const name = folder.replace(/-slices$/, '').replace(/[^A-Za-z0-9_-]+/g, '-');
  return name.replace(/^[-_]+/, '') || 'first';
}

/** The form's fields as text. */
function typedDraft(draft: Choices['draft'], data: string): Draft {
  const texts = Object.entries(draft).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(texts), name: nameFrom(data), data };
}

/** `form`, `config` if it is typed, or the name of an example. */
type Source = string;

/** The result of checking a config, some time after its last change; null until then. */
function useChecked(source: Source, draft: Draft, text: string, setText: (text: string) => void) {
  const [checked, setChecked] = useState<CheckedConfig | null>(null);
  useEffect(() => {
    let gone = false;
    // What is typed cannot be started until it has been checked.
    setChecked(null);
    const timer = setTimeout(async () => {
      const written = source === 'form' ? await ask<DraftedConfig>('/draft', draftBody(draft)) : { text };
      if (gone) return;
      if (written.error !== undefined) return setChecked({ problems: [written.error] });
      if (written.text === undefined) return setChecked({ problems: written.problems });
      setText(written.text);
      const answer = await ask<CheckedConfig>('/check', { text: written.text });
      if (!gone) setChecked(answer.error === undefined ? answer : { problems: [answer.error] });
    }, pauseMs);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [source, source === 'form' ? draft : text]);
  return checked;
}

interface EditorProps {
  roots: readonly string[];
  choices: Choices;
  data: string;
}

function Editor({ roots, choices, data }: EditorProps) {
  const [draft, setDraft] = useState(() => typedDraft(choices.draft, data));
  const [text, setText] = useState('');
  const [source, setSource] = useState<Source>('form');
  const [shown, setShown] = useState(false);
  const [said, setSaid] = useState('');
  const checked = useChecked(source, draft, text, setText);
  const example = choices.examples.find(({ name }) => name === source);
  const startFrom = (from: Source) => {
    setSource(from);
    setShown(from !== 'form');
    const chosen = choices.examples.find(({ name }) => name === from);
    if (chosen) setText(chosen.config);
  };
  const start = async () => {
    setSaid('Starting …');
    const answer = await ask<Job>('/studies', { text });
    if (answer.error !== undefined) setSaid(answer.error);
    else location.hash = `#/work?started=${answer.id}`;
  };
  return (
    <>
      <h1>New study</h1>
      <p class="quiet">Can a network be trained on many workers with no loss against one?</p>
      <div class="fields">
        <Field label="Start from" hint="an example comes with its data">
          <select value={source} onChange={(event) => startFrom(event.currentTarget.value)}>
            <option value="form">a form</option>
            <option value="config">my own config</option>
            {choices.examples.map(({ name }) => (
              <option key={name} value={name}>
                example: {name}
              </option>
            ))}
          </select>
        </Field>
        {example && <p class="quiet">{example.question}</p>}
      </div>
      {source === 'form' && <DraftForm draft={draft} setDraft={setDraft} standard={choices.draft} roots={roots} />}
      <details open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
        <summary>The config</summary>
        <label class="field">
          <span>study.yaml</span>
          <textarea
            class="code"
            rows={24}
            spellcheck={false}
            value={text}
            onInput={(event) => {
              setSource('config');
              setText(event.currentTarget.value);
            }}
          />
        </label>
        {source !== 'form' && (
          <p>
            <button type="button" class="secondary" onClick={() => startFrom('form')}>
              Back to the form
            </button>
          </p>
        )}
      </details>
      <FieldList fields={choices.fields} />
      <Looked checked={checked} />
      <p class="row">
        <button type="button" disabled={checked?.plan === undefined} onClick={start}>
          Start the study
        </button>
        <span role="status">{said}</span>
      </p>
    </>
  );
}

/** The config's plan and price, or its problems. */
function Looked({ checked }: { checked: CheckedConfig | null }) {
  return (
    <section aria-live="polite">
      {checked === null && <p class="quiet">Checking …</p>}
      {checked?.problems && (
        <>
          <h2>Cannot start yet</h2>
          <ul>
            {checked.problems.map((problem) => (
              <li key={problem} class="bad">
                {problem}
              </li>
            ))}
          </ul>
        </>
      )}
      {checked?.plan !== undefined && (
        <>
          <h2>What it would do, and its price</h2>
          {/* biome-ignore lint/a11y/useSemanticElements: a section does not keep lines as they are */}
          <pre class="plan" role="region" tabindex={0} aria-label="Plan and price">
            {checked.plan}
          </pre>
        </>
      )}
    </section>
  );
}

/** The fields that a config may have, searchable by name and meaning. */
function FieldList({ fields }: Pick<Choices, 'fields'>) {
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown = fields.filter(({ name, meaning }) => `${name} ${meaning}`.toLowerCase().includes(wanted));
  return (
    <details>
      <summary>Every field of a config: values, default and meaning</summary>
      <label class="field">
        <span>Search fields</span>
        <input type="search" value={find} onInput={(event) => setFind(event.currentTarget.value)} />
      </label>
      <p class="quiet" role="status">
        {shown.length} of {fields.length} fields
      </p>
      <dl class="reference" tabindex={0} aria-label="Fields">
        {shown.map(({ name, values, standard, meaning }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {meaning}{' '}
              <span class="quiet">
                {values}
                {standard && `; default ${standard}`}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
