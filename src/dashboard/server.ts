import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { openStore, type Store } from '../../db/index.ts';
import { AutopilotError } from '../domain/errors.ts';
import { actionApi, type StudyActions } from './actions.ts';
import { type Answers, createAnswers } from './answers.ts';
import { readApi } from './api.ts';
import { addLiveEvents, watchStore } from './live.ts';
import { allowedHosts, cookieNameOf, requireSafe, requireToken, sameOriginOnly, securityHeaders } from './security.ts';
import { createStaticFiles } from './static-files.ts';
import { heldByRenewal, type IsHeld } from './study-activity.ts';
import { archives, takeawayReadApi } from './takeaway.ts';
import { type View, viewsOf } from './views.ts';
import { type Work, workActionApi, workReadApi } from './work.ts';

export interface DashboardOptions {
  /** Project folder, which contains `autopilot.db` and `runs/`. */
  project: string;
  /** Address to listen on. */
  host?: string;
  /** Port; 0 chooses a free one. */
  port?: number;
  /** Required with every request if given; one is always required if the address is not a loopback address. */
  token?: string | undefined;
  /** Actions that the page may request; without them it is read-only. */
  actions?: StudyActions | undefined;
  /** Work that the page may start; used only together with `actions`. */
  work?: Work | undefined;
  /** Whether the process that holds a study is alive; by default judged only by its renewals in the store. */
  isHeld?: IsHeld | undefined;
}

export interface Dashboard {
  /** Address to open, including the token if one is needed. */
  url: string;
  close(): Promise<void>;
}

/** Maximum bytes of a request: the longest note with every character escaped. */
const mostBodyBytes = 2 ** 16;
const tooLong = `A request has at most ${mostBodyBytes} bytes. Write a shorter note.`;

/** Serves the page and its data. The store is opened read-only, so that a viewer never delays the engine. */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { project, host = '127.0.0.1', port = 4318, actions } = options;
  const work = actions && options.work;
  requireSafe({ host, token: options.token });
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const token = options.token ?? (loopback && !actions ? undefined : randomBytes(16).toString('base64url'));
  const store = openStore({ path: join(project, 'autopilot.db'), readOnly: true });
  const watch = watchStore(store);

  const views = {
    store,
    project,
    writable: actions !== undefined,
    isHeld: options.isHeld ?? heldByRenewal,
    now: Date.now,
  };
  const api = new Hono();
  const viewAt = viewsOf(views);
  const answerTo = createAnswers();
  addLiveEvents(api, watch, viewAt);
  if (actions) api.use('/actions/*', sameOriginOnly()).route('/actions', actionApi(actions));

  const takeaway = { store, project, isHeld: views.isHeld };
  const archived = actions && archives(takeaway);
  if (archived) api.route('/actions', archived.actions);
  if (actions && work) api.route('/actions/work', workActionApi(work));

  const app = new Hono();
  app.use(securityHeaders(), allowedHosts([host]));
  let cookie = '';
  if (token !== undefined) app.use(requireToken(token, () => cookie));
  app.use(bodyLimit({ maxSize: mostBodyBytes, onError: (context) => context.json({ error: tooLong }, 413) }));
  api.route('/', workReadApi(work));
  if (archived) api.route('/', archived.read);
  api.route('/', takeawayReadApi(takeaway));
  api.route('/', readApi({ store, project, viewAt, answerTo }));
  app.route('/api', api);
  app.notFound((context) => context.text('Not found.', 404));
  app.onError((error, context) =>
    context.json({ error: error instanceof AutopilotError ? error.message : 'The server failed.' }, 500),
  );
  const staticFile = createStaticFiles();
  app.get('*', (context) => {
    const file = staticFile(context.req.path);
    return file
      ? context.body(file.body, 200, { 'Content-Type': file.contentType, 'Cache-Control': 'no-cache' })
      : context.notFound();
  });

  const { server, address } = await listen(app, host, port);
  cookie = cookieNameOf(resolve(project), address.port);
  const ahead = setImmediate(() => readAhead(store, viewAt, answerTo));
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shown}:${address.port}/${token === undefined ? '' : `?token=${token}`}`,
    async close() {
      clearImmediate(ahead);
      watch.close();
      work?.close();
      archived?.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      store.close();
    },
  };
}

/** Reads the page that is usually opened first, the newest study's, before it is requested. */
export function readAhead(
  store: Pick<Store, 'studies'>,
  viewAt: (address: string) => View | null,
  answerTo: Answers,
): void {
  const newest = store.studies().at(-1);
  const address = newest && `/studies/${encodeURIComponent(newest.name)}`;
  const view = address && viewAt(address);
  if (view) answerTo(address, view);
}

function listen(app: Hono, host: string, port: number) {
  return new Promise<{ server: ReturnType<typeof serve>; address: AddressInfo }>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => resolve({ server, address }));
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): AutopilotError {
  const fix =
    error.code === 'EADDRINUSE'
      ? 'That port is already in use: choose another with --port (0 takes a free one).'
      : error.code === 'EACCES'
        ? 'Ports below 1024 need elevated privileges: choose a higher one with --port.'
        : 'Choose another address with --host.';
  return new AutopilotError('dashboard.listen', `The dashboard cannot listen on ${host}:${port}. ${fix}`, {
    cause: error,
  });
}
