import { describe, expect, it, vi } from 'vitest';
import { createProgressView } from '../../src/cli/progress/progress.ts';
import type { ProgressEvent } from '../../src/domain/progress.ts';
import { startSetting } from '../report/stored-study.ts';

const started: ProgressEvent = {
  type: 'study.started',
  study: 'demo',
  workers: 18,
  epochs: 8,
  metrics: ['dice', 'meanIoU'],
  launcher: 'local',
  simulated: false,
  resumed: false,
};

function runStarted(repeat: number): ProgressEvent {
  const request = { kind: 'baseline' as const, iteration: null, repeat, workers: 1, setting: startSetting };
  const key = `baseline-${repeat}`;
  const why = 'the baseline comes first';
  return {
    type: 'run.started',
    runId: `demo.${key}`,
    request: { ...request, key },
    attempt: 1,
    seed: 1,
    epochs: 8,
    why,
    reattached: false,
  };
}

function epoch(number: number, repeat = 1): ProgressEvent {
  const key = `baseline-${repeat}`;
  return { type: 'epoch', key, epoch: number, epochs: 8, phase: 'warmup', lr: 0.5, loss: 0.25, metrics: { dice: 0.5 } };
}

const ended: ProgressEvent = {
  type: 'run.ended',
  key: 'baseline-1',
  state: 'finished',
  metrics: { dice: 0.8432, meanIoU: 0.9 },
  reason: null,
  seconds: 12,
};

const over: ProgressEvent = {
  type: 'study.ended',
  study: 'demo',
  outcome: 'noLoss',
  reason: 'Confirmed.',
  simulated: true,
};

/** A stream that keeps what is written, and a clock that moves when told. */
function fake(options: { live?: boolean; json?: boolean; columns?: number }) {
  const stream = { columns: options.columns ?? 80, isTTY: options.live === true, written: [] as string[], write };
  function write(this: void, text: string) {
    stream.written.push(text);
  }
  const clock = { ms: 0 };
  const view = createProgressView({ live: false, ...options, stream, color: false, now: () => clock.ms });
  return { stream, clock, view, text: () => stream.written.join('') };
}

const escapeCharacter = String.fromCharCode(27);
/** An escape sequence, or a character. */
const tokens = new RegExp(`${escapeCharacter}\\[\\??\\d*[A-Za-z]|[^]`, 'gu');
const cursorUp = new RegExp(`${escapeCharacter}\\[(\\d+)A`);

/** What a terminal of `columns` shows after all of this was written to it (the sequences the view uses). */
function screen(text: string, columns: number): string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  for (const token of text.match(tokens) ?? []) {
    const up = cursorUp.exec(token);
    if (up) row = Math.max(0, row - Number(up[1]));
    else if (token === '\u001b[K') rows[row] = rows[row]!.slice(0, column);
    else if (token === '\u001b[J') rows.splice(row + (column > 0 ? 1 : 0), rows.length, ...(column > 0 ? [] : ['']));
    else if (token.startsWith('\u001b')) continue;
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      row += 1;
      column = 0;
    } else {
      if (column === columns) {
        row += 1;
        column = 0;
      }
      const line = (rows[row] ?? '').padEnd(column);
      rows[row] = line.slice(0, column) + token + line.slice(column + 1);
      column += 1;
    }
    rows[row] ??= '';
  }
  return rows;
}

describe('progress outside a terminal', () => {
  it('says a reason once, whoever repeats it', () => {
    const { view, text } = fake({});
    const reason = 'dice 0.845 is worth validating; next: validate iteration 0';
    view({ ...started, workers: 1 });
    view({
      type: 'decision',
      decision: {
        sequence: 1,
        iteration: 0,
        verdict: 'reached',
        rule: 'nonInferiority.worth',
        observed: {},
        next: { action: 'validate' },
        settingBefore: null,
        settingAfter: null,
        guidelineHash: '',
        reason,
      },
    });
    const why = `Iteration 1: validating iteration 0. Why: ${reason}.`;
    const run = runStarted(1);
    if (run.type !== 'run.started') throw new Error('unreachable');
    view({ ...run, why, request: { ...run.request, kind: 'validation', iteration: 1 } });
    view({ ...over, reason });
    expect(text().split(reason)).toHaveLength(2);
    expect(text()).toContain('validation of iteration 1, repeat 1 starts: validating iteration 0.');
    expect(text()).toContain('demo starts: 1 worker, ');
  });

  it('is a line for each start, end and decision, and a few for the epochs', () => {
    const { view, text } = fake({});
    view(started);
    view(runStarted(1));
    for (let number = 1; number <= 8; number++) view(epoch(number));
    view(ended);
    view(over);
    expect(text().trim().split('\n')).toEqual([
      'demo starts: 18 workers, 8 epochs a run, launcher local.',
      'baseline 1 starts: the baseline comes first',
      'baseline-1: epoch 2/8, warmup, rate 0.5, loss 0.25, dice 0.500',
      'baseline-1: epoch 4/8, warmup, rate 0.5, loss 0.25, dice 0.500',
      'baseline-1: epoch 6/8, warmup, rate 0.5, loss 0.25, dice 0.500',
      'baseline-1: epoch 8/8, warmup, rate 0.5, loss 0.25, dice 0.500',
      'baseline-1 finished: dice 0.843, meanIoU 0.900 (12 s)',
      'demo: noLoss (no accuracy loss, confirmed).',
      'Confirmed.',
    ]);
  });

  it('says what is waited for once, and warns of simulated results', () => {
    const { view, text } = fake({});
    view({ ...started, simulated: true });
    view({ type: 'waiting', reason: 'job 7 is queued' });
    view({ type: 'waiting', reason: 'job 7 is queued' });
    expect(text().match(/job 7/g)).toHaveLength(1);
    expect(text()).toContain('SIMULATED');
  });

  it('holds no escape sequence', () => {
    const { view, text } = fake({});
    for (const event of [started, runStarted(1), epoch(4), ended, over]) view(event);
    expect(text()).not.toContain('\u001b');
  });
});

