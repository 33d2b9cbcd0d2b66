import { type BackendReport, describeBackends } from '../../trainer/compute/describe-backends.ts';
import { nativeBackend } from '../../trainer/compute/native-backend.ts';
import type { Check } from './check.ts';

/** One check for each compute back end, each measured for `measureMs` milliseconds (0: not at all). */
export async function computeChecks(measureMs: number): Promise<Check[]> {
  const checks = (await describeBackends({ measureMs })).map(computeCheck);
  const bf16 = await describeBackends({ measureMs, precision: 'bf16', candidates: [nativeBackend] });
  // Never chosen automatically.
  const inBf16 = bf16.map((report) => ({
    ...report,
    name: 'native with precision: bf16',
    state: report.state === 'rejected' ? ('rejected' as const) : ('usable' as const),
  }));
  return [...checks, ...inBf16.map(computeCheck)];
}

/** The report on one back end: chosen, usable or rejected, why, and how fast. */
export function computeCheck({ name, state, detail, gigaflops }: BackendReport): Check {
  const speed = gigaflops === undefined ? '' : `, ${gigaflops.toPrecision(3)} GFLOP/s`;
  const check = { name: `compute ${name}`, detail: `${state}: ${detail}${speed}`, essential: false };
  if (state !== 'rejected') return { ...check, state: 'ok', fix: null };
  return { ...check, state: 'missing', fix: 'optional; docs/compute.md says what each back end needs' };
}
