import { describe, expect, it } from 'vitest';
import { openStore } from '../../../db/index.ts';
import { storedStudy } from '../../../src/engine/study/stored-study.ts';
import { storeStudy, table62 } from '../../report/stored-study.ts';

describe('the study that is meant', () => {
  const store = openStore({ path: ':memory:' });
  storeStudy(store, { ...table62, name: 'cerebellum' });
  storeStudy(store, { ...table62, name: 'cerebellum-compare-k4' });
  store.insertStudy({
    ...store.study('cerebellum')!,
    ...{ id: 'cerebellum-compare', name: 'cerebellum-compare', kind: 'comparison' },
  });

  it('is found by its name', () => {
    expect(storedStudy(store, 'cerebellum').name).toBe('cerebellum');
  });

  it('is no comparison: that one says what to call instead, and which studies it ran', () => {
    expect(() => storedStudy(store, 'cerebellum-compare')).toThrow(
      /"cerebellum-compare" is a comparison of policies, not a study\..*autopilot compare study\.yaml --draw.*cerebellum-compare-k4\./,
    );
  });

  it('is suggested when the name is nearly right', () => {
    expect(() => storedStudy(store, 'cerebelum')).toThrow('Did you mean "cerebellum"?');
    expect(() => storedStudy(store, 'something')).toThrow('Studies: cerebellum, cerebellum-compare-k4.');
  });
});
