import { isIP } from 'node:net';

/**
 * The name to refuse in a request's Host header, or null if it is an IP address, `localhost` or one of `names`. Keeps
 * a page elsewhere that points its own name here (DNS rebinding) from reading what is served.
 */
export function refusedHost(header: string | undefined, names: readonly string[]): string | null {
  const host = (header ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIP(host) !== 0 || host === 'localhost' || names.includes(host) ? null : host;
}
