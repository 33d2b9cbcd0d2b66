import { useState } from './html.js';

/**
 * What of a view the address keeps behind its "?", so that it is a link to exactly this view. `defaults` has every part
 * as text; a part that is as there is left out of the address.
 */
export function useAddress(defaults) {
  const [path, given] = location.hash.split('?');
  const [view, set] = useState(() => {
    const query = new URLSearchParams(given ?? '');
    return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, query.get(name) ?? value]));
  });
  const change = (part) => {
    const next = { ...view, ...part };
    const query = new URLSearchParams(Object.entries(next).filter(([name, value]) => value !== defaults[name]));
    history.replaceState(null, '', `${path || '#/'}${query.size > 0 ? `?${query}` : ''}`);
    set(next);
  };
  return [view, change];
}
