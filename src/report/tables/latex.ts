const escapes: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '→': '$\\rightarrow$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '−': '$-$',
  '±': '$\\pm$',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

/** Any text as LaTeX that prints it; control characters become spaces. */
export function latexText(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\\~^→↑↓−±<>]|[&%$#_{}]/g, (character) => escapes[character] ?? `\\${character}`);
}
