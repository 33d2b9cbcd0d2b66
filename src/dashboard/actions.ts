import { Hono } from 'hono';
import * as z from 'zod';
import { AutopilotError } from '../domain/errors.ts';

/** Actions that the page can request; each returns once the request is stored, not once it is carried out. */
export interface StudyActions {
  stopRun(runId: string, reason: string): void;
  /** `stopRuns`: also stop running runs, each at its next checkpoint. */
  pauseStudy(study: string, options: { reason: string; stopRuns: boolean }): void;
  resumeStudy(study: string, reason: string): void;
  cancelStudy(study: string, reason: string): void | Promise<void>;
  addNote(study: string, note: { runKey: string | null; text: string }): void;
}

const noteBody = z.strictObject({
  text: z.string().trim().min(1).max(10_000),
  runKey: z.string().nullable().default(null),
});
const pauseBody = z.strictObject({ stopRuns: z.boolean().default(false) });
const fromPage = 'requested on the dashboard';

/** The API for the page's actions. Mounted only if the dashboard is not read-only. */
export function actionApi(actions: StudyActions): Hono {
  const api = new Hono();
  api.post('/studies/:study/pause', async (context) => {
    const body = pauseBody.safeParse(await context.req.json().catch(() => ({})));
    if (!body.success) return context.json({ error: 'A pause is { "stopRuns": true } or { }.' }, 400);
    actions.pauseStudy(context.req.param('study'), { reason: fromPage, ...body.data });
    return context.json({ done: 'pause' });
  });
  api.post('/studies/:study/resume', (context) => {
    actions.resumeStudy(context.req.param('study'), fromPage);
    return context.json({ done: 'resume' });
  });
  api.post('/studies/:study/cancel', async (context) => {
    await actions.cancelStudy(context.req.param('study'), fromPage);
    return context.json({ done: 'cancel' });
  });
  api.post('/runs/:run/stop', (context) => {
    actions.stopRun(context.req.param('run'), fromPage);
    return context.json({ done: 'stop' });
  });
  api.post('/studies/:study/notes', async (context) => {
    const body = noteBody.safeParse(await context.req.json().catch(() => null));
    if (!body.success) return context.json({ error: 'A note is { "text": "…" } with 1 to 10,000 characters.' }, 400);
    actions.addNote(context.req.param('study'), body.data);
    return context.json({ done: 'note' });
  });
  api.onError((error, context) =>
    context.json(
      { error: error instanceof AutopilotError ? error.message : 'The server failed.' },
      error instanceof AutopilotError ? 409 : 500,
    ),
  );
  return api;
}
