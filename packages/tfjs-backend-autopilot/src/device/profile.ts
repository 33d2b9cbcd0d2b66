import type { Device } from './device.ts';
import type { KernelName } from './kernel-names.ts';

/** The cost of one kernel. */
export interface KernelTime {
  kernel: KernelName;
  calls: number;
  /** Total wall-clock milliseconds of all calls. */
  ms: number;
}

/** Times every kernel of a device until `stop`, which returns the times, most expensive first. */
export function profileKernels(device: Device): { stop(): KernelTime[] } {
  const { run } = device;
  const times = new Map<KernelName, KernelTime>();
  device.run = (kernel, ...rest) => {
    const from = performance.now();
    run(kernel, ...rest);
    const ms = performance.now() - from;
    const time = times.get(kernel);
    if (!time) times.set(kernel, { kernel, calls: 1, ms });
    else {
      time.calls++;
      time.ms += ms;
    }
  };
  return {
    stop() {
      device.run = run;
      return [...times.values()].sort((a, b) => b.ms - a.ms);
    },
  };
}
