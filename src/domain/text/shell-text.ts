/** A word for a POSIX shell, quoted if necessary. */
export function shellText(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
