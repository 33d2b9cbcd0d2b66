import { useState } from 'preact/hooks';
import { useData } from '../parts/data.ts';

/** A run's logs, loaded on request. */
export function Logs({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <h2>Logs</h2>
      {open ? (
        <LogText id={id} />
      ) : (
        <button type="button" class="secondary" onClick={() => setOpen(true)}>
          Show the logs
        </button>
      )}
    </>
  );
}

function LogText({ id }: { id: string }) {
  const { data, error } = useData(`/runs/${encodeURIComponent(id)}/log`);
  if (error) return <p class="bad">{error}</p>;
  if (!data) return <p class="quiet">Loading …</p>;
  if (data.length === 0) return <p class="quiet">There are none.</p>;
  return data.map(({ file, lines }) => (
    <>
      <h3>{file}</h3>
      <pre tabindex={0}>{lines.join('\n') || '(empty)'}</pre>
    </>
  ));
}
