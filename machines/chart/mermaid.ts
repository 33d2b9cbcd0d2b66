import type { Chart } from './chart.ts';

/** The chart in Mermaid's `stateDiagram-v2`. */
export function mermaid({ title, initial, nodes, edges }: Chart): string {
  const described = nodes
    .filter(({ detail }) => detail !== '')
    .map(({ name, detail }) => `  ${name}: ${clean(detail)}`);
  const arrows = edges.map(({ from, to, label }) => `  ${from} --> ${to}${label ? `: ${clean(label)}` : ''}`);
  const ends = nodes.filter(({ kind }) => kind === 'final').map(({ name }) => `  ${name} --> [*]`);
  return [
    '---',
    `title: ${title}`,
    '---',
    'stateDiagram-v2',
    ...described,
    `  [*] --> ${initial}`,
    ...arrows,
    ...ends,
  ].join('\n');
}

/** Colons and semicolons end a label in Mermaid. */
function clean(text: string): string {
  return text.replaceAll(/[:;]/g, ',');
}
