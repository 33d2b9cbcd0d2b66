import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configReference } from '../../scripts/config-reference.ts';
import { jsonSchemas } from '../../scripts/json-schemas.ts';

describe('docs/config.md', () => {
  it('says what the schemas say (npx tsx scripts/generate-config-reference.ts writes it)', () => {
    expect(readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')).toBe(configReference());
  });

  it('has bounds, defaults and meanings', () => {
    const lines = configReference().split('\n');
    expect(lines).toContain(
      '| `workers` | whole number from 1 to 100000 |  | k: the number of workers to tune the training for. |',
    );
    expect(
      lines.some((line) => line.startsWith('| `alpha` | number above 0 to 0.5 | `0.05` | Maximum probability')),
    ).toBe(true);
    expect(lines.some((line) => line.startsWith('| `optimizer` | `sgd`, `momentum`'))).toBe(true);
  });

  it('takes a meaning from its own place where two fields share a name', () => {
    const text = configReference();
    expect(text).not.toMatch(/actions.*E: epochs of every run/);
    expect(text).toMatch(/^\| `epochs` .* \| E: epochs of every run/m);
    expect(text).toMatch(/^\| `comparing\.runs` .* \| Maximum number of runs of a setting/m);
  });

  it('says what every field means', () => {
    const unsaid = configReference()
      .split('\n')
      .filter((line) => line.startsWith('| `') && line.endsWith('|  |'));
    expect(unsaid.map((line) => line.split('`')[1])).toEqual([]);
  });

  it('gives the same words to editors, in study.schema.json', () => {
    const study = jsonSchemas()['study.schema.json'] as { properties: Record<string, { description?: string }> };
    const bare = Object.entries(study.properties).filter(
      ([name, { description }]) => name !== '$schema' && !description,
    );
    expect(bare).toEqual([]);
    expect(JSON.stringify(study)).toContain('Millimetres between slices, instead of a count.');
  });
});
