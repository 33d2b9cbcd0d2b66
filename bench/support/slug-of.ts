/** A processor's or GPU's name as a part of a file name: results of different machines lie side by side. */
export function slugOf(name: string): string {
  return name
    .replaceAll('(R)', '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}
