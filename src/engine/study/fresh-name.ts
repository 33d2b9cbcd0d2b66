import type { Store } from '../../../db/index.ts';

/** The name itself if no study has it, otherwise the name with the next free number: `cerebellum-2`. */
export function freshName(store: Store, name: string): string {
  const taken = new Set(store.studies().map((study) => study.name));
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const numbered = `${name}-${number}`;
    if (!taken.has(numbered)) return numbered;
  }
}
