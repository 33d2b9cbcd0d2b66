import type { Store } from '../../db/index.ts';

/** What a killed engine would have done next. */
export class EngineDied extends Error {}

const writes = /^(insert|append|mark|set|touch|describe|delete|take|renew|release|transaction|batch)/;

/**
 * The store of an engine that is killed right before its `at`-th write. Whatever transaction it was in is rolled
 * back, as SQLite does after a crash; from then on it does nothing. `onDeath` tells the launcher.
 */
export function dyingStore(store: Store, at: number, onDeath: () => void): Store {
  let count = 0;
  let dead = false;
  return new Proxy(store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return (...values: unknown[]) => {
        if (writes.test(String(name))) count += 1;
        if (!dead && count === at) {
          dead = true;
          onDeath();
        }
        if (dead) throw new EngineDied(`killed before write ${at}`);
        return method.apply(target, values);
      };
    },
  });
}
