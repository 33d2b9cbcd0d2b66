import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  packages: Record<string, { license?: string; dev?: boolean; link?: boolean }>;
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as Locked;
const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '0BSD'];
/** Weak copyleft, by the start of a package's name; docs/dependencies.md says of each what it asks for. */
const copyleft: Record<string, string> = { '@img/sharp': 'LGPL-3.0-or-later', '@resvg/resvg-js': 'MPL-2.0' };

it('knows the licence of every package that is installed with this one', () => {
  const shipped = Object.entries(packages).filter(
    ([path, { dev, link }]) => /node_modules\//.test(path) && !dev && !link,
  );
  expect(shipped.length).toBeGreaterThan(100);
  const unknown = shipped.flatMap(([path, { license = 'none' }]) => {
    const name = path.replace(/.*node_modules\//, '');
    return isKnown(name, license) ? [] : [`${name}: ${license}`];
  });
  expect(unknown).toEqual([]);
});

it('names in docs/dependencies.md each licence that asks for more than its notice', () => {
  const page = read('docs/dependencies.md');
  for (const [name, licence] of Object.entries(copyleft)) {
    expect(page).toContain(name);
    expect(page).toContain(licence);
  }
});

/** All of those joined by AND, and one of those joined by OR, as SPDX has it; no licence here nests the two. */
function isKnown(name: string, licence: string): boolean {
  const own = Object.entries(copyleft).flatMap(([start, each]) => (name.startsWith(start) ? [each] : []));
  const known = (each: string) => [...permissive, ...own].includes(each);
  const bare = licence.replace(/[()]/g, '');
  return bare.includes(' OR ') ? bare.split(' OR ').some(known) : bare.split(' AND ').every(known);
}
