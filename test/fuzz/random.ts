/** Random choices that a seed gives again (mulberry32). */
export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

export function randomOf(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (items) => items[below(items.length)]! };
}

/** What people and programs write where something else was meant. */
export const strangeValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 0.5, -0.5, 1e-300, 5e-324, 1e9, 1e12, 2 ** 53, 2 ** 31, 1e308, 9e99, -1e300],
  ...['', ' ', '0', 'NaN', 'Infinity', '1e9', 'x'.repeat(5000), '💥é\u202e', '\u0000', '\u001b[2J', '\ud800', 'a\nb'],
  ...['../../etc/passwd', '/etc/passwd', '__proto__', 'constructor', 'toString', '$(id)', '{workers}', '{nope}', '--x'],
  ...[[], {}, [[]], [null], { a: 1 }, [1, 2, 3], ['a'], { dice: 'NaN' }, { dice: 1e308 }, { constructor: 1 }],
];

/** How many cases: few in CI, many by hand with FUZZ=100 (docs/security.md). */
export const times = Math.max(1, Number(process.env.FUZZ ?? 1));
export const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Every place within a value. */
export function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [[...path, name], ...placesIn(item, [...path, name])]);
}

/** Puts a strange value at a random place, or takes what is there away. */
export function mutate(value: Record<string, unknown>, random: Random): void {
  const places = placesIn(value);
  if (places.length === 0) return;
  const place = random.pick(places);
  let at: Record<string, unknown> = value;
  for (const name of place.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = place.at(-1)!;
  const what = random.next();
  if (what < 0.1) delete at[last];
  else if (what < 0.25 && typeof at[last] === 'number') at[last] = at[last] * random.pick([-1, 1e6, 1e-9, 1e300, 0]);
  else at[last] = structuredClone(random.pick(strangeValues));
}

/** Milliseconds of computing so far: what others do on the machine does not count. */
export function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
