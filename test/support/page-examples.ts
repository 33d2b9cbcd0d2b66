import { readFileSync } from 'node:fs';

/** A fenced block of a page, with the output shown below it. */
export interface PageExample {
  /** The file that its first line names: `// run.ts`, `# study.yaml`. */
  file: string;
  text: string;
  /** The `text` block that follows before another example; null if there is none. */
  prints: string | null;
}

/** The examples of a page of docs/: blocks in these languages whose first line is a comment with a file name. */
export function pageExamples(page: string, languages: readonly string[]): PageExample[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const examples: PageExample[] = [];
  for (const [, language = '', code = ''] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const last = examples.findLast(({ file }) => !file.endsWith('.yaml'));
    if (language === 'text' && last !== undefined) last.prints = code;
    const [, file] = /^(?:\/\/|#) (\S+\.\w+)\n/.exec(code) ?? [];
    if (file !== undefined && languages.includes(language)) examples.push({ file, text: code, prints: null });
  }
  return examples;
}
