import { expect, it } from 'vitest';
import type { RunRecord } from '../../db/index.ts';
import { metricTexts } from '../../src/domain/metric/text.ts';
import { statisticsSection } from '../../src/report/study-report/statistics-section.ts';

const dice = metricTexts({ metrics: ['dice'], definitions: {} })('dice');
const group = (name: string, ...values: number[]) => ({
  name,
  runs: values.map((value) => ({ metrics: { dice: value } }) as unknown as RunRecord),
});
const tables = (...groups: ReturnType<typeof group>[]) =>
  statisticsSection(groups, [dice]).blocks.flatMap((block) => (block.type === 'table' ? [block.rows] : []));

it('a setting that was trained once has no part in the analysis of variance', () => {
  const [, both] = tables(group('a', 0.8, 0.81, 0.82), group('b', 0.7, 0.72, 0.71));
  expect(both?.[0]?.[1]).toBe('1, 4');
  expect(tables(group('a', 0.8, 0.81, 0.82), group('b', 0.7, 0.72, 0.71), group('once', 0.5))[1]).toEqual(both);
});

it('nothing is analysed where no setting was repeated', () => {
  expect(tables(group('a', 0.8), group('b', 0.7))).toEqual([]);
});
