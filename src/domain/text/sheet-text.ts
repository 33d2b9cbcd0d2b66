/** Text of a CSV cell: where a spreadsheet would take it for a formula, an apostrophe in front says that it is text. */
export function sheetText(text: string): string {
  return /^([=+@\t\r]|-(?![\d.]))/.test(text) ? `'${text}` : text;
}
