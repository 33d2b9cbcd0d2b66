/** Lesions of one class in one case. */
export interface LesionCounts {
  /** Lesions of the truth with at least one predicted voxel, and without any. */
  lesionsDetected: number;
  lesionsMissed: number;
  /** Predicted lesions without any voxel of the truth. */
  lesionsFalse: number;
}

/**
 * A lesion is a connected component of a mask; voxels that share a face, an edge or a corner are connected (8
 * neighbours in 2-D, 26 in 3-D). Masks are non-zero inside, first axis of `size` fastest.
 */
export function countLesions(predicted: Uint8Array, truth: Uint8Array, size: readonly number[]): LesionCounts {
  const real = components(truth, predicted, size);
  const found = components(predicted, truth, size);
  return {
    lesionsDetected: real.touched,
    lesionsMissed: real.count - real.touched,
    lesionsFalse: found.count - found.touched,
  };
}

/** Consecutive voxels of a row: first, one past the last, whether one is in the other mask, its union-find parent. */
interface Run {
  start: number;
  end: number;
  touches: boolean;
  parent: Run | null;
}

/** Components of a mask, and how many of them hold a voxel of the other mask; memory grows with the runs alone. */
function components(mask: Uint8Array, other: Uint8Array, size: readonly number[]) {
  const [width, height, depth] = [size[0]!, size[1] ?? 1, size[2] ?? 1];
  const all: Run[] = [];
  let [below, here]: [Run[][], Run[][]] = [[], []];
  for (let k = 0; k < depth; k++) {
    [below, here] = [here, []];
    for (let j = 0; j < height; j++) {
      const row = runsOf(mask, other, (k * height + j) * width, width);
      for (const neighbours of [here[j - 1], below[j - 1], below[j], below[j + 1]]) joinTouching(row, neighbours ?? []);
      here.push(row);
      for (const run of row) all.push(run);
    }
  }
  for (const run of all) if (run.touches) rootOf(run).touches = true;
  const roots = all.filter(({ parent }) => parent === null);
  return { count: roots.length, touched: roots.filter(({ touches }) => touches).length };
}

function runsOf(mask: Uint8Array, other: Uint8Array, offset: number, width: number): Run[] {
  const runs: Run[] = [];
  let run: Run | null = null;
  for (let x = 0; x < width; x++) {
    if (mask[offset + x] === 0) run = null;
    else {
      if (run === null) {
        run = { start: x, end: x, touches: false, parent: null };
        runs.push(run);
      }
      run.end = x + 1;
      if (other[offset + x] !== 0) run.touches = true;
    }
  }
  return runs;
}

/** Unites runs of two neighbouring rows that share a column, or whose ends meet at a corner. */
function joinTouching(row: readonly Run[], neighbours: readonly Run[]): void {
  let [a, b] = [0, 0];
  while (a < row.length && b < neighbours.length) {
    const [one, two] = [row[a]!, neighbours[b]!];
    if (one.start <= two.end && two.start <= one.end) {
      const [first, second] = [rootOf(one), rootOf(two)];
      if (first !== second) first.parent = second;
    }
    if (one.end < two.end) a += 1;
    else b += 1;
  }
}

/** The run that represents a component; the path to it is halved on the way. */
function rootOf(run: Run): Run {
  let root = run;
  while (root.parent !== null) {
    if (root.parent.parent !== null) root.parent = root.parent.parent;
    root = root.parent;
  }
  return root;
}
