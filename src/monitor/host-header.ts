import { isIP } from 'node:net';

/**
 * Tells from a request's Host header whether it was meant for this server: an address, or a name that it was bound to.
 * A page elsewhere that makes its own name point here (DNS rebinding) must not read what is served. The answer is the
 * name that is refused, or null.
 */
export function refusedHost(header: string | undefined, names: readonly string[]): string | null {
  const host = (header ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIP(host) !== 0 || host === 'localhost' || names.includes(host) ? null : host;
}
