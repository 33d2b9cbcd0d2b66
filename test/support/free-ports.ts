import { readFileSync } from 'node:fs';

/** A base port whose sum with every offset is a free port, so that several tests' daemons can run side by side. */
export function freePorts(offsets: readonly number[]): number {
  const taken = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
      [...readFileSync(table, 'utf8').matchAll(/: [0-9A-F]+:([0-9A-F]{4}) /g)].map(([, port = '']) =>
        Number.parseInt(port, 16),
      ),
    ),
  );
  for (;;) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    if (offsets.every((offset) => !taken.has(first + offset))) return first;
  }
}
