import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configReference } from '../../scripts/config-reference.ts';

describe('docs/config.md', () => {
  it('says what the schemas say (npx tsx scripts/generate-config-reference.ts writes it)', () => {
    expect(readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')).toBe(configReference());
  });

  it('has bounds, defaults and meanings', () => {
    const lines = configReference().split('\n');
    expect(lines).toContain(
      '| `workers` | whole number from 1 to 100000 |  | k: the number of workers the study asks about. |',
    );
    expect(lines.some((line) => line.startsWith('| `alpha` | number above 0 to 0.5 | `0.05` | Probability of'))).toBe(
      true,
    );
    expect(lines.some((line) => line.startsWith('| `optimizer` | `sgd`, `momentum`'))).toBe(true);
  });

  it('takes a meaning from its own place where two fields share a name', () => {
    expect(configReference()).not.toMatch(/actions.*E: epochs of every run/);
  });
});
