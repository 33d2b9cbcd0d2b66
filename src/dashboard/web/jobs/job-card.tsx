import { useEffect, useRef, useState } from 'preact/hooks';
import type { Choices, Job, JobRequest } from '../../work.ts';
import { duration, moment } from '../parts/format.ts';
import { ask, type ShownJob } from '../parts/work.tsx';

const stateTone: Record<Job['state'], string> = { running: 'good', done: '', failed: 'bad', stopped: 'warn' };

function addressOf(page: string, given: Record<string, string | number>): string {
  const texts = Object.entries(given).map(([name, value]) => [name, String(value)]);
  return `#/${page}?${new URLSearchParams(texts)}`;
}

/** The address of a tool's form, filled in with these values. */
function opened(tool: string, values: Record<string, string | number>): string {
  return addressOf('work', { open: tool, ...values });
}

/** Whether a line is a table row, which keeps its columns; any other line is wrapped. */
function isRow(line: string): boolean {
  return /\S {2,}\S/.test(line);
}

/** The step that usually follows a finished job. */
function nextOf(request: JobRequest, runs: Choices['runs'] | undefined): { words: string; href: string } | null {
  switch (request.kind) {
    case 'check':
      return { words: 'Prepare slices of it', href: opened('prep', { input: request.folder }) };
    case 'preview': {
      const { kind: _, ...given } = request;
      return { words: 'Prepare slices like this', href: opened('prep', given) };
    }
    case 'prep':
      return { words: 'New study on these slices', href: addressOf('new', { data: request.output }) };
    case 'study':
      return runs?.some(({ study }) => study === request.study)
        ? { words: 'Keep one of its models', href: opened('publish', { study: request.study }) }
        : { words: 'See its result', href: `#/study/${encodeURIComponent(request.study)}` };
    case 'publish':
      return { words: 'Predict with it', href: opened('predict', { model: request.name }) };
    case 'predict':
      return { words: 'Compare the masks with true ones', href: opened('eval', { predicted: request.output }) };
    case 'eval':
      return null;
  }
}

interface JobCardProps {
  job: ShownJob;
  /** Runs from which models can be made. */
  runs: Choices['runs'] | undefined;
  /** True if it was just started here. */
  focused: boolean;
}

/** A job with its output, its pictures, a stop button and the usual next step. */
export function JobCard({ job, runs, focused }: JobCardProps) {
  const [said, setSaid] = useState('');
  const card = useRef<HTMLLIElement>(null);
  const log = useRef<HTMLPreElement>(null);
  const { request } = job;
  const stop = async () => setSaid((await ask(`/jobs/${job.id}/stop`)).error ?? 'Asked to stop.');
  useEffect(() => {
    if (focused) card.current?.focus();
  }, [focused]);
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [job.log.at(-1), job.log.length]);
  const next = job.state === 'done' ? nextOf(request, runs) : null;
  const exit = job.state === 'failed' && job.exitCode !== null ? ` (exit code ${job.exitCode})` : '';
  return (
    <li ref={card} tabindex={-1} aria-label={job.title}>
      <div class="head">
        {request.kind === 'study' ? (
          <a href={`#/study/${encodeURIComponent(request.study)}`}>{job.title}</a>
        ) : (
          <span>{job.title}</span>
        )}
        <strong role="status" class={stateTone[job.state]}>
          {job.state}
          {exit}
        </strong>
      </div>
      <div class="quiet">
        {moment(job.startedMs)}, {duration((job.endedMs ?? Date.now()) - job.startedMs)}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a section does not keep lines as they are */}
      <pre class="log" role="region" tabindex={0} ref={log} aria-label={`Output of ${job.title}`}>
        {job.log.map((line, index) => (
          <div key={index} class={isRow(line) ? '' : 'wrapped'}>
            {line || ' '}
          </div>
        ))}
      </pre>
      {job.pictures.length > 0 && <Pictures job={job} />}
      <div class="row">
        {job.state === 'running' && (
          <button type="button" class="secondary" onClick={stop}>
            Stop
          </button>
        )}
        {next && (
          <a class="button" href={next.href}>
            {next.words}
          </a>
        )}
        <span role="status">{said}</span>
      </div>
    </li>
  );
}

/** Each picture opens at full size. */
function Pictures({ job }: { job: ShownJob }) {
  return (
    <div class="drawn">
      {job.pictures.map((name) => {
        const address = `/api/jobs/${job.id}/pictures/${encodeURIComponent(name)}`;
        return (
          <a key={name} href={address} target="_blank" rel="noopener">
            <img src={address} loading="lazy" alt="" />
            <span>{name.replace(/\.png$/, '')}</span>
          </a>
        );
      })}
    </div>
  );
}
