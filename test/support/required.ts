/**
 * Whether a real program that tests need is present. Warns loudly if it is not; throws if AUTOPILOT_REQUIRE names it,
 * as in continuous integration.
 */
export function present(name: string, isHere: boolean, reason: string): boolean {
  if (isHere) return true;
  const required = (process.env.AUTOPILOT_REQUIRE ?? '').split(',').includes(name);
  if (required) throw new Error(`${name} is required for these tests: ${reason}`);
  console.warn(`\n*** NOT TESTED without ${name}: ${reason} ***\n`);
  return false;
}
