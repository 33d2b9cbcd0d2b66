import { describe, expect, it } from 'vitest';
import { parseStudyConfig } from '../../src/config/load.ts';
import { readableConfig, storedConfig } from '../../src/config/stored.ts';

const config = parseStudyConfig(
  {
    name: 'older',
    workers: 18,
    epochs: 40,
    trainer: { kind: 'command', command: ['train', '{workers}'], directory: 'program' },
    setting: { initialLr: 0.5 },
    baseline: { mean: { dice: 0.8 }, n: 3 },
  },
  '/project',
);
const stored: Record<string, unknown> = JSON.parse(JSON.stringify(config));

describe('a stored config', () => {
  it('is read as it was written', () => {
    expect(storedConfig({ name: 'older', config: stored })).toEqual(config);
  });

  it.each(['memory', 'placement', 'deploy', 'compute', 'timeouts', 'divergence', 'checkpoints', 'components', 'loss'])(
    'has the default of %s, which came after it was stored',
    (section) => {
      const { [section]: _, ...older } = stored;
      expect(storedConfig({ name: 'older', config: older })).toEqual(config);
    },
  );

  it('is refused by field where it cannot be read', () => {
    const later = { ...stored, epochs: 'many', forecast: {} };
    expect(() => storedConfig({ name: 'older', config: later })).toThrow(
      /^The stored config of "older" cannot be read.*\n {2}epochs is "many"; give a.* number\n {2}forecast is not a known field/,
    );
    expect(readableConfig({ config: later })).toBeNull();
  });
});
