import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import wrapAnsi from 'wrap-ansi';
import { formatBytes, formatNumber, formatSeconds } from '../../src/domain/text/format.ts';
import { terminalPlot } from '../../src/report/show/plot.ts';
import { textTable } from '../../src/report/tables/text-table.ts';
import { fitted, truncate, visibleWidth, wrap } from '../../src/report/tables/text-width.ts';

describe('numbers for people', () => {
  it.each([
    [0.5, '0.5'],
    [0.123456, '0.1235'],
    [12345.678, '12350'],
    [0.0000123, '1.23e-5'],
    [1e-6, '1e-6'],
    [0, '0'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-infinity'],
  ])('%d is %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [0.25, '0.3 s'],
    [48, '48 s'],
    [59.7, '1 min 00 s'],
    [200, '3 min 20 s'],
    [3599.6, '1 h 00 min'],
    [7500, '2 h 05 min'],
  ])('%d seconds are %s', (value, text) => expect(formatSeconds(value)).toBe(text));

  it.each([
    [999, '999 B'],
    [1500, '1.5 kB'],
    [25_300_000_000, '25.3 GB'],
  ])('%d bytes are %s', (value, text) => expect(formatBytes(value)).toBe(text));
});

describe('text of a given width', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

  it('counts no colours', () => expect(visibleWidth(red('abc'))).toBe(3));

  it('is cut with an ellipsis, and colours are closed', () => {
    expect(truncate('abcdef', 4)).toBe('abc\u2026');
    expect(truncate('abc', 3)).toBe('abc');
    expect(visibleWidth(truncate(red('abcdef'), 4))).toBe(4);
    expect(truncate(red('abcdef'), 4)).toBe(`${red('abc')}\u2026`);
  });

  it('is wrapped at spaces, and in a word only where it must be', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('is wrapped and cut the same whether or not it has characters for which the tables of Unicode are needed', () => {
    const words = fc.string({ unit: fc.constantFrom(' ', 'a', 'é', 'μ', '−', '→', '√', '“', '×'), maxLength: 60 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 14 }), (text, width) => {
        expect(visibleWidth(text)).toBe(stringWidth(text));
        fc.pre(visibleWidth(text) > width);
        expect(wrap(text, width)).toEqual(wrapAnsi(text, width, { hard: true }).split('\n'));
        expect(truncate(text, width)).toBe(`${text.slice(0, width - 1)}\u2026`);
      }),
      { numRuns: 200 },
    );
  });

  it('is as wide as string-width says, whichever character it is', () => {
    const characters = Array.from({ length: 0x3000 - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
    expect(characters.filter((each) => visibleWidth(each) !== stringWidth(each))).toEqual([]);
  });

  it('gives Chinese characters and emoji the two columns they take', () => {
    expect([visibleWidth('肝脏 👩‍⚕️'), visibleWidth('e\u0301')]).toEqual([7, 1]);
    expect([truncate('肝脏肿瘤', 6), truncate('肝脏肿瘤', 7), truncate('肝脏', 2)]).toEqual([
      '肝脏\u2026',
      '肝脏肿\u2026',
      '\u2026',
    ]);
    expect(wrap('肝脏肿瘤 CT', 4)).toEqual(['肝脏', '肿瘤', 'CT']);
    const rows = [
      ['肝脏', '1'],
      ['liver', '2'],
    ];
    const lines = textTable({ columns: [{ heading: 'class' }, { heading: 'n' }], rows }).split('\n');
    expect(lines.slice(2)).toEqual(['肝脏   1', 'liver  2']);
  });

  it('fits a table into a terminal by wrapping its flexible column', () => {
    const text = textTable({
      columns: [{ heading: 'n' }, { heading: 'text', flexible: true }, { heading: 'v', align: 'right' }],
      rows: [['1', 'a long text that must be wrapped', '10']],
      width: 24,
    });
    expect(text.split('\n')).toHaveLength(4);
    expect(Math.max(...text.split('\n').map(visibleWidth))).toBeLessThanOrEqual(24);
  });

  it('makes each row of a table that does not fit a paragraph, with every cell', () => {
    const text = textTable({
      columns: [{ heading: '#' }, { heading: 'action', flexible: true }, { heading: 'verdict' }, { heading: 'time' }],
      rows: [
        ['1', 'tune the initial rate', 'not confirmed', '4.9 s'],
        ['2', 'validate', '', '1 s'],
      ],
      width: 24,
    });
    expect(text.split('\n')).toEqual([
      '1  tune the initial rate',
      '  verdict  not confirmed',
      '  time     4.9 s',
      '',
      '2  validate',
      '  time     1 s',
    ]);
  });

  it('breaks a line below its text: beside its label, set in as it is, with the strokes of its tree', () => {
    expect(fitted('setting  rate 0.5, warmup 5 epochs', 24).split('\n')).toEqual([
      'setting  rate 0.5,',
      '         warmup 5 epochs',
    ]);
    expect(fitted('  1. tune the initial rate', 16).split('\n')).toEqual(['  1. tune the', '    initial rate']);
    const tree = fitted('│  ├─ data  from slices of scans', 24);
    expect(tree.split('\n')).toEqual(['│  ├─ data  from slices', '│  │        of scans']);
    expect(fitted('\u001b[1mone two\u001b[22m three', 8)).toBe('\u001b[1mone two\u001b[22m\nthree');
    expect(fitted('as it is', Number.POSITIVE_INFINITY)).toBe('as it is');
  });
});

describe('a curve in a terminal', () => {
  it('falls from its highest to its lowest value', () => {
    const lines = terminalPlot({ values: [1, 0.5, 0], title: 'loss', width: 20, height: 4 }).split('\n');
    expect(lines[0]).toBe('loss');
    expect(lines[1]).toMatch(/^1 \u2524[\u2801-\u28ff]/);
    expect(lines[4]).toMatch(/^0 \u2524.*[\u2801-\u28ff]$/);
    expect(lines.at(-1)).toMatch(/1 +epoch 3$/);
  });

  it('bears gaps, one value, and none', () => {
    expect(terminalPlot({ values: [1, Number.NaN, 2], title: 't' })).toContain('\u2524');
    expect(terminalPlot({ values: [3], title: 't' })).toContain('3 \u2524');
    expect(terminalPlot({ values: [Number.NaN], title: 'loss' })).toBe('loss: no values');
  });
});
