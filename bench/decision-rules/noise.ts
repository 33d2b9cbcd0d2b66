/** Spread of identical runs. `draw` turns uniform numbers in 0..1 into a deviation with mean 0. */
export interface Noise {
  name: string;
  /** Standard deviation. */
  sd: number;
  draw: (uniform: () => number) => number;
}

function normal(sd: number): Noise {
  return { name: `normal ${sd}`, sd, draw: (uniform) => sd * gaussian(uniform) };
}

/** Normal, but one run in twenty is five spreads worse, as measured for a bimodal network; shifted back to mean 0. */
function heavy(sd: number): Noise {
  const drop = 5;
  const share = 0.05;
  const scale = sd / Math.sqrt(1 + drop ** 2 * share * (1 - share));
  return {
    name: `heavy ${sd}`,
    sd,
    draw: (uniform) => scale * (gaussian(uniform) + drop * share - (uniform() < share ? drop : 0)),
  };
}

export const noises: Noise[] = [normal(0.006), normal(0.008), normal(0.012), normal(0.02), heavy(0.012)];

/** Spreads of the baseline and of k workers: alike, or different as near the edge of stability. */
export const spreads: { name: string; baseline: Noise; workers: Noise }[] = [
  { name: 'both 0.006', baseline: normal(0.006), workers: normal(0.006) },
  { name: '0.004, k: 0.006', baseline: normal(0.004), workers: normal(0.006) },
  { name: '0.004, k: 0.02', baseline: normal(0.004), workers: normal(0.02) },
  { name: '0.02, k: 0.004', baseline: normal(0.02), workers: normal(0.004) },
  { name: 'both heavy 0.012', baseline: heavy(0.012), workers: heavy(0.012) },
  { name: '0.004, k: heavy 0.012', baseline: normal(0.004), workers: heavy(0.012) },
];

/** A standard normal number, by Box and Muller. */
export function gaussian(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** A small seeded generator of uniform numbers in [0, 1) (mulberry32). */
export function uniformFrom(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
