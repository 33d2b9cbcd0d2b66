import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitPatients } from '../../src/imgmed/split-patients.ts';

/** Cases of some patients, several each, in any order; a few may come from a test folder. */
const cases = fc.array(
  fc.record({ patient: fc.integer({ min: 0, max: 30 }).map((n) => `p${n}`), part: fc.constant(null) }),
  { minLength: 10, maxLength: 80 },
);
const seed = fc.nat(1000);
const patientsOf = (all: readonly { patient: string }[]) => [...new Set(all.map(({ patient }) => patient))].sort();

it('gives each patient, with all cases, to exactly one split', () => {
  fc.assert(
    fc.property(cases, seed, (all, seed) => {
      const { patients } = splitPatients(all, { train: 0.7, validation: 0.1, test: 0.2, fold: 0, seed });
      expect(Object.keys(patients).sort()).toEqual(patientsOf(all));
    }),
  );
});

it('depends on the patients and the seed alone, not on the order or the number of their cases', () => {
  fc.assert(
    fc.property(cases, seed, fc.boolean(), (all, seed, inFolds) => {
      const folds = inFolds && patientsOf(all).length >= 5 ? { folds: 2 } : {};
      const options = { train: 0.7, validation: 0.1, test: 0.2, fold: 0, seed, ...folds };
      expect(splitPatients([...all, ...all].reverse(), options)).toEqual(splitPatients(all, options));
    }),
  );
});

it('validates on each patient outside the test share in exactly one of k folds, and tests on the same ones in all', () => {
  fc.assert(
    fc.property(cases, seed, fc.integer({ min: 2, max: 4 }), (all, seed, folds) => {
      fc.pre(patientsOf(all).length >= 8);
      const options = { train: 0.7, validation: 0.1, test: 0.2, folds, seed };
      const splits = Array.from({ length: folds }, (_, fold) => splitPatients(all, { ...options, fold }).patients);
      for (const patient of patientsOf(all)) {
        const roles = splits.map((patients) => patients[patient]);
        if (roles.includes('test')) expect(new Set(roles)).toEqual(new Set(['test']));
        else expect(roles.filter((role) => role === 'validation')).toHaveLength(1);
      }
      const sizes = splits.map((patients) => Object.values(patients).filter((role) => role === 'validation').length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

it('keeps the patients of a validation and a test folder there, takes no others, and lets folds validate on each', () => {
  const named = (part: 'train' | 'validation' | 'test') =>
    Array.from({ length: 4 }, (_, n) => ({ patient: `${part}${n}`, part }));
  const all = [...named('train'), ...named('validation'), ...named('test')];
  const options = { train: 0.5, validation: 0.25, test: 0.25, fold: 0, seed: 1 };
  for (const { patient, part } of all) expect(splitPatients(all, options).patients[patient]).toBe(part);
  const both = splitPatients([...all, { patient: 'validation0', part: 'test' as const }], options);
  expect(both.patients.validation0).toBe('test');
  const { folds } = splitPatients(all, { ...options, folds: 4 });
  expect(folds.flat().sort()).toEqual([...named('train'), ...named('validation')].map(({ patient }) => patient).sort());
});
