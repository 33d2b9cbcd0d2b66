import { useState } from 'preact/hooks';

/** Changes parts of a view, and the address with them. */
export type ChangeView<View> = (part: Partial<View>) => void;

/**
 * Keeps a view's state in the address after "?", which makes it a link to exactly this view. `defaults` holds every
 * part as text; parts at their default are left out of the address.
 */
export function useAddress<Part extends string>(
  defaults: Record<Part, string>,
): [Record<Part, string>, ChangeView<Record<Part, string>>] {
  const [path, given] = location.hash.split('?');
  const [view, set] = useState(() => {
    const query = new URLSearchParams(given ?? '');
    const found = { ...defaults };
    for (const name in found) found[name] = query.get(name) ?? defaults[name];
    return found;
  });
  const change = (part: Partial<Record<Part, string>>) => {
    const next = { ...view, ...part };
    const query = new URLSearchParams();
    for (const name in next) if (next[name] !== defaults[name]) query.set(name, next[name]);
    history.replaceState(null, '', `${path || '#/'}${query.size > 0 ? `?${query}` : ''}`);
    set(next);
  };
  return [view, change];
}
