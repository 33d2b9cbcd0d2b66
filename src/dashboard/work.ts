import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import * as z from 'zod';
import { AutopilotError } from '../domain/errors.ts';

/** A request to start a job, as the page sent it. */
export type JobRequest = { kind: 'study'; study: string } | Tool;

/** A job that the page started: a study, or a command on a folder of the server. */
export interface Job {
  id: string;
  title: string;
  request: JobRequest;
  state: 'running' | 'done' | 'failed' | 'stopped';
  /** Exit code of the process; null while it runs. */
  exitCode: number | null;
  startedMs: number;
  endedMs: number | null;
  /** The last lines of its output; null if the caller already has them. */
  log: string[] | null;
  /** Total number of bytes it printed. */
  logBytes: number;
  /** File names of the pictures it drew. */
  pictures: string[];
}

/** What the page polls: the roots that it may work on, and the jobs it has started. */
export interface StartedWork {
  roots: readonly string[];
  jobs: Job[];
}

/** Problems of a config, or its plan and price. */
export type CheckedConfig = { problems: string[]; plan?: undefined } | { plan: string; problems?: undefined };

/** The config written from a form, or the form's problems. */
export type DraftedConfig = { text: string; problems?: undefined } | { problems: string[]; text?: undefined };

/** A field of a config: its path, values, default and meaning. */
export interface ConfigField {
  name: string;
  values: string;
  standard: string;
  meaning: string;
}

/** Initial values and choices of the forms. */
export interface Choices {
  draft: Omit<Draft, 'name' | 'data'>;
  fields: ConfigField[];
  examples: { name: string; question: string; config: string }[];
  models: { name: string; text: string }[];
  /** Finished runs from which a model can be made. */
  runs: { id: string; study: string; text: string }[];
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
  batchPerWorker: z.int().min(1).max(1_000_000),
  architecture: z.enum(['fcn', 'unet']),
  channels: z.int().min(1).max(10_000),
  optimizer: z.enum(['sgd', 'momentum', 'adam', 'lars']),
  baselineSeeds: z.int().min(2).max(1000),
  iterations: z.int().min(1).max(100_000),
});
export type Draft = z.infer<typeof draftBody>;

const share = z.number().min(0).max(1000);
const prepFields = {
  input: path,
  output: path,
  plane: z.enum(['axial', 'coronal', 'sagittal']),
  /** Number of slices of each scan, evenly spaced. */
  slices: z.int().min(1).max(100_000),
  /** Height and width of a slice in pixels. */
  size: z.int().min(4).max(1024),
  /** Shares of the patients. */
  train: share,
  validation: share,
  test: share,
  /** More fields of a prep config, as YAML. */
  more: z.string().max(20_000),
};
const modelName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'letters, digits, ".", "-" and "_"');
const words = z.string().trim().min(1).max(1000);

/** A command on folders of the server. Every path is absolute and below a root. */
export const toolBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('check'), folder: path }),
  z.strictObject({ kind: z.literal('preview'), ...prepFields }),
  z.strictObject({ kind: z.literal('prep'), ...prepFields }),
  /** Adds the model of a finished run to the project's zoo. */
  z.strictObject({
    kind: z.literal('publish'),
    run: z.string().min(1).max(300),
    name: modelName,
    licence: words,
    description: words,
  }),
  /** `model`: a folder below a root, or the name of a model in the project's zoo or shipped with the program. */
  z.strictObject({
    kind: z.literal('predict'),
    model: z.union([modelName, path.startsWith('/')]),
    scans: path,
    output: path,
  }),
  z.strictObject({
    kind: z.literal('eval'),
    predicted: path,
    truth: path,
    /** `1=liver,2=tumour`; empty: every value of the true masks. */
    labels: z.string().regex(/^$|^\d[\w=,+ .-]{0,999}$/, 'give values with names, such as 1=liver,2=tumour'),
  }),
]);
export type Tool = z.infer<typeof toolBody>;
export type PrepTool = Extract<Tool, { kind: 'prep' | 'preview' }>;

/** The work that the page may start; present if the dashboard was started with roots. */
export interface Work {
  /** Folders below which the page may read and write. */
  roots: readonly string[];
  /** `seen`: by job, the size in bytes of the log that the caller has; a log that has not changed is null. */
  jobs(seen?: ReadonlyMap<string, number>): Job[];
  /** The path of a picture that a job drew; null for anything else. */
  picture(job: string, file: string): string | null;
  choices(): Promise<Choices>;
  /** The names in a folder below a root, folders with a trailing `/`; empty for any other folder. */
  folder(path: string): string[];
  /** The config file written from a draft. */
  draft(draft: Draft): string;
  check(text: string): CheckedConfig;
  startStudy(text: string): Job;
  /** Continues a study that no process is working on. */
  continueStudy(study: string): Job;
  startTool(tool: Tool): Job;
  stop(id: string): void;
  /** Stops the commands; studies continue. */
  close(): void;
}

const textBody = z.strictObject({ text: z.string().min(1).max(60_000) });

/** What may be started, and what was. Mounted behind the token; `workActionApi` also requires the page's own header. */
export function workReadApi(work: Work | undefined): Hono {
  const api = new Hono();
  api.get('/work', (context) => {
    const started: StartedWork = work
      ? { roots: work.roots, jobs: work.jobs(seenLogs(context.req.query('seen'))) }
      : { roots: [], jobs: [] };
    return context.json(started);
  });
  api.get('/choices', async (context) => context.json(work ? await work.choices() : null));
  api.get('/jobs/:id/pictures/:file', (context) => {
    const file = work?.picture(context.req.param('id'), context.req.param('file')) ?? null;
    if (file === null) return context.notFound();
    return context.body(new Uint8Array(readFileSync(file)), 200, { 'Content-Type': 'image/png' });
  });
  api.get('/folder', (context) => context.json(work ? work.folder(context.req.query('path') ?? '') : []));
  api.onError(refusal);
  return api;
}

export function workActionApi(work: Work): Hono {
  const api = new Hono();
  api.post('/draft', async (context) => {
    const body = draftBody.safeParse(await context.req.json().catch(() => null));
    const drafted: DraftedConfig = body.success
      ? { text: work.draft(body.data) }
      : { problems: [wrong(body.error).error] };
    return context.json(drafted);
  });
  api.post('/check', async (context) => {
    const body = textBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? context.json(work.check(body.data.text)) : context.json(wrong(body.error), 400);
  });
  api.post('/studies', async (context) => {
    const body = textBody.safeParse(await context.req.json().catch(() => null));
    return body.success ? context.json(work.startStudy(body.data.text)) : context.json(wrong(body.error), 400);
  });
  api.post('/studies/:study/continue', (context) => context.json(work.continueStudy(context.req.param('study'))));
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

/** Parses `ID:BYTES` of each log, separated by commas. */
function seenLogs(text = ''): Map<string, number> {
  return new Map(
    text.split(',').map((one): [string, number] => {
      const [id = '', bytes] = one.split(':');
      return [id, Number(bytes)];
    }),
  );
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
