import * as z from 'zod';
import { AutopilotError } from '../src/domain/errors.ts';
import { measurements } from '../src/domain/measured.ts';
import { curveSignNames, type GuidelineEvent } from '../src/domain/study.ts';

/**
 * NaN and infinities are strings in JSON. Its own type, because TypeScript rejects a key -Infinity in a declaration.
 */
const unwritable: readonly string[] = ['NaN', 'Infinity', '-Infinity'];
const number = z.union([z.number(), z.enum(unwritable)]).transform(Number);
const metrics = z.record(z.string(), number);
const part = z.object({
  split: z.string().optional(),
  metrics,
  trivial: metrics.optional(),
  classes: z.record(z.string(), metrics).optional(),
});
const bound = z.number().nullable();
const metricDefinition = z.object({
  direction: z.enum(['higher', 'lower']),
  fraction: z.boolean(),
  unit: z.string().nullable(),
  bounds: z.tuple([bound, bound]),
  trivial: z.number().nullable(),
  scale: z.enum(['fraction', 'percent']).optional(),
});
const key = z.string();
const reason = z.string();
const config = z.unknown();

/** Events that advance the guideline; all others in the log only record what happened. */
const guidelineShapes = {
  'run.finished': part.extend({
    key,
    confirming: part.optional(),
    unmeasured: z.array(z.enum(measurements)).optional(),
    stoppedAfter: z.number().optional(),
    curves: z.array(z.object({ sign: z.enum(curveSignNames), text: z.string() })).optional(),
  }),
  'run.diverged': z.object({ key, reason, metrics: metrics.nullable().default(null) }),
  'run.failed': z.object({ key, reason }),
  'baseline.given': z.union([
    z.object({ runs: z.array(metrics) }),
    z.object({ summary: z.object({ mean: metrics, sd: metrics, n: z.number() }) }),
  ]),
  'capabilities.known': z.object({ optimizers: z.array(z.string()) }),
  'metrics.known': z.object({ metrics: z.record(z.string(), metricDefinition) }),
  'budget.spent': z.object({ reason }),
  'study.cancelled': z.object({ reason }),
} satisfies Record<GuidelineEvent['type'], z.ZodType>;

/** Event payloads by type. Give new fields a default: old events lack them. */
const shapes = {
  ...guidelineShapes,
  'study.created': z.object({ config }),
  /** Descriptions of the fields that changed. */
  'study.configured': z.object({ changes: z.array(z.string()) }),
  /** The project folder was renamed or copied, and the study continues in the new one. */
  'study.moved': z.object({ from: z.string(), to: z.string() }),
  /** `dropped`: sequence numbers of the events that no longer apply. */
  'study.reopened': z.object({ dropped: z.array(z.int()) }),
  'study.paused': z.object({ reason }),
  'study.continued': z.object({}).transform(() => ({})),
  'study.stopped': z.object({ reason }),
  /** `fresh`: neither this session nor later ones reuse results of other studies. */
  'session.started': z.object({ pid: z.int(), launcher: z.string(), fresh: z.literal(true).optional() }),
  /** `code`: combined checksum of autopilot's own files; `files`: checksums by path. */
  'program.recorded': z.object({
    program: z.object({
      versions: z.record(z.string(), z.string()),
      code: z.string(),
      files: z.record(z.string(), z.string()),
    }),
  }),
  'cancel.requested': z.object({ reason }),
  /** No new run starts. Running ones finish or, with `stopRuns`, stop at their next checkpoint. */
  'pause.requested': z.object({ stopRuns: z.boolean(), reason }),
  /** Ends a pause and resumes stopped runs from their checkpoints. */
  'resume.requested': z.object({ reason }),
  /** The run `key` writes a checkpoint and ends; it is not started again before a resume. */
  'stop.requested': z.object({ key, reason }),
  /** How the trainer reports fractions from here on; `by`: the run whose numbers settled it. */
  'scale.settled': z.object({ scale: z.enum(['fraction', 'percent']), by: z.string() }),
  'run.warned': z.object({ key, message: z.string(), attempt: z.int().optional() }),
  /** `attempt` is the one that failed. */
  'run.retried': z.object({ key, attempt: z.int(), reason }),
  'attempt.intended': z.object({ key, name: z.string(), attempt: z.int(), resumeFrom: z.string().nullable() }),
  'attempt.started': z.object({ key, name: z.string(), handle: z.unknown() }),
  'attempt.ended': z.object({ key, attempt: z.int(), exit: z.string(), message: z.string().nullable() }),
  /** This event and the next come from comparisons begun by earlier versions; a comparison is now an ordinary study. */
  'comparison.created': z.object({ config }),
  'comparison.ended': z.object({ state: z.string(), reason: z.string().nullable() }),
  /** `from` is the id of the run whose result was taken. */
  'cell.reused': z.object({ key, from: z.string() }),
};

export type StudyEventType = keyof typeof shapes;

/** An event of one of the given types; by default, of any type. */
export type StudyEvent<Type extends StudyEventType = StudyEventType> = {
  [T in Type]: { type: T } & z.infer<(typeof shapes)[T]>;
}[Type];

/** An event written by a later version. */
export interface UnknownEvent {
  type: 'unknown';
  /** The event's type in that version. */
  name: string;
}

export const guidelineEventTypes: readonly GuidelineEvent['type'][] =
  Object.keys(guidelineShapes).filter(isGuidelineEventType);

function isGuidelineEventType(type: string): type is GuidelineEvent['type'] {
  return Object.hasOwn(guidelineShapes, type);
}

export function isStudyEventType(type: string): type is StudyEventType {
  return Object.hasOwn(shapes, type);
}

/** Reads a stored event; throws `store.event` if one of a known type is malformed. */
export function readStudyEvent(type: string, payload: unknown): StudyEvent | UnknownEvent {
  if (!isStudyEventType(type)) return { type: 'unknown', name: type };
  const parsed = shapes[type].safeParse(payload);
  // It was parsed with the shape of this type.
  if (parsed.success) return { ...parsed.data, type } as StudyEvent;
  throw new AutopilotError(
    'store.event',
    `The stored event "${type}" cannot be read: ${z.prettifyError(parsed.error)}`,
  );
}
