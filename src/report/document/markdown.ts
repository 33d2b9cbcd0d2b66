import { splitAtAddresses } from './addresses.ts';
import type { Block, ReportDocument } from './document.ts';

/** The report as Markdown; its figures are files to be written beside it, named by their blocks. */
export function toMarkdown({ title, sections }: ReportDocument): string {
  const parts = [`# ${title}`, ...sections.flatMap((section) => [`## ${section.title}`, ...section.blocks.map(block)])];
  return `${parts.join('\n\n')}\n`;
}

function block(one: Block): string {
  switch (one.type) {
    case 'paragraph':
      return one.tone ? `> ${plain(one.text)}` : plain(one.text);
    case 'list':
      return one.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'facts':
      return rows(['', ''], one.facts);
    case 'table': {
      const table = rows(
        one.columns.map(({ title }) => title),
        one.rows,
        one.columns.map(({ number }) => Boolean(number)),
      );
      return one.caption ? `${table}\n\n*${plain(one.caption)}*` : table;
    }
    case 'code':
      return `\`\`\`\n${one.text}\n\`\`\``;
    case 'figure':
      return `![${plain(one.caption)}](${one.file})\n\n*${plain(one.caption)}*`;
  }
}

function rows(head: string[], body: string[][], numbers: boolean[] = []): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = `|${head.map((_, index) => (numbers[index] ? '---:' : '---')).join('|')}|`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Escapes everything except web addresses, which a backslash would break. */
const plain = (text: string) =>
  splitAtAddresses(text)
    .map((part, index) => (index % 2 === 0 ? part.replace(/([*_`<>])/g, '\\$1') : `<${part}>`))
    .join('')
    .replace(/\n/g, ' ');
const cell = (text: string) => plain(text).replace(/\|/g, '\\|');
