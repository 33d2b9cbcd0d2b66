import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Hono } from 'hono';
import type { Store } from '../../db/index.ts';
import { tailOfLog } from './log-tail.ts';
import { runView, studyView } from './study-view.ts';

export interface ApiOptions {
  store: Store;
  /** Folder of the run directories. */
  runsFolder: string;
  /** Whether the page may offer to stop, pause, resume and cancel. */
  writable: boolean;
  now?: () => number;
}

/** The read side: JSON for the page, and for whoever prefers `curl`. */
export function readApi({ store, runsFolder, writable, now = Date.now }: ApiOptions): Hono {
  const api = new Hono();

  api.get('/studies', (context) =>
    context.json({ writable, studies: store.studies().map((study) => summary(store, study)) }),
  );

  api.get('/studies/:study', (context) => {
    const study = store.study(context.req.param('study'));
    return study
      ? context.json({ writable, ...studyView(store, study, now()) })
      : context.json({ error: 'No such study.' }, 404);
  });

  api.get('/runs/:run', (context) => {
    const run = store.run(context.req.param('run'));
    if (!run) return context.json({ error: 'No such run.' }, 404);
    const study = store.study(run.studyId);
    const artifacts = store.artifactsOfRun(run.id);
    return context.json({
      writable,
      study: study?.name,
      epochs: study?.epochs,
      run: runView(run),
      curve: store.epochsOf(run.id),
      attempts: store.attemptsOf(run.id),
      samples: store.samplesOf(run.id),
      predictions: artifacts
        .filter((artifact) => artifact.kind === 'prediction')
        .map((artifact) => basename(artifact.path)),
    });
  });

  api.get('/compare', (context) => {
    const ids = (context.req.query('runs') ?? '').split(',').filter((id) => id !== '');
    const runs = ids.flatMap((id) => {
      const run = store.run(id);
      return run ? [{ run: runView(run), curve: store.epochsOf(id) }] : [];
    });
    return runs.length > 0 ? context.json({ runs }) : context.json({ error: 'None of these runs is stored.' }, 404);
  });

  api.get('/runs/:run/prediction/:file', (context) => {
    const name = context.req.param('file');
    const artifact = store
      .artifactsOfRun(context.req.param('run'))
      .find(({ kind, path }) => kind === 'prediction' && basename(path) === name);
    if (!artifact || extname(artifact.path) !== '.png' || !existsSync(artifact.path)) return context.notFound();
    return context.body(new Uint8Array(readFileSync(artifact.path)), 200, { 'Content-Type': 'image/png' });
  });

  api.get('/runs/:run/log', (context) => {
    const run = store.run(context.req.param('run'));
    return run
      ? context.json(tailOfLog(join(runsFolder, run.id, 'logs')))
      : context.json({ error: 'No such run.' }, 404);
  });

  return api;
}

function summary(store: Store, study: ReturnType<Store['studies']>[number]) {
  const { id, name, workers, epochs, simulated, outcome, reason, createdMs, endedMs } = study;
  const last = store.decisionsOf(id).at(-1);
  return {
    id,
    name,
    workers,
    epochs,
    simulated,
    outcome,
    reason,
    createdMs,
    endedMs,
    lastReason: last?.reason ?? null,
  };
}
