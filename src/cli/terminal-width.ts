/** Nothing is laid out for less. */
const narrowest = 40;

/** Columns of the terminal, 40 or more, or what COLUMNS says; undefined where neither is known, as in a pipe. */
export function terminalWidth(): number | undefined {
  const asked = Number(process.env.COLUMNS);
  if (Number.isInteger(asked) && asked > 0) return Math.max(narrowest, asked);
  // A terminal that nobody has told its size has 0 columns.
  return process.stdout.isTTY === true ? Math.max(narrowest, process.stdout.columns || 80) : undefined;
}
