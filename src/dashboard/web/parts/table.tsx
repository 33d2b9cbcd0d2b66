// biome-ignore-all lint/a11y/noRedundantRoles: rows that are stacked lose the roles that a table has by itself
import type { ComponentChildren } from 'preact';
import { Scroll } from './scroll.tsx';

export interface Column {
  title: string;
  /** Aligns the values digit under digit. */
  number?: boolean;
}

interface TableProps {
  label: string;
  columns: readonly Column[];
  children: ComponentChildren;
}

/** A table whose rows are stacked on a narrow screen. */
export function Table({ label, columns, children }: TableProps) {
  return (
    <Scroll label={label}>
      <table class="stacked" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, number = false }) => (
              <th key={title} scope="col" role="columnheader" class={number ? 'number' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </Scroll>
  );
}

export function Row({ class: name, children }: { class?: string; children: ComponentChildren }) {
  return (
    <tr role="row" class={name}>
      {children}
    </tr>
  );
}

interface CellProps {
  /** The title of its column, shown beside it on a narrow screen. */
  column: string;
  class?: string;
  children: ComponentChildren;
}

/** A cell that holds blocks. */
export function Cell({ column, class: name, children }: CellProps) {
  return (
    <td role="cell" class={name} data-label={column}>
      {children}
    </td>
  );
}

/** A cell that holds text. */
export function TextCell({ children, ...props }: CellProps) {
  return (
    <Cell {...props}>
      <div>{children}</div>
    </Cell>
  );
}
