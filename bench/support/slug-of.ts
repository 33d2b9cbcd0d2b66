/** A processor's or GPU's name as part of a file name, so that each machine has its own results. */
export function slugOf(name: string): string {
  return name
    .replaceAll('(R)', '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}
