/** Text of a CSV cell, with an apostrophe in front if a spreadsheet would take it for a formula. */
export function sheetText(text: string): string {
  return /^([=+@\t\r]|-(?![\d.]))/.test(text) ? `'${text}` : text;
}
