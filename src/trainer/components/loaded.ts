import { AutopilotError, messageOf } from '../../domain/errors.ts';
import type { Parameters } from './kinds.ts';

/** A user's module, loaded. */
export interface Loaded<Definition> {
  /** `components.loss (/path/my-loss.mjs)`: how errors name it. */
  where: string;
  definition: Definition;
  parameters: Parameters;
}

/** The error for a module that breaks its contract: names the module, the problem and the fix. */
export function contractBroken(where: string, problem: string): AutopilotError {
  return new AutopilotError('component.contract', `${where}: ${problem}`);
}

/** Calls into a module; an error that it throws or rejects with is rethrown under its name. */
export function calling<Result>(where: string, method: string, call: () => Result): Result {
  try {
    const result = call();
    if (!(result instanceof Promise)) return result;
    return result.catch((thrown: unknown) => {
      throw blame(where, method, thrown);
    }) as Result;
  } catch (thrown) {
    throw blame(where, method, thrown);
  }
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
