import { Hono } from 'hono';
import { z } from 'zod';
import { AutopilotError } from '../domain/errors.ts';

/** Something that the page started: a study, or a command on a folder of the server. */
export interface Job {
  id: string;
  kind: 'study' | 'check' | 'prep' | 'eval' | 'predict';
  title: string;
  /** The study that it trains; null for others. */
  study: string | null;
  state: 'running' | 'done' | 'failed' | 'stopped';
  /** Of the process; null while it runs. */
  exitCode: number | null;
  startedMs: number;
  endedMs: number | null;
  /** The last lines that it printed. */
  log: string[];
}

const path = z.string().min(1).max(4096);

/** A first study, as `autopilot init` asks for it. */
export const draftBody = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'letters, digits, "-" and "_"'),
  trainer: z.enum(['embedded', 'simulated']),
  workers: z.int().min(1).max(100_000),
  epochs: z.int().min(1).max(100_000),
  initialLr: z.number().positive(),
  /** A folder of slices; null for the generated phantom. */
  data: path.nullable(),
  rule: z.enum(['nonInferiority', 'thesis']),
});
export type Draft = z.infer<typeof draftBody>;

/** A command on folders of the server. Every path is absolute and below a root. */
export const toolBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('check'), folder: path }),
  z.strictObject({ kind: z.literal('prep'), input: path, output: path, size: z.int().min(4).max(1024) }),
  z.strictObject({
    kind: z.literal('eval'),
    predicted: path,
    truth: path,
    /** `1=liver,2=tumour`; empty: every value of the true masks. */
    labels: z.string().regex(/^$|^\d[\w=,+ .-]{0,999}$/, 'give values with names, such as 1=liver,2=tumour'),
  }),
  z.strictObject({ kind: z.literal('predict'), model: path, scans: path, output: path }),
]);
export type Tool = z.infer<typeof toolBody>;

/** What the page may start; made where the dashboard is started with roots. */
export interface Work {
  /** Folders below which the page may read and write. */
  roots: readonly string[];
  jobs(): Job[];
  /** The names of what lies in a folder below a root, folders with a `/`; none of others. */
  folder(path: string): string[];
  /** The config file that a draft comes to. */
  draft(draft: Draft): string;
  /** What a config lacks, or the plan and its price. */
  check(text: string): { problems: string[] } | { plan: string };
  startStudy(text: string): Job;
  /** Goes on with a study that no process works on. */
  goOn(study: string): Job;
  startTool(tool: Tool): Job;
  stop(id: string): void;
  /** Stops the commands; studies go on. */
  close(): void;
}

const textBody = z.strictObject({ text: z.string().min(1).max(60_000) });

/** What may be started, and what was. Mounted behind the token, the writing part behind the page's own header too. */
export function workReadApi(work: Work | undefined): Hono {
  const api = new Hono();
  api.get('/work', (context) =>
    context.json(work ? { roots: work.roots, jobs: work.jobs() } : { roots: [], jobs: [] }),
  );
  api.get('/folder', (context) => context.json(work ? work.folder(context.req.query('path') ?? '') : []));
  api.onError(refusal);
  return api;
}

export function workActionApi(work: Work): Hono {
  const api = new Hono();
  api.post('/draft', async (context) => {
    const body = draftBody.safeParse(await context.req.json().catch(() => null));
    return context.json(body.success ? { text: work.draft(body.data) } : { problems: [wrong(body.error).error] });
  });
  api.post('/check', async (context) => {
    const body = textBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? context.json(work.check(body.data.text)) : context.json(wrong(body.error), 400);
  });
  api.post('/studies', async (context) => {
    const body = textBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? context.json(work.startStudy(body.data.text)) : context.json(wrong(body.error), 400);
  });
  api.post('/studies/:study/go-on', (context) => context.json(work.goOn(context.req.param('study'))));
  api.post('/jobs', async (context) => {
    const body = toolBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? context.json(work.startTool(body.data)) : context.json(wrong(body.error), 400);
  });
  api.post('/jobs/:id/stop', (context) => {
    work.stop(context.req.param('id'));
    return context.json({ done: 'stop' });
  });
  api.onError(refusal);
  return api;
}

function wrong(error: z.ZodError) {
  return {
    error: error.issues.map(({ path: at, message }) => `${at.join('.') || 'the request'}: ${message}`).join('; '),
  };
}

function refusal(error: Error) {
  const known = error instanceof AutopilotError;
  return Response.json({ error: known ? error.message : 'The server failed.' }, { status: known ? 409 : 500 });
}
