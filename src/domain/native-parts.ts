/**
 * The command that builds the native parts that an install left out: MPI's addon, the compute kernels, SQLite. It is
 * this program's own file, so it works under any package manager, in a clone, and where install scripts are refused.
 */
export function installCommand(): string {
  const folder = import.meta.url.endsWith('.ts') ? '../../packages/' : '../../../packages/';
  const path = decodeURIComponent(new URL(`${folder}install.mjs`, import.meta.url).pathname);
  // Yarn without node_modules lets only its own node find packages.
  const node = process.versions.pnp === undefined ? 'node' : 'yarn node';
  return `${node} ${/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`}`;
}
