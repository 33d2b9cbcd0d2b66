import type { Chart } from './chart.ts';

/** The chart as indented text: each state with its transitions and their conditions. */
export function chartText({ title, nodes, edges }: Chart): string {
  const blocks = nodes.map(({ name, kind, detail }) => {
    const head = kind === 'final' ? `(${name})` : `${name}${detail ? `  ${detail}` : ''}`;
    const leads = edges.filter(({ from }) => from === name);
    const width = Math.max(0, ...leads.map(({ to }) => to.length));
    return [head, ...leads.map(({ to, label }) => `  → ${label ? `${to.padEnd(width)}  ${label}` : to}`)].join('\n');
  });
  return [title, '', ...blocks].join('\n');
}
