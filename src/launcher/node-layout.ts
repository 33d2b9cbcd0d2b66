/** Ranks are laid out in blocks: the first node has ranks 0 … perNode − 1, the last one may have fewer. */
export interface NodeLayout {
  nodes: number;
  /** Maximum number of workers per node, ≥ 1. */
  perNode: number;
}

export interface NodeLayoutOptions {
  /** k ≥ 1. */
  workers: number;
  /** Maximum number of nodes. Default: 1. */
  nodes?: number | undefined;
  /** Maximum number of workers per node. Default: spread evenly over the nodes. */
  perNode?: number | undefined;
}

/** How many nodes k workers take. */
export function nodeLayout({ workers, nodes = 1, perNode }: NodeLayoutOptions): NodeLayout {
  const most = Math.min(workers, perNode ?? Math.ceil(workers / nodes));
  return { nodes: Math.ceil(workers / most), perNode: most };
}
