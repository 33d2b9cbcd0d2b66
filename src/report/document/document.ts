/** A report as data: what HTML, Markdown and a person need, and nothing about how it looks. */
export interface ReportDocument {
  title: string;
  sections: Section[];
}

export interface Section {
  title: string;
  blocks: Block[];
}

export type Block =
  | { type: 'paragraph'; text: string; tone?: 'answer' | 'warning' }
  | { type: 'list'; items: string[] }
  | { type: 'facts'; facts: [name: string, value: string][] }
  | { type: 'table'; columns: Column[]; rows: string[][]; caption?: string }
  | { type: 'code'; text: string }
  /** `svg` is a whole SVG element; `file` names it beside a Markdown report. */
  | { type: 'figure'; svg: string; caption: string; file: string };

export interface Column {
  title: string;
  /** A column of numbers is right-aligned. */
  number?: boolean;
}
