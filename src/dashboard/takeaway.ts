import { randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { Store, StudyRecord } from '../../db/index.ts';
import { AutopilotError } from '../domain/errors.ts';
import { writeArchive } from '../report/archive/write.ts';
import { toHtml } from '../report/document/html.ts';
import { reportOf } from '../report/study-report/report-of.ts';
import { type TableFormat, tableFormats, tableText } from '../report/tables/export-text.ts';
import type { IsHeld } from './study-activity.ts';

export interface TakeawayOptions {
  store: Store;
  project: string;
  isHeld: IsHeld;
}

/** An archive that is ready to be downloaded from `address`. */
export interface MadeArchive {
  address: string;
  name: string;
  bytes: number;
}

/** Maximum number of archives kept for download. */
const mostArchives = 3;
const endings: Record<TableFormat, string> = { csv: 'csv', json: 'json', markdown: 'md', latex: 'tex' };
const types: Record<TableFormat, string> = {
  csv: 'text/csv',
  json: 'application/json',
  markdown: 'text/markdown',
  latex: 'text/plain',
};
/** The report contains its own style and figures, and runs no script. */
const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
const archiveBody = z.strictObject({ checkpoints: z.boolean().default(false) });

/** The report and the tables of a study or a scaling, for anyone who can see the page. */
export function takeawayReadApi({ store }: Pick<TakeawayOptions, 'store'>): Hono {
  const api = new Hono();
  api.get('/takeaway/:study/report', (context) => {
    const study = findAny(store, context.req.param('study'));
    if (study === undefined) return context.notFound();
    context.header('Content-Security-Policy', reportPolicy);
    return context.html(toHtml(reportOf(store, study).document));
  });
  api.get('/takeaway/:study/table', (context) => {
    const study = findAny(store, context.req.param('study'));
    const format = tableFormats.find((one) => one === context.req.query('format'));
    if (study === undefined || format === undefined) return context.notFound();
    named(context, `${study.name}.${endings[format]}`, `${types[format]}; charset=utf-8`);
    return context.body(tableText(store, study, format));
  });
  api.onError(refusal);
  return api;
}

/** Archives are written on request and downloaded afterwards; `close` removes the remaining ones. */
export function archives({ store, project, isHeld }: TakeawayOptions) {
  const kept = new Map<string, { folder: string; file: string; name: string }>();
  const remove = (id: string) => {
    const one = kept.get(id);
    kept.delete(id);
    if (one) rmSync(one.folder, { recursive: true, force: true });
  };

  const actions = new Hono();
  actions.post('/studies/:study/archive', async (context) => {
    const body = archiveBody.safeParse(await context.req.json().catch(() => ({})));
    if (!body.success) return context.json({ error: 'An archive is { "checkpoints": true } or { }.' }, 400);
    const study = store.study(context.req.param('study'));
    if (study === undefined) return context.notFound();
    const held = store.leaseOf(study.id);
    if (held && isHeld(held, Date.now())) {
      throw new AutopilotError(
        'study.busy',
        `Study ${study.name} is running (process ${held.pid} on ${held.host}); an archive of it would not be consistent. Wait for it to end, or stop it.`,
      );
    }
    const folder = mkdtempSync(join(tmpdir(), 'autopilot-archive-'));
    const [name, id] = [`${study.name}.tar.gz`, randomBytes(9).toString('base64url')];
    const file = join(folder, 'study.tar.gz');
    try {
      await writeArchive({ store, study, project, file, checkpoints: body.data.checkpoints });
    } catch (thrown) {
      rmSync(folder, { recursive: true, force: true });
      throw thrown;
    }
    kept.set(id, { folder, file, name });
    for (const old of [...kept.keys()].slice(0, -mostArchives)) remove(old);
    const made: MadeArchive = { address: `/api/takeaway/archives/${id}`, name, bytes: statSync(file).size };
    return context.json(made);
  });
  actions.onError(refusal);

  const read = new Hono();
  read.get('/takeaway/archives/:id', (context) => {
    const one = kept.get(context.req.param('id'));
    if (one === undefined) return context.notFound();
    named(context, one.name, 'application/gzip');
    context.header('Content-Length', String(statSync(one.file).size));
    return context.body(Readable.toWeb(createReadStream(one.file)) as ReadableStream);
  });

  return { actions, read, close: () => [...kept.keys()].forEach(remove) };
}

function findAny(store: Store, name: string): StudyRecord | undefined {
  const found = store.study(name) ?? store.scalings().find((one) => one.name === name);
  return found?.kind === 'comparison' ? undefined : found;
}

function named(context: Context, name: string, type: string): void {
  context.header('Content-Type', type);
  context.header('Content-Disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`);
}

function refusal(error: Error) {
  const known = error instanceof AutopilotError;
  return Response.json({ error: known ? error.message : 'The server failed.' }, { status: known ? 409 : 500 });
}
