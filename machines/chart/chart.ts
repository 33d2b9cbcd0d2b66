/** A chart as data: what `mermaid` and `chartText` draw. */
export interface Chart {
  title: string;
  initial: string;
  nodes: ChartNode[];
  edges: ChartEdge[];
}

export interface ChartNode {
  name: string;
  kind: 'state' | 'action' | 'final';
  /** What happens there; may be empty. */
  detail: string;
}

export interface ChartEdge {
  from: string;
  to: string;
  /** When it is taken; empty for always. */
  label: string;
}
