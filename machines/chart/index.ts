export { attemptChart } from './attempt-chart.ts';
export type { Chart, ChartEdge, ChartNode } from './chart.ts';
export { guidelineChart } from './guideline-chart.ts';
export { mermaid } from './mermaid.ts';
export { chartText } from './text.ts';
