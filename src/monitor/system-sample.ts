import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Resources a process used since the last sample; figures that the machine cannot provide are left out. */
export interface SystemSample {
  /** Percent of one core: two busy threads make 200. */
  cpuPercent: number;
  /** Resident memory of the process. */
  memoryBytes: number;
  /** Bytes received and sent by all of the host's interfaces except loopback since the last sample. */
  networkReceiveBytes?: number;
  networkTransmitBytes?: number;
  /** Utilization and used memory of the busiest NVIDIA GPU that `nvidia-smi` lists. */
  gpuPercent?: number;
  gpuMemoryBytes?: number;
}

/**
 * Samples this process. Each call covers the time since the previous one; the first, since creation.
 * Costs a few file reads and, where there is a GPU, one `nvidia-smi` (not tried again once it has failed).
 */
export function createSystemSampler(): () => Promise<SystemSample> {
  let cpu = process.cpuUsage();
  let timeNs = process.hrtime.bigint();
  let network = networkBytes();
  const gpu = createGpuSampler();

  return async () => {
    const cpuNow = process.cpuUsage(cpu);
    const nowNs = process.hrtime.bigint();
    const elapsedMicroseconds = Math.max(1, Number(nowNs - timeNs) / 1000);
    const networkNow = networkBytes();
    const sample: SystemSample = {
      cpuPercent: (100 * (cpuNow.user + cpuNow.system)) / elapsedMicroseconds,
      memoryBytes: process.memoryUsage.rss(),
      ...(network &&
        networkNow && {
          networkReceiveBytes: Math.max(0, networkNow.received - network.received),
          networkTransmitBytes: Math.max(0, networkNow.sent - network.sent),
        }),
      ...(await gpu()),
    };
    cpu = process.cpuUsage();
    timeNs = nowNs;
    network = networkNow;
    return sample;
  };
}

interface NetworkBytes {
  received: number;
  sent: number;
}

function networkBytes(): NetworkBytes | null {
  try {
    return parseNetworkBytes(readFileSync('/proc/net/dev', 'utf8'));
  } catch {
    return null;
  }
}

/** Sums the counters of Linux's `/proc/net/dev` over all interfaces but loopback. */
export function parseNetworkBytes(text: string): NetworkBytes {
  const total = { received: 0, sent: 0 };
  for (const line of text.split('\n')) {
    const [name, counters] = line.split(':');
    if (counters === undefined || name?.trim() === 'lo') continue;
    const columns = counters.trim().split(/\s+/).map(Number);
    total.received += columns[0] ?? 0;
    total.sent += columns[8] ?? 0;
  }
  return total;
}

function createGpuSampler(): () => Promise<Pick<SystemSample, 'gpuPercent' | 'gpuMemoryBytes'>> {
  const run = promisify(execFile);
  let present = true;
  return async () => {
    if (!present) return {};
    try {
      const { stdout } = await run(
        'nvidia-smi',
        ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits'],
        { timeout: 2000 },
      );
      return parseGpuUse(stdout);
    } catch {
      present = false;
      return {};
    }
  };
}

/** The busiest line of `nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader,nounits` (percent, MiB). */
export function parseGpuUse(text: string): Pick<SystemSample, 'gpuPercent' | 'gpuMemoryBytes'> {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const busiest = rows.filter((row) => row.every(Number.isFinite)).sort((a, b) => (b[0] ?? 0) - (a[0] ?? 0))[0];
  if (!busiest) return {};
  return { gpuPercent: busiest[0] ?? 0, gpuMemoryBytes: (busiest[1] ?? 0) * 1024 * 1024 };
}
