import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  advance,
  decisions,
  guidelineHash,
  iterations,
  outcome,
  pendingRuns,
  restore,
  save,
  start,
} from '../../../machines/guideline/index.ts';
import { standings } from '../../../machines/guideline/record.ts';
import { studyOutcomes } from '../../../src/domain/study.ts';
import { replay } from '../../../src/report/replay/replay.ts';
import { anyInput, anyReply, eventOf, inputOf, reply, run, setting } from './drive.ts';

const replies = fc.array(anyReply, { minLength: 1, maxLength: 40 });
const trainedReplies = fc.array(reply, { minLength: 1, maxLength: 40 });

test('any sequence of results ends in an outcome within its budget', () => {
  fc.assert(
    fc.property(anyInput, replies, (input, answers) => {
      const last = run(input, answers).at(-1)!;
      expect(studyOutcomes).toContain(outcome(last)?.outcome);
      expect(pendingRuns(last)).toEqual([]);
      const trained = iterations(last).filter(
        ({ action, results }) => results.length > 0 && action !== 'extendBaseline',
      );
      expect(trained.length).toBeLessThanOrEqual(input.budget.iterations);
      const failed = iterations(last).some(({ results }) => results.some(({ state }) => state === 'failed'));
      expect(outcome(last)?.outcome === 'failed').toBe(failed);
    }),
  );
});

test('the same action repeats exactly while it improves, and no action is taken up again', () => {
  fc.assert(
    fc.property(anyInput, trainedReplies, (input, answers) => {
      fc.pre(input.guideline.comparing === undefined);
      const last = run(input, answers).at(-1)!;
      const order = input.guideline.actions;
      const steps = iterations(last).filter(({ action }) => action !== 'validate' && action !== 'applyDefaults');
      // A guideline may list changeOptimizer more than once, each time with other optimizers.
      const positions = steps.map(({ action, setting: { optimizer } }) =>
        order.findIndex((entry) =>
          entry.action === 'changeOptimizer'
            ? action === entry.action && entry.optimizers.some((change) => change.optimizer === optimizer)
            : action === entry.action,
        ),
      );
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      for (const [i, step] of steps.slice(1).entries()) {
        const before = standings(iterations(last).filter(({ number }) => number < step.number));
        const [previous, current] = [before.at(-2)?.metrics, before.at(-1)!.metrics];
        const primary = (run: typeof current | undefined) => run?.['dice'] ?? -1;
        const second = (run: typeof current | undefined) => run?.['meanIoU'] ?? -1;
        const improved =
          current !== null &&
          (before.length < 2 ||
            primary(current) > primary(previous) ||
            (primary(current) === primary(previous) && second(current) > second(previous)));
        const repeated = positions[i + 1] === positions[i];
        const decision = decisions(last).findLast((d) => d.iteration === step.number - 1)!;
        const couldNot = decision.reason.includes('cannot continue to');
        expect(repeated).toBe(improved && !couldNot);
      }
    }),
  );
});

test('no setting is ever impossible, and every step changes something', () => {
  fc.assert(
    fc.property(anyInput, trainedReplies, (input, answers) => {
      const rows = iterations(run(input, answers).at(-1)!);
      for (const row of rows) {
        expect(row.setting.warmupEpochs + row.setting.decayEpochs).toBeLessThanOrEqual(
          row.setting.epochs ?? input.epochs,
        );
        const parent = rows.find(({ number }) => number === row.parent);
        if (row.action === 'validate') expect(row.setting).toEqual(parent!.setting);
        else if (parent) expect(row.setting).not.toEqual(parent.setting);
      }
      expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => i));
    }),
  );
});

test('a study that goes through a file at every step goes the same way', () => {
  fc.assert(
    fc.property(anyInput, replies, (input, answers) => {
      const states = run(input, answers);
      for (const [i, state] of states.slice(0, -1).entries()) {
        const [request] = pendingRuns(state);
        const next = states[i + 1]!;
        const event = eventFrom(request!.key, answers, i);
        const restored = restore(JSON.parse(JSON.stringify(save(state))));
        expect(save(advance(restored, event))).toEqual(save(next));
      }
    }),
    { numRuns: 30 },
  );
});

