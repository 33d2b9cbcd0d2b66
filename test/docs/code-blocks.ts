import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A fenced block of README, CONTRIBUTING or docs/. */
export interface CodeBlock {
  /** Page and first line: `docs/cli.md:95`. */
  at: string;
  page: string;
  language: string;
  text: string;
}

/** Every fenced block of README, CONTRIBUTING and the pages of docs/, in their order. */
export function codeBlocks(): CodeBlock[] {
  const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)].flatMap(blocksOf);
}

function blocksOf(page: string): CodeBlock[] {
  const whole = readFileSync(new URL(page, root), 'utf8');
  return [...whole.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: text = '', index }) => {
    const line = whole.slice(0, index).split('\n').length;
    return { at: `${page}:${line}`, page, language, text };
  });
}

/** The commands of a shell block, each as words: without prompt, comment and variables; `\` joins lines. */
export function commandLines(text: string): string[][] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => wordsOf(line.replace(/^\$ /, '')))
    .filter((words) => words.length > 0);
}

function wordsOf(line: string): string[] {
  const parts = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const comment = parts.findIndex((part) => part.startsWith('#'));
  const told = comment < 0 ? parts : parts.slice(0, comment);
  const first = told.findIndex((part) => !/^[A-Z_]+=/.test(part));
  const redirected = told.findIndex((part) => /^[<>|]/.test(part));
  return told
    .slice(first < 0 ? told.length : first, redirected < 0 ? undefined : redirected)
    .map((part) => part.replace(/["']/g, ''));
}

/** What a block says it needs, in a comment of its own: `# needs a Slurm cluster`; null where it runs anywhere. */
export function needs(text: string): string | null {
  return /^\s*(?:#|\/\/) needs (.+)$/m.exec(text)?.[1] ?? null;
}
