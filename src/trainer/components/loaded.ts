import { AutopilotError, messageOf } from '../../domain/errors.ts';
import type { Parameters } from './kinds.ts';

/** A user's module, loaded; what its functions throw names it. */
export interface Loaded<Definition> {
  /** `components.loss (/path/my-loss.mjs)`: how errors name it. */
  where: string;
  definition: Definition;
  parameters: Parameters;
}

/** Breaks the port's contract: names the module, what is wrong and the fix. */
export function contractBroken(where: string, problem: string): AutopilotError {
  return new AutopilotError('component.contract', `${where}: ${problem}`);
}

/** Calls what calls into a module; what it throws is reported in its name. */
export function calling<Result>(where: string, method: string, call: () => Result): Result {
  try {
    return call();
  } catch (thrown) {
    throw blame(where, method, thrown);
  }
}

/** A module's definition whose functions report in its name what they throw, or reject with. */
export function guarded(where: string, definition: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(definition).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value];
    return [
      name,
      (...given: unknown[]): unknown => {
        const result: unknown = calling(where, name, () => Reflect.apply(value, definition, given));
        if (!(result instanceof Promise)) return result;
        return result.catch((thrown: unknown) => {
          throw blame(where, name, thrown);
        });
      },
    ];
  });
  return Object.fromEntries(entries);
}

function blame(where: string, method: string, thrown: unknown): Error {
  if (thrown instanceof AutopilotError && thrown.code.startsWith('component.')) return thrown;
  return new AutopilotError('component.threw', `${where}: ${method} threw: ${messageOf(thrown)}${placeOf(thrown)}`, {
    cause: thrown,
  });
}

/** ` (at …/my-loss.mjs:12:7)`: the first line of the stack that is not this program's. */
export function placeOf(thrown: unknown): string {
  const lines = thrown instanceof Error ? (thrown.stack?.split('\n') ?? []) : [];
  const place = lines.map((line) => /(file:\/\/\/?|\()?(\/[^()]+?:\d+:\d+)\)?$/.exec(line.trim())?.[2]).find(isUsers);
  return place === undefined ? '' : ` (at ${place})`;
}

function isUsers(place: string | undefined): place is string {
  return place !== undefined && !place.includes('/node_modules/') && !place.includes('/trainer/');
}