test('an event for a run nobody waits for changes nothing, however often it comes', () => {
  fc.assert(
    fc.property(anyInput, replies, (input, answers) => {
      const states = run(input, answers);
      for (const [i, state] of states.entries()) {
        const stale = states.slice(0, i).flatMap((earlier) => pendingRuns(earlier).map(({ key }) => key));
        const awaited = new Set(pendingRuns(state).map(({ key }) => key));
        for (const key of [...stale, 'iteration-99', 'nonsense'].filter((name) => !awaited.has(name))) {
          for (const kind of ['failed', 'diverged'] as const) {
            expect(save(advance(state, eventOf(key, { kind })))).toEqual(save(state));
          }
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('every decision rests on results stored before it, and says which guideline made it', () => {
  fc.assert(
    fc.property(anyInput, replies, (input, answers) => {
      for (const state of run(input, answers)) {
        for (const decision of decisions(state)) {
          expect(decision.guidelineHash).toBe(input.guidelineHash);
          expect(decision.reason.length).toBeGreaterThan(10);
          if (decision.iteration !== null && decision.verdict !== 'ended') {
            expect(iterations(state)[decision.iteration]!.results.length).toBeGreaterThan(0);
          }
        }
        expect(decisions(state).map(({ sequence }) => sequence)).toEqual(decisions(state).map((_, i) => i + 1));
      }
    }),
    { numRuns: 50 },
  );
});

test('run keys are asked for once each, and never change', () => {
  fc.assert(
    fc.property(anyInput, replies, (input, answers) => {
      const seen = new Set<string>();
      for (const state of run(input, answers)) {
        const [request] = pendingRuns(state);
        if (request) expect(seen.has(request.key)).toBe(false);
        if (request) seen.add(request.key);
      }
    }),
  );
});

test('a table that the machine itself made agrees with the machine', () => {
  fc.assert(
    fc.property(
      anyInput,
      fc.array(reply, { minLength: 1, maxLength: 30 }),
      ({ guideline, workers, budget }, answers) => {
        const rule = { rule: 'thesis' as const, metrics: ['dice', 'meanIoU'], tolerance: 0.002 };
        const input = inputOf({ guideline, guidelineHash: guidelineHash(guideline), workers, budget, rule });
        const rows = iterations(run(input, answers).at(-1)!);
        const table = {
          workers,
          metrics: rule.metrics,
          baseline: { dice: 0.8, meanIoU: 0.8 },
          epochs: input.epochs,
          setting,
          iterations: rows.flatMap(({ action, results }) => {
            const [first] = results;
            if (action === 'extendBaseline') return [];
            return { action, metrics: first?.state === 'finished' ? first.metrics : null };
          }),
        };
        expect(replay({ table, guideline, tolerance: 0.002 }).agrees).toBe(true);
      },
    ),
  );
});

test('the baseline is asked for all at once, in any order, each run once', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }), (order) => {
      let state = start(inputOf({ baseline: { runs: 5, setting } }));
      expect(pendingRuns(state)).toHaveLength(5);
      for (const n of order) {
        const event = { type: 'run.finished', key: `baseline-${n}`, metrics: { dice: 0.8 } } as const;
        state = advance(advance(state, event), event);
      }
      expect(pendingRuns(state).map(({ key }) => key)).toEqual(['iteration-1']);
    }),
  );
});

/** The event that `run` gave at step i. */
function eventFrom(key: string, answers: Parameters<typeof run>[1], i: number) {
  return key.includes('baseline')
    ? eventOf(key, { kind: 'finished', dice: 0.8 + i / 1000, iou: 0.8 })
    : eventOf(key, answers[i % answers.length]!);
}
