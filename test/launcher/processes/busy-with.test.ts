import { expect, it } from 'vitest';
import { placeIn } from '../../../src/launcher/processes/busy-with.ts';

const library = '/usr/lib/python3/dist-packages/torch/distributed/distributed_c10d.py';

it('reads where a script stands from what faulthandler wrote', () => {
  const stacks = [
    'Thread 0x00007f2 (most recent call first):',
    '  File "/usr/lib/python3.11/threading.py", line 324 in wait',
    '  File "/home/me/grescale_autopilot/heartbeats.py", line 90 in _go_on',
    '',
    'Current thread 0x00007f1 (most recent call first):',
    `  File "${library}", line 1320 in all_reduce`,
    '  File "/home/me/train.py", line 40 in step',
    '  File "/home/me/train.py", line 7 in <module>',
    '',
  ].join('\n');
  expect(placeIn(stacks)).toBe('is in all_reduce (distributed_c10d.py:1320), called at train.py:40');
  expect(placeIn('Current thread 0x1 (most recent call first):\n  File "a/train.py", line 6 in <module>\n')).toBe(
    'is in train.py:6',
  );
  expect(placeIn('')).toBeNull();
});