describe('progress as JSON', () => {
  it('is every event on a line of its own, with NaN as a string', () => {
    const { view, text } = fake({ json: true });
    view(started);
    view({ ...epoch(1), loss: Number.NaN } as ProgressEvent);
    const lines = text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([started, { ...epoch(1), loss: 'NaN' }]);
  });
});

describe('progress in a terminal', () => {
  it('redraws a line for each run in place, below the lines that stay', () => {
    const { view, clock, text } = fake({ live: true });
    view(started);
    clock.ms += 1000;
    view(runStarted(1));
    clock.ms += 1000;
    view(runStarted(2));
    for (let number = 1; number <= 3; number++) {
      clock.ms += 1000;
      view(epoch(number));
    }
    clock.ms += 1000;
    view({ type: 'estimate', currentSeconds: 61, atMostSeconds: null });
    view.close();
    const rows = screen(text(), 80).filter((row) => row !== '');
    expect(rows[0]).toBe('demo starts: 18 workers, 8 epochs a run, launcher local.');
    expect(rows[1]).toBe('the baseline comes first');
    expect(rows[2]).toMatch(/^baseline 1 .* 3\/8 {2}warmup {2}rate 0\.5 {2}loss 0\.25 {2}dice 0\.500/);
    expect(rows[3]).toMatch(/^baseline 2 .* 0\/8 {2}starting/);
    expect(rows[4]).toBe('about 1 min 01 s left for these runs');
    expect(rows).toHaveLength(5);
  });

  it('replaces the view by what came of it', () => {
    const { view, clock, text } = fake({ live: true });
    for (const event of [started, runStarted(1), epoch(1), ended, over]) {
      clock.ms += 1000;
      view(event);
    }
    expect(screen(text(), 80).filter((row) => row !== '')).toEqual([
      'demo starts: 18 workers, 8 epochs a run, launcher local.',
      'baseline-1 finished: dice 0.843, meanIoU 0.900 (12 s)',
      'demo: noLoss (no accuracy loss, confirmed).',
      'Confirmed.',
    ]);
  });

  it('writes each frame at once and seldom: a hundred events make no hundred frames', () => {
    vi.useFakeTimers();
    try {
      const { view, clock, stream } = fake({ live: true });
      view(started);
      view(runStarted(1));
      const before = stream.written.length;
      for (let number = 1; number <= 100; number++) {
        clock.ms += 1;
        view({ ...epoch(1), loss: number } as ProgressEvent);
      }
      vi.advanceTimersByTime(200);
      expect(stream.written.length - before).toBeLessThanOrEqual(3);
      expect(stream.written.at(-1)).toSatisfy((frame: string) => {
        return frame.startsWith('\u001b[?2026h') && frame.includes('loss 100') && frame.endsWith('\u001b[?2026l');
      });
      view.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([20, 30, 50, 72, 120])('fits %d columns, and the epochs stay to the last', (columns) => {
    const { view, clock, stream } = fake({ live: true, columns });
    view({ ...started, study: 'd' });
    stream.written.length = 0;
    view(runStarted(1));
    clock.ms += 5000;
    view(epoch(3));
    view.close();
    const frame = screen(stream.written.join(''), 1000).filter((row) => row !== '' && !row.startsWith('d starts'));
    for (const row of frame) expect([...row].length).toBeLessThan(columns);
    expect(frame.join('\n')).toContain('3/8');
  });

  it('cleans up after a terminal that became narrower', () => {
    const { view, clock, stream, text } = fake({ live: true, columns: 80 });
    view(started);
    clock.ms += 1000;
    view(runStarted(1));
    clock.ms += 1000;
    view(epoch(1));
    const wide = screen(text(), 80).findLast((row) => row !== '')!;
    stream.columns = 40;
    clock.ms += 1000;
    view(epoch(2));
    view.close();
    const up = Number(cursorUp.exec(stream.written.at(-1)!)?.[1]);
    // The reason (one row) and the run's line, which now takes two.
    expect(up).toBe(1 + Math.ceil([...wide].length / 40));
  });
});

it('goes on in a terminal that nobody has told its size', () => {
  const { view, text } = fake({ live: true, columns: 0 });
  view(started);
  view({ ...over, reason: 'one more validating run with a new seed '.repeat(5) });
  expect(text()).toContain('demo starts');
});
