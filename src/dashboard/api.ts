import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Hono } from 'hono';
import type { Store } from '../../db/index.ts';
import { within } from '../protocol/files/within.ts';
import { runDirectoryOf } from '../protocol/run-directory.ts';
import type { Answers } from './answers.ts';
import type { View } from './views.ts';

export interface ReadApiOptions {
  store: Pick<Store, 'run' | 'artifactsOfRun'>;
  /** Folder that contains `runs/`. */
  project: string;
  viewAt: (address: string) => View | null;
  answerTo: Answers;
}

/**
 * The read-only API: JSON for the page, and for anyone who prefers `curl`. An unchanged answer is 304 without a body.
 */
export function readApi({ store, project, viewAt, answerTo }: ReadApiOptions): Hono {
  const api = new Hono();

  api.get('/runs/:run/prediction/:file', (context) => {
    const name = context.req.param('file');
    const run = store.run(context.req.param('run'));
    const artifact =
      run && store.artifactsOfRun(run.id).find(({ kind, path }) => kind === 'prediction' && basename(path) === name);
    // A row may name any file; only files inside the run's own directory are served.
    const path = artifact ? within(runDirectoryOf(project, run.id), artifact.path) : null;
    if (path === null || extname(path) !== '.png' || !statSync(path).isFile()) return context.notFound();
    return context.body(new Uint8Array(readFileSync(path)), 200, { 'Content-Type': 'image/png' });
  });

  api.get('*', (context) => {
    const { pathname, search } = new URL(context.req.url);
    const address = `${pathname.replace(/^\/api/, '')}${search}`;
    const view = viewAt(address);
    if (view === null) return context.json({ error: 'Nothing is stored under that name.' }, 404);
    const { body, etag } = answerTo(address, view);
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', 'Content-Type': 'application/json' };
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
    return context.body(body, 200, headers);
  });

  return api;
}
