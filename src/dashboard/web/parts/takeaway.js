import { act } from './data.js';
import { bytes } from './format.js';
import { html, useState } from './html.js';

const formats = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['markdown', 'Markdown'],
  ['latex', 'LaTeX'],
];

/** The report, the tables and the archive of a study or a scaling; `archived`: an archive may be made. */
export function Takeaway({ name, archived }) {
  const at = `/api/takeaway/${encodeURIComponent(name)}`;
  return html`<h2>Report and export</h2>
    <div class="row">
      <a class="button" href=${`${at}/report`} target="_blank">Open the report</a>
      <a href=${`${at}/report`} download=${`${name}-report.html`}>Save the report</a>
      <span class="quiet">Table:</span>
      ${formats.map(([format, words]) => html`<a href=${`${at}/table?format=${format}`} download>${words}</a>`)}
    </div>
    ${archived && html`<${Archive} name=${name} />`}`;
}

function Archive({ name }) {
  const [checkpoints, setCheckpoints] = useState(false);
  const [made, setMade] = useState(null);
  const make = async () => {
    setMade({ text: 'Writing it …' });
    const answer = await act(`/studies/${encodeURIComponent(name)}/archive`, { checkpoints }, { whole: true });
    setMade(answer.error ? { text: answer.error, bad: true } : answer);
  };
  return html`<div class="row">
    <button class="secondary" onClick=${make}>Make an archive</button>
    <label><input type="checkbox" checked=${checkpoints} onChange=${(event) => setCheckpoints(event.target.checked)} /> with checkpoints</label>
    <span role="status" class=${made?.bad ? 'bad' : ''}>${made?.text}${made?.address && html`<a href=${made.address} download>Save ${made.name}</a> (${bytes(made.bytes)}); <code>autopilot import</code> restores it`}</span>
  </div>`;
}
