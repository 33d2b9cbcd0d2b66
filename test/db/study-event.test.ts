import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openStore, type StudyEvent } from '../../db/index.ts';
import { writeChecksums } from '../../db/journal/checksums.ts';
import { temporaryProject } from '../engine/example-study.ts';
import { exampleStore } from './example-store.ts';

/** Events as another version, or a broken disk, may have left them. */
function storeWith(...events: { type: string; payload: string }[]) {
  const path = join(temporaryProject(), 'autopilot.db');
  exampleStore(path).close();
  const database = new Database(path);
  const insert = database.prepare("INSERT INTO event (study_id, type, payload, time_ms) VALUES ('example', ?, ?, 1)");
  for (const { type, payload } of events) insert.run(type, payload);
  writeChecksums(database);
  database.close();
  return openStore({ path });
}

describe('an event', () => {
  it('comes back as it was written, with numbers that JSON does not know', () => {
    const store = exampleStore();
    const classes = { liver: { dice: 0.9, surfaceMm: Number.POSITIVE_INFINITY } };
    const confirming = { split: 'test', metrics: { dice: 0.8 } };
    const result = { split: 'validation', metrics: { dice: Number.NaN }, classes, confirming };
    const finished: StudyEvent = { type: 'run.finished', key: 'baseline-1', ...result };
    store.appendEvent('example', finished, 1);
    store.appendEvent('example', { type: 'study.continued' }, 2);
    expect(store.eventsOf('example').map(({ event }) => event)).toEqual([finished, { type: 'study.continued' }]);
    expect(store.eventTimesOf('example')).toEqual([
      { type: 'run.finished', timeMs: 1 },
      { type: 'study.continued', timeMs: 2 },
    ]);
  });

  it('of a type that is not listed, or without its fields, does not compile', () => {
    const store = exampleStore();
    const planted = [
      // @ts-expect-error no event has this type
      () => store.appendEvent('example', { type: 'study.renamed' }, 1),
      // @ts-expect-error its reason is missing
      () => store.appendEvent('example', { type: 'study.stopped' }, 1),
      // @ts-expect-error it has no such field
      () => store.appendEvent('example', { type: 'study.continued', reason: 'lunch is over' }, 1),
      // @ts-expect-error no event has this type
      () => store.eventsOf('example', { types: ['study.canceled'] }),
    ];
    expect(planted).toHaveLength(4);
  });

  it('of a later version is kept, and is unknown to this one', () => {
    const store = storeWith({ type: 'study.renamed', payload: '{"to":"other"}' });
    expect(store.eventsOf('example')).toMatchObject([{ event: { type: 'unknown', name: 'study.renamed' } }]);
    expect(store.eventTimesOf('example')).toEqual([{ type: 'unknown', timeMs: 1 }]);
    store.close();
  });

  it('that is damaged is refused by its type and field', () => {
    const store = storeWith({ type: 'budget.spent', payload: '{"type":"budget.spent"}' });
    expect(() => store.eventsOf('example')).toThrow(
      expect.objectContaining({
        code: 'store.event',
        message: expect.stringMatching(/"budget\.spent"[\s\S]*reason/),
      }),
    );
    store.close();
  });
});
