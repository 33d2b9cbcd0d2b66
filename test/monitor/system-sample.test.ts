import { describe, expect, it } from 'vitest';
import { createSystemSampler, parseGpuUse, parseNetworkBytes } from '../../src/monitor/system-sample.ts';

describe('a system sample', () => {
  it('sees the processor time this process burnt since the sample before', async () => {
    const sample = createSystemSampler();
    await sample();
    const busyUntil = process.cpuUsage().user + 200_000;
    while (process.cpuUsage().user < busyUntil);
    const busy = await sample();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const idle = await sample();
    expect(busy.cpuPercent).toBeGreaterThan(idle.cpuPercent);
    expect(busy.memoryBytes).toBeGreaterThan(1e6);
  });

  it('adds up the interfaces of /proc/net/dev but loopback', () => {
    const text = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '    lo:   1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0',
      '  eth0:    500       5    0    0    0     0          0         0      300       3    0    0    0     0       0          0',
      '  eth1: 7    1    0    0    0     0          0         0      2       1    0    0    0     0       0          0',
    ].join('\n');
    expect(parseNetworkBytes(text)).toEqual({ received: 507, sent: 302 });
  });

  it('takes the busiest GPU, and none where the driver does not know', () => {
    expect(parseGpuUse('10, 2048\n95, 1024\n')).toEqual({ gpuPercent: 95, gpuMemoryBytes: 1024 ** 3 });
    expect(parseGpuUse('[N/A], [N/A]\n')).toEqual({});
  });
});
