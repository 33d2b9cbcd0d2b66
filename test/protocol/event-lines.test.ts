import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventLine, eventLines, type LaunchedAttempt } from '../../src/protocol/event-lines.ts';

const attempt = (number: number) => ({ number, name: `attempt-${number}`, secret: null });
const first = '{"type":"attempt","attempt":1,"name":"attempt-1"}\n';

function read(text: string, whose: LaunchedAttempt = attempt(1)): EventLine[] {
  const lines = eventLines(whose);
  return [...lines.push(Buffer.from(first + text)), ...lines.end()];
}

describe('events.ndjson, line by line', () => {
  it('waits for the rest of a torn line', () => {
    const lines = eventLines(attempt(1));
    expect(lines.push(Buffer.from(`${first}{"type":"warning","mess`))).toEqual([]);
    expect(lines.push(Buffer.from('age":"hot"}\n'))).toMatchObject([{ state: 'valid', event: { message: 'hot' } }]);
  });

  it('reads a last line without a newline once nobody writes any more', () => {
    expect(read('{"type":"finished"}')).toMatchObject([{ state: 'valid', event: { type: 'finished' } }]);
  });

  it('gives the same events however the file is cut into chunks', () => {
    const text =
      '{"type":"warning","message":"größer als π"}\nnoise\n{"type":"epoch","epoch":1,"loss":"NaN"}\n{"type":"finished"}\n';
    const bytes = Buffer.from(first + text);
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const lines = eventLines(attempt(1));
        const borders = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const found = borders.slice(1).flatMap((end, index) => lines.push(bytes.subarray(borders[index], end)));
        expect([...found, ...lines.end()]).toEqual(whole);
      }),
    );
  });

  it.each([
    ['"NaN"', Number.NaN],
    ['NaN', Number.NaN],
    ['"Infinity"', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
  ])('understands the loss %s', (loss, value) => {
    expect(read(`{"type":"epoch","epoch":1,"loss":${loss}}\n`)).toMatchObject([{ event: { loss: value } }]);
  });

  it('keeps what it does not know, and says what is wrong with what it does', () => {
    expect(read('{"type":"telemetry","x":1}\nhello\n{"type":"epoch","epoch":"one"}\n')).toMatchObject([
      { state: 'unknown', type: 'telemetry' },
      { state: 'noise', line: 'hello' },
      { state: 'invalid', type: 'epoch', problem: expect.stringContaining('epoch') },
    ]);
  });

  it('fences an older attempt that still writes, by its number or by its place', () => {
    const text = [
      '{"type":"epoch","epoch":1}',
      '{"type":"evaluation","metrics":{"dice":0.9},"torn',
      '{"type":"attempt","attempt":2,"name":"attempt-2"}',
      '{"type":"epoch","epoch":2,"attempt":1}',
      '{"type":"epoch","epoch":3,"attempt":2}',
      '{"type":"epoch","epoch":4}',
    ].join('\n');
    expect(read(text, attempt(2))).toMatchObject([
      { state: 'fenced', attempt: 1 },
      { state: 'valid', event: { epoch: 3 } },
      { state: 'valid', event: { epoch: 4 } },
    ]);
    expect(read(text)).toMatchObject([{ event: { epoch: 1 } }, { state: 'noise' }]);
  });

  it('counts only what carries the secret of the attempt, where it has one', () => {
    const text = [
      '{"type":"epoch","epoch":1,"secret":"ours"}',
      '{"type":"evaluation","metrics":{"dice":0.9},"secret":"theirs"}',
      '{"type":"finished"}',
    ].join('\n');
    expect(read(text, { ...attempt(1), secret: 'ours' })).toMatchObject([
      { state: 'valid', event: { epoch: 1 } },
      { state: 'foreign', type: 'evaluation' },
      { state: 'unsigned', type: 'finished' },
    ]);
  });

  it('knows an attempt by its name: another one of the same number, of a store that is gone, is not it', () => {
    const text = '{"type":"epoch","epoch":1}\n{"type":"attempt","attempt":1,"name":"another-1"}\n{"type":"finished"}\n';
    expect(read(text)).toMatchObject([{ event: { epoch: 1 } }]);
    expect(read(text, { ...attempt(1), name: 'another-1' })).toMatchObject([{ event: { type: 'finished' } }]);
  });
});
