import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { version_core } from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';

/** Where a run was trained, for the reproducibility report. */
export function environmentOf(facts: Record<string, unknown>): Record<string, unknown> {
  // Apptainer names its image itself; other containers need AUTOPILOT_CONTAINER.
  const container = process.env.AUTOPILOT_CONTAINER ?? process.env.APPTAINER_CONTAINER;
  return {
    host: hostname(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    os: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    tensorflowJs: { core: version_core, layers: version_layers },
    ...(container === undefined || container === '' ? {} : { container }),
    ...facts,
  };
}
