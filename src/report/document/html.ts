import { splitAtAddresses } from './addresses.ts';
import type { Block, Column, ReportDocument } from './document.ts';

const style = `
:root { color-scheme: light dark; --ink: #14242b; --quiet: #4d5f68; --paper: #fff; --sheet: #f5f7f8; --line: #d5dde1; --accent: #0f6d78; --warn: #7a5200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eef1; --quiet: #a3b4bd; --paper: #12191d; --sheet: #1a242a; --line: #33424a; --accent: #5cc4d0; --warn: #f2c05c; } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 0.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
p { max-width: 75ch; }
.answer, .warning { background: var(--sheet); border-left: 4px solid var(--accent); padding: 0.75rem 1rem; max-width: none; }
.warning { border-color: var(--warn); }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.legend { max-width: none; margin: 0.75rem 0 0.25rem; color: var(--quiet); font-size: 0.9rem; }
.legend + .scroll { margin-top: 0; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); }
th { background: var(--sheet); }
.number { text-align: right; }
td.number { white-space: nowrap; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: 0.25rem 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--sheet); padding: 0.75rem; overflow-x: auto; font-size: 0.85rem; }
figure { margin: 1rem 0; background: #fff; border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem; }
figure svg { width: 100%; min-width: 46rem; height: auto; display: block; }
figure .scroll { margin: 0; }
figcaption { color: var(--quiet); font-size: 0.9rem; }
@media (prefers-color-scheme: dark) { figure { background: var(--sheet); } figure svg { filter: invert(0.92) hue-rotate(180deg); mix-blend-mode: lighten; } }
nav ul { columns: 2; padding-left: 1.25rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.5rem; } nav ul { columns: 1; } th, td { padding: 0.3rem 0.4rem; } .words, .words tbody, .words tr, .words td { display: block; border: 0; padding: 0; } .words thead { display: none; } .words tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); } .words td:first-child { font-weight: 600; } }
a { color: var(--accent); }
@media print { :root { color-scheme: light; } figure svg { filter: none; mix-blend-mode: normal; } body { max-width: none; } h2 { break-after: avoid; } figure, table { break-inside: avoid; } figure svg { min-width: 0; } nav { display: none; } }
`;

/** One self-contained page: no script, nothing fetched. */
export function toHtml({ title, sections }: ReportDocument): string {
  const contents = sections
    .map((section, index) => `<li><a href="#s${index}">${escapeHtml(section.title)}</a></li>`)
    .join('');
  const body = sections
    .map(
      (section, index) =>
        `<section><h2 id="s${index}">${escapeHtml(section.title)}</h2>\n${section.blocks.map(block).join('\n')}</section>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(title)}</h1><nav aria-label="Contents"><ul>${contents}</ul></nav>
${body}
</main></body></html>
`;
}

function block(one: Block): string {
  switch (one.type) {
    case 'paragraph':
      return `<p${one.tone ? ` class="${one.tone}"` : ''}>${linked(one.text)}</p>`;
    case 'list':
      return `<ul>${one.items.map((item) => `<li>${linked(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return `<dl>${one.facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${linked(value)}</dd>`).join('')}</dl>`;
    case 'table':
      return table(one.columns, one.rows, one.caption);
    case 'code':
      return `<pre><code>${escapeHtml(one.text)}</code></pre>`;
    case 'figure':
      return `<figure>${scrolled(one.caption, one.svg.replace(/^<\?xml[^>]*>\s*/, ''))}<figcaption>${escapeHtml(one.caption)}</figcaption></figure>`;
  }
}

function table(columns: Column[], rows: string[][], caption: string | undefined): string {
  const cell = (tag: 'th' | 'td') => (text: string, index: number) =>
    `<${tag}${tag === 'th' ? ' scope="col"' : ''}${columns[index]?.number ? ' class="number"' : ''}>${linked(text)}</${tag}>`;
  const head = columns.map(({ title }, index) => cell('th')(title, index)).join('');
  const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
  const label = caption ?? columns.map(({ title }) => title).join(', ');
  // Outside the scrolled element: a caption is as wide as its table, and a phone would cut it off.
  const legend = caption ? `<p class="legend">${linked(caption)}</p>` : '';
  const words = columns.some(({ number }) => number) ? '' : ' class="words"';
  return (
    legend +
    scrolled(
      label,
      `<table${words} aria-label="${escapeHtml(label)}"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`,
    )
  );
}

/** Wraps content that may be wider than the screen; the arrow keys scroll it. */
function scrolled(label: string, content: string): string {
  return `<div class="scroll" role="group" tabindex="0" aria-label="${escapeHtml(label)}">${content}</div>`;
}

/** Turns web addresses into links; nothing else in a value is read as HTML. */
function linked(value: string): string {
  return splitAtAddresses(value)
    .map((part, index) => {
      const text = escapeHtml(part);
      return index % 2 === 0 ? text : `<a href="${text}" rel="noreferrer">${text}</a>`;
    })
    .join('');
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
