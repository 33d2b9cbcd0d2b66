/** Minimum width, in columns, that text is laid out for. */
const narrowest = 40;

/** Width in columns, at least 40: from COLUMNS, else from the terminal; undefined without either, as in a pipe. */
export function terminalWidth(): number | undefined {
  const asked = Number(process.env.COLUMNS);
  if (Number.isInteger(asked) && asked > 0) return Math.max(narrowest, asked);
  // A terminal whose size was never set has 0 columns.
  return process.stdout.isTTY === true ? Math.max(narrowest, process.stdout.columns || 80) : undefined;
}
