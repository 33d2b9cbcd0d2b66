import { describe, expect, it } from 'vitest';
import { toLine } from '../../src/monitor/line-protocol.ts';

describe('a line of InfluxDB line protocol', () => {
  const point = { measurement: 'epoch', tags: { run: 'iteration-1' }, fields: { loss: 0.25 }, timeMs: 1500 };

  it.each([
    [point, 'epoch,run=iteration-1 loss=0.25 1500000000'],
    [{ ...point, measurement: 'my epoch,x' }, 'my\\ epoch\\,x,run=iteration-1 loss=0.25 1500000000'],
    [{ ...point, tags: { 'a b': 'c=d' } }, 'epoch,a\\ b=c\\=d loss=0.25 1500000000'],
    [
      { ...point, fields: { note: 'say "hi" \\', fine: true } },
      'epoch,run=iteration-1 note="say \\"hi\\" \\\\",fine=true 1500000000',
    ],
    [{ ...point, tags: {} }, 'epoch loss=0.25 1500000000'],
    [{ ...point, fields: { note: 'two\nlines' } }, 'epoch,run=iteration-1 note="two lines" 1500000000'],
  ])('escapes %j', (given, line) => {
    expect(toLine(given)).toBe(line);
  });

  it('leaves out numbers the protocol does not have, and the line when nothing is left', () => {
    expect(toLine({ ...point, fields: { loss: Number.NaN, dice: 0.5 } })).toBe(
      'epoch,run=iteration-1 dice=0.5 1500000000',
    );
    expect(toLine({ ...point, fields: { loss: Number.POSITIVE_INFINITY } })).toBeNull();
  });
});
