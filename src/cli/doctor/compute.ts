import { type BackendReport, describeBackends } from '../../trainer/compute/describe-backends.ts';
import type { Check } from './check.ts';

/** One check for each compute back end; `measureMs` of measurement each, 0 for none. */
export async function computeChecks(measureMs: number): Promise<Check[]> {
  return (await describeBackends({ measureMs })).map(computeCheck);
}

/** What is said of one back end: chosen, usable or rejected, why, and how fast. */
export function computeCheck({ name, state, detail, gigaflops }: BackendReport): Check {
  const speed = gigaflops === undefined ? '' : `, ${gigaflops.toPrecision(3)} GFLOP/s`;
  const check = { name: `compute ${name}`, detail: `${state}: ${detail}${speed}`, essential: false };
  if (state !== 'rejected') return { ...check, state: 'ok', fix: null };
  return { ...check, state: 'missing', fix: 'optional; docs/compute.md says what each back end needs' };
}
