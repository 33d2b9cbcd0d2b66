import { useState } from 'preact/hooks';
import type { TableFormat } from '../../../report/tables/export-text.ts';
import type { MadeArchive } from '../../takeaway.ts';
import { request } from './data.ts';
import { bytes } from './format.ts';

const formats: [TableFormat, string][] = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['markdown', 'Markdown'],
  ['latex', 'LaTeX'],
];

/** The report, tables and archive of a study or a scaling; `archived`: whether an archive may be made. */
export function Takeaway({ name, archived }: { name: string; archived: boolean }) {
  const at = `/api/takeaway/${encodeURIComponent(name)}`;
  return (
    <>
      <h2>Report and export</h2>
      <div class="row">
        <a class="button" href={`${at}/report`} target="_blank" rel="noopener">
          Open the report
        </a>
        <a href={`${at}/report`} download={`${name}-report.html`}>
          Save the report
        </a>
        <span class="quiet">Table:</span>
        {formats.map(([format, words]) => (
          <a key={format} href={`${at}/table?format=${format}`} download>
            {words}
          </a>
        ))}
      </div>
      {archived && <Archive name={name} />}
    </>
  );
}

function Archive({ name }: { name: string }) {
  const [checkpoints, setCheckpoints] = useState(false);
  const [writing, setWriting] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [made, setMade] = useState<MadeArchive | null>(null);
  const make = async () => {
    setWriting(true);
    setError(null);
    setMade(null);
    const answer = await request<MadeArchive>(`/studies/${encodeURIComponent(name)}/archive`, { checkpoints });
    setWriting(false);
    if (answer.error === undefined) setMade(answer);
    else setError(answer.error);
  };
  return (
    <div class="row">
      <button type="button" class="secondary" onClick={make}>
        Make an archive
      </button>
      <label>
        <input
          type="checkbox"
          checked={checkpoints}
          onChange={(event) => setCheckpoints(event.currentTarget.checked)}
        />{' '}
        with checkpoints
      </label>
      <span role="status" class={error === null ? '' : 'bad'}>
        {writing && 'Writing it …'}
        {error}
        {made && (
          <>
            <a href={made.address} download>
              Save {made.name}
            </a>{' '}
            ({bytes(made.bytes)}); <code>autopilot import</code> restores it
          </>
        )}
      </span>
    </div>
  );
}
