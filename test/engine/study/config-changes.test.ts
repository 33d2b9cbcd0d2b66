import { describe, expect, it } from 'vitest';
import { parseStudyConfig } from '../../../src/config/load.ts';
import type { ResolvedStudyConfig } from '../../../src/config/resolve.ts';
import { storedConfig } from '../../../src/config/stored.ts';
import { configChanges } from '../../../src/engine/study/config-changes.ts';

const given = { name: 'older', workers: 18, epochs: 40, trainer: { kind: 'simulated' }, setting: { initialLr: 0.5 } };
const baselines = {
  none: {},
  seeds: { baseline: { seeds: 3 } },
  runs: {
    baseline: { runs: [{ dice: 0.8 }, { dice: 0.82 }] },
    decision: { rule: 'thesis', metrics: ['dice'] },
  },
};

function stored(change: object = {}): ResolvedStudyConfig {
  return parseStudyConfig({ ...given, ...change }, '/project');
}

/** What the embedded trainer trains on. */
const phantoms = { trainer: { kind: 'embedded' }, data: { kind: 'phantom' } };

/** As a version stored it that did not know these fields yet. */
function older(config: ResolvedStudyConfig, change: object): ResolvedStudyConfig {
  return storedConfig({ name: config.name, config: JSON.parse(JSON.stringify({ ...config, ...change })) });
}

describe('the changes of a config', () => {
  it.each(Object.entries(baselines))(
    'are none for a study stored before a field had its default (baseline: %s)',
    (_, of) => {
      const today = stored({ ...of, compute: { threads: 2 } });
      expect(today.compute).toMatchObject({ exact: false });
      expect(configChanges(older(today, { compute: { threads: 2 } }), today)).toEqual([]);
    },
  );

  it('are refused where a field that was not given yet differs from its default', () => {
    const today = stored({ ...phantoms, compute: { exact: true, backend: 'native', precision: 'bf16' } });
    expect(configChanges(older(today, { compute: { backend: 'native' } }), today)).toEqual([
      { field: 'compute.exact', before: false, after: true, allowed: false },
      { field: 'compute.precision', before: 'float32', after: 'bf16', allowed: false },
    ]);
  });

  it('name the deepest field, and allow what leaves results comparable', () => {
    const after = stored({ setting: { initialLr: 0.4 }, concurrentRuns: 2 });
    expect(configChanges(stored(), after)).toEqual(
      expect.arrayContaining([
        { field: 'setting.initialLr', before: 0.5, after: 0.4, allowed: false },
        expect.objectContaining({ field: 'concurrentRuns', after: 2, allowed: true }),
      ]),
    );
  });
});
