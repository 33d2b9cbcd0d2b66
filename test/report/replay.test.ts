import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveGuideline } from '../../machines/guideline/index.ts';
import { readReplayTable } from '../../src/report/replay/file.ts';
import { replay } from '../../src/report/replay/replay.ts';
import { type ReplayTable, replayTable } from '../../src/report/replay/table.ts';

const folder = 'test/fixtures/thesis-tables';
const guideline = resolveGuideline('thesis');
const tables = readdirSync(folder).map((name) => [name, readReplayTable(join(folder, name))] as const);
const check = (table: ReplayTable, tolerance = 0.002) => replay({ table, guideline, tolerance });

test.each(tables)('%s agrees, for every tolerance from 0.13 to 0.38 points', (_name, table) => {
  for (const tolerance of [0.0013, 0.002, 0.0038]) expect(check(table, tolerance).agrees).toBe(true);
});

test('table 6.2 does not agree with a strict comparison', () => {
  const [, table] = tables.find(([name]) => name === 'table-6-2.json')!;
  expect(check(table, 0).agrees).toBe(false);
});

test.each(tables)('%s with one action exchanged disagrees there', (_name, table) => {
  const changed = structuredClone(table);
  changed.iterations[2]!.action = 'extendDecay';
  const { agrees, rows } = check(changed);
  expect(agrees).toBe(false);
  expect(rows.filter((row) => !row.agrees).map(({ iteration }) => iteration)).toEqual([2]);
});

function tableOf(workers: number, rows: [ReplayTable['iterations'][number]['action'], number | null][]): ReplayTable {
  const iterations = rows.map(([action, dice]) => ({ action, metrics: dice === null ? null : { dice } }));
  return replayTable.parse({ workers, baseline: { dice: 0.8 }, iterations });
}

test('goes on after a validation that did not confirm', () => {
  const table = tableOf(18, [
    ['applyDefaults', null],
    ['decreaseInitialLr', 0.75],
    ['decreaseInitialLr', 0.8],
    ['validate', 0.74],
    ['increaseDecayCoefficient', 0.81],
    ['validate', 0.8],
  ]);
  expect(check(table)).toMatchObject({ agrees: true, outcome: 'noLoss' });
});

test('a row without numbers counts as degraded', () => {
  const table = tableOf(8, [
    ['applyDefaults', null],
    ['decreaseInitialLr', null],
    ['increaseDecayCoefficient', 0.7],
    ['increaseDecayCoefficient', 0.71],
  ]);
  expect(check(table)).toMatchObject({ agrees: true, outcome: 'budgetSpent' });
});

test('an action may repeat as often as a table likes', () => {
  const table = tableOf(18, [
    ['applyDefaults', null],
    ...Array.from({ length: 30 }, (_, i) => ['decreaseInitialLr', 0.5 + i / 1000] as ['decreaseInitialLr', number]),
  ]);
  expect(check(table).agrees).toBe(true);
});

test('rows after the machine has ended disagree', () => {
  const rows: Parameters<typeof tableOf>[1] = [
    ['applyDefaults', null],
    ['decreaseInitialLr', 0.81],
    ['validate', 0.81],
    ['decreaseInitialLr', 0.8],
  ];
  expect(check(tableOf(18, rows)).rows.at(-1)).toMatchObject({ machine: null, agrees: false });
});
