import type { MetricWords } from '../parts/metric.ts';
import { Cell, Table, Row as TableRow, TextCell } from '../parts/table.tsx';
import { ActionName, MetricCell, type Row } from './row.tsx';

interface PartsProps {
  rows: readonly Row[];
  primary: string;
  textOf: (metric: string) => MetricWords;
}

/** Number of rows that a reader will scroll past; a longer table stays closed until opened. */
const few = 40;

/** Every part of the data and every class, for each row; nothing if there is only one part and no class. */
export function Parts({ rows, primary, textOf }: PartsProps) {
  const parts = rows.flatMap((row) => row.parts.map((part) => ({ row, ...part })));
  const ofClasses = parts.flatMap(({ classes }) => Object.values(classes).flatMap(Object.keys));
  if (ofClasses.length === 0 && new Set(parts.map(({ split }) => split)).size < 2) return null;
  const texts = [...new Set([primary, ...ofClasses])].map(textOf);
  const lines = parts.flatMap(({ row, split, metrics, classes }) => [
    { row, split, name: 'all', metrics },
    ...Object.entries(classes).map(([name, own]) => ({ row, split, name, metrics: own })),
  ]);
  const columns = [
    { title: '#', number: true },
    { title: 'Action' },
    { title: 'Part' },
    { title: 'Class' },
    ...texts.map(({ heading }) => ({ title: heading, number: true })),
  ];
  return (
    <>
      <h2>Parts of the data and classes</h2>
      <p class="quiet">
        Where there is a validation part, settings are chosen on it and confirmed on the test part. Differences are from
        the baseline on the same part.
      </p>
      <details open={lines.length <= few}>
        <summary>{lines.length} rows: each part and class of every iteration</summary>
        <Table label="Parts and classes" columns={columns}>
          {lines.map(({ row, split, name, metrics }) => (
            <TableRow key={`${row.kind} ${row.iteration} ${split} ${name}`}>
              <TextCell column="#" class="number">
                {row.iteration ?? '–'}
              </TextCell>
              <TextCell column="Action" class="action">
                <ActionName row={row} />
              </TextCell>
              <TextCell column="Part">{split}</TextCell>
              <TextCell column="Class">{name}</TextCell>
              {texts.map((text) => (
                <Cell key={text.name} class="number" column={text.heading}>
                  <MetricCell row={row} metrics={metrics} text={text} />
                </Cell>
              ))}
            </TableRow>
          ))}
        </Table>
      </details>
    </>
  );
}
