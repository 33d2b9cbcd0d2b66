import { z } from 'zod';
import { studyConfig } from '../src/config/study-config.ts';
import { runSpec } from '../src/protocol/run-spec.ts';
import { scheduleSpec } from '../src/protocol/schedule-spec.ts';
import { attemptLine, trainerEvent } from '../src/protocol/trainer-event.ts';
import { describeFields, readComments } from './config-comments.ts';

/** JSON Schemas of the files that people outside this repository read and write, by file name in `schema/`. */
export function jsonSchemas(): Record<string, object> {
  const study = schemaOf('study', studyConfig.extend({ $schema: z.string().optional() }), {
    title: 'study.yaml: a study for autopilot',
    description: 'One question: can this model be trained on this many workers with no loss of accuracy?',
  });
  describeFields(study, readComments());
  return {
    'run-spec.schema.json': schemaOf('run-spec', runSpec.extend({ schedule: scheduleSpec }), {
      title: 'run.json: what autopilot tells a trainer',
      description:
        'Written by autopilot into the run directory before the processes start. See docs/trainer-protocol.md.',
    }),
    'trainer-event.schema.json': schemaOf(
      'trainer-event',
      z.discriminatedUnion('type', [...trainerEvent.options, attemptLine]),
      {
        title: 'One line of events.ndjson: what a trainer tells autopilot',
        description:
          'Appended by rank 0, one JSON object a line; other ranks only beat, and autopilot marks where an attempt begins. See docs/trainer-protocol.md.',
      },
    ),
    'study.schema.json': study,
  };
}

/** The schema as a writer sees it (fields with defaults are optional), without bounds that just mean "safe integer". */
function schemaOf(
  name: string,
  schema: z.ZodType,
  { title, description }: { title: string; description: string },
): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return { $schema, $id: `urn:grescale-autopilot:schema:${name}`, title, description, ...rest };
}
