import { cloneElement, type VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Choices, Job, StartedWork } from '../../work.ts';
import { type Answered, request } from './data.ts';

/** Milliseconds between checks on what the page started. */
const everyMs = 1000;

/** A job with the part of its log seen so far. */
export type ShownJob = Job & { log: string[] };

interface ShownWork {
  /** The folders that were named when the dashboard started. */
  roots: readonly string[];
  jobs: ShownJob[];
}

/** What the page may start and has started; null before the first answer. */
export function useWork({ once = false } = {}): ShownWork | null {
  const [work, set] = useState<ShownWork | null>(null);
  useEffect(() => {
    let gone = false;
    let jobs: ShownJob[] = [];
    const look = async () => {
      if (document.hidden) return;
      const seen = jobs.map(({ id, logBytes }) => `${id}:${logBytes}`).join(',');
      const found = await fetched<StartedWork>(`/api/work?seen=${seen}`);
      if (found === null || gone) return;
      // The server does not resend a log that has not grown.
      const before = new Map(jobs.map(({ id, log }) => [id, log]));
      jobs = found.jobs.map((job) => ({ ...job, log: job.log ?? before.get(job.id) ?? [] }));
      set({ roots: found.roots, jobs });
    };
    look();
    const timer = once ? undefined : setInterval(look, everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return work;
}

/** The current data at an address; null if the server does not answer or refuses. */
async function fetched<Found>(address: string): Promise<Found | null> {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? await answer.json().catch(() => null) : null;
}

/** Sends a request below `/api/actions/work`. */
export function ask<Done extends object>(path: string, body?: object): Promise<Answered<Done>> {
  return request<Done>(`/work${path}`, body);
}

/** The choices that forms offer, requested again whenever `version` changes. Null before the first answer. */
export function useChoices(version = 0): Choices | null {
  const [choices, set] = useState<Choices | null>(null);
  useEffect(() => {
    let gone = false;
    fetched<Choices>('/api/choices').then((found) => {
      if (!gone && found !== null) set(found);
    });
    return () => {
      gone = true;
    };
  }, [version]);
  return choices;
}

/** An id that is unique on the page. */
function useOwnId(): string {
  return useRef(`own-${Math.random().toString(36).slice(2)}`).current;
}

interface FieldProps {
  label: string;
  /** What it means. */
  hint?: string | undefined;
  /** The input. */
  children: VNode<{ id?: string; 'aria-describedby'?: string }>;
}

/** An input with its label, and its meaning as the description. */
export function Field({ label, hint, children: input }: FieldProps) {
  const id = useOwnId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {cloneElement(input, { id, ...(hint && { 'aria-describedby': `${id}-hint` }) })}
      {hint && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
    </div>
  );
}

/** The names in a folder below a root, folders with a trailing `/`. */
function useNames(folder: string): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    let gone = false;
    fetched<string[]>(`/api/folder?path=${encodeURIComponent(folder)}`).then((list) => {
      if (!gone) setNames(list ?? []);
    });
    return () => {
      gone = true;
    };
  }, [folder]);
  return names;
}

interface PathProps {
  label: string;
  value: string;
  onValue: (path: string) => void;
  roots: readonly string[];
}

/** A path below a root, either typed, with the folder's contents as suggestions, or browsed for. */
export function PathField({ label, hint, value, onValue, roots }: PathProps & { hint?: string | undefined }) {
  const [browsing, setBrowsing] = useState(false);
  const id = useOwnId();
  const folder = value.slice(0, value.lastIndexOf('/')) || '/';
  const names = useNames(folder);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="beside">
        <input
          id={id}
          value={value}
          list={`${id}-names`}
          autocomplete="off"
          spellcheck={false}
          aria-describedby={hint && `${id}-hint`}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        <button
          type="button"
          class="secondary"
          aria-expanded={browsing}
          aria-label={`Browse: ${label}`}
          onClick={() => setBrowsing(!browsing)}
        >
          Browse
        </button>
      </div>
      {hint && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
      <datalist id={`${id}-names`}>
        {names.map((name) => (
          <option key={name} value={below(folder, name.replace(/\/$/, ''))} />
        ))}
      </datalist>
      {browsing && (
        <Browser label={label} value={value} onValue={onValue} roots={roots} close={() => setBrowsing(false)} />
      )}
    </div>
  );
}

function below(folder: string, name: string): string {
  return `${folder}/${name}`.replace('//', '/');
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
}

/** The folder that a path names and its contents, for browsing in and out. */
function Browser({ label, value, onValue, roots, close }: PathProps & { close: () => void }) {
  const path = value.replace(/(?<=.)\/$/, '');
  const root = roots.find((each) => isBelow(path, each));
  const here = root === undefined ? null : path;
  const names = useNames(here ?? '');
  const above = path === root ? '' : path.slice(0, path.lastIndexOf('/')) || '/';
  const goTo = (to: string, text: string) => (
    <li key={text}>
      <button type="button" onClick={() => onValue(to)}>
        {text}
      </button>
    </li>
  );
  const shown = names.filter((name) => !name.startsWith('.'));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame and a legend of its own
    <div class="browser" role="group" aria-label={`Folders for: ${label}`}>
      <div class="quiet">{here ?? 'The folders this page may use'}</div>
      <ul>
        {here === null ? roots.map((each) => goTo(each, `${each}/`)) : goTo(above, '.. (one up)')}
        {shown.map((name) =>
          name.endsWith('/') ? (
            goTo(below(here ?? '', name.slice(0, -1)), name)
          ) : (
            <li key={name} class="quiet">
              {name}
            </li>
          ),
        )}
        {here !== null && names.length === 0 && <li class="quiet">folder missing or empty</li>}
      </ul>
      {here !== null && (
        <button type="button" onClick={close}>
          Use this folder
        </button>
      )}
    </div>
  );
}
