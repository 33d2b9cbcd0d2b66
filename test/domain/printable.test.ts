import { describe, expect, it } from 'vitest';
import { printableEvent } from '../../src/cli/progress/printable-event.ts';
import { isInClear, isSecretName, withoutSecrets, withReferences } from '../../src/domain/secrets.ts';
import { steadyClock } from '../../src/domain/steady-clock.ts';
import { printable, printableLine } from '../../src/domain/text/printable.ts';
import { sheetText } from '../../src/domain/text/sheet-text.ts';

describe('text from elsewhere', () => {
  it.each([
    ['\u001b[2J\u001b]0;x\u0007', '␛[2J␛]0;x␇'],
    ['a\r\nb\tc\rd', 'a\nb\tc␍d'],
    ['\u009b31m \u202e txt \ud800', '�31m � txt �'],
    ['Größe 0.8 → 💥', 'Größe 0.8 → 💥'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('in one line has its breaks shown, and is cut off', () => {
    expect(printableLine('a\n  b', 10)).toBe('a ⏎ b');
    expect(printableLine('x'.repeat(20), 5)).toBe('xxxx…');
  });

  it('of an event cannot look like a line of autopilot', () => {
    const event = { type: 'warning', key: null, message: 'done\nexample: no loss\u001b[1A' };
    expect(printableEvent(event)).toEqual({ ...event, message: 'done\n  example: no loss␛[1A' });
  });
});

describe('a cell of a sheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-cmd', "'-cmd"],
    ['-0.5', '-0.5'],
    ['dice', 'dice'],
  ])('%s is written %s', (text, cell) => expect(sheetText(text)).toBe(cell));
});

describe('a secret', () => {
  it.each(['WANDB_API_KEY', 'HF_TOKEN', 'DB_PASSWORD', 'AWS_SECRET_ACCESS_KEY', 'apiKey'])('is %s', (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  it.each(['TOKENIZERS_PARALLELISM', 'PYTHONPATH', 'KEYBOARD', 'OMP_NUM_THREADS'])('is not %s', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it('is given by reference, and covered where an earlier version took it in clear', () => {
    const given = { environment: { HF_TOKEN: 'abc', MODE: 'abc', OTHER_KEY: '$' + '{env:X}' }, key: 'baseline-1' };
    expect(isInClear(given.environment.OTHER_KEY)).toBe(false);
    expect(withReferences('a' + given.environment.OTHER_KEY, { X: 'b' })).toBe('ab');
    expect(withoutSecrets(given)).toEqual({
      environment: { ...given.environment, HF_TOKEN: '•••' },
      key: 'baseline-1',
    });
  });
});

it('a clock that jumps by a year goes on as before', () => {
  let elapsed = 50;
  const now = steadyClock(1000, () => elapsed);
  elapsed += 7.4;
  expect(now()).toBe(1007);
});
