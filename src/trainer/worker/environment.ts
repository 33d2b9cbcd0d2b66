import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { version_core } from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';

/** What the reproducibility report needs to know about where a run was trained. */
export function environmentOf(facts: Record<string, unknown>): Record<string, unknown> {
  // Apptainer names the image that a program runs in; for others whoever starts them can.
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
