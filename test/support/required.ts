/**
 * Whether something real that tests need is here. Says loudly when it is not; fails where AUTOPILOT_REQUIRE names it,
 * as continuous integration does.
 */
export function present(name: string, isHere: boolean, reason: string): boolean {
  if (isHere) return true;
  const required = (process.env.AUTOPILOT_REQUIRE ?? '').split(',').includes(name);
  if (required) throw new Error(`${name} is required for these tests: ${reason}`);
  console.warn(`\n*** NOT TESTED for want of ${name}: ${reason} ***\n`);
  return false;
}
