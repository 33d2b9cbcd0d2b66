import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lrPerEpoch } from '../../schedules/index.ts';
import { jsonSchemas } from '../../scripts/json-schemas.ts';
import { deployManifest } from '../../src/protocol/deploy-manifest.ts';
import { heartbeat } from '../../src/protocol/heartbeat-file.ts';
import { prepareRunDirectory } from '../../src/protocol/run-directory.ts';
import { runSpec } from '../../src/protocol/run-spec.ts';
import { rankSample } from '../../src/protocol/sample-file.ts';
import { scheduleSpec } from '../../src/protocol/schedule-spec.ts';
import { trainerEvent } from '../../src/protocol/trainer-event.ts';
import { scheduleVectors } from '../schedules/vectors.ts';

const schemas = jsonSchemas();
const validator = (name: string) => new Ajv2020({ strict: false }).compile(schemas[name]!);
const page = readFileSync(new URL('../../docs/trainer-protocol.md', import.meta.url), 'utf8');

/** The ```json and ```ndjson blocks of the protocol's page. */
function examples(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``, 'g'))].map((match) => match[1]!);
}

/** The name of every property, at any depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value) : []),
    ...fieldsOf(value),
  ]);
}

describe('the JSON Schemas in schema/', () => {
  it.each(Object.keys(schemas))(
    '%s is what the zod schema says (else: npx tsx scripts/generate-schemas.ts)',
    (name) => {
      const file = readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8');
      expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(schemas[name])));
    },
  );

  it('accept the run.json of docs/trainer-protocol.md, as zod does', () => {
    const [text] = examples('json');
    const example: unknown = JSON.parse(text!);
    const validate = validator('run-spec.schema.json');
    expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
    const spec = runSpec.parse(example);
    const expected = lrPerEpoch(scheduleSpec.parse(spec.schedule));
    for (const [epoch, rate] of spec.lrPerEpoch.entries()) expect(rate).toBeCloseTo(expected[epoch]!, 6);
    expect(validate({ ...spec, workers: 0 })).toBe(false);
  });

  it('accept every event of docs/trainer-protocol.md, as zod does, and the page shows every type', () => {
    const lines = examples('ndjson').flatMap((block) => block.split('\n'));
    const validate = validator('trainer-event.schema.json');
    const types = new Set<string>();
    for (const line of lines) {
      const event: unknown = JSON.parse(line);
      expect(validate(event), line).toBe(true);
      types.add(trainerEvent.parse(event).type);
    }
    expect(types).toEqual(new Set(trainerEvent.options.map((option) => option.shape.type.value)));
    expect(validate({ type: 'epoch', epoch: 0 })).toBe(false);
  });

  it('accept what autopilot itself writes there, and have a name and a description of each event', () => {
    const directory = mkdtempSync(join(tmpdir(), 'autopilot-lines-'));
    prepareRunDirectory(directory, runSpec.parse(JSON.parse(examples('json')[0]!)), 'study.baseline-1.0123abcd.1');
    const [line = ''] = readFileSync(join(directory, 'events.ndjson'), 'utf8').split('\n');
    rmSync(directory, { recursive: true });
    expect(validator('trainer-event.schema.json')(JSON.parse(line)), line).toBe(true);
    const { $id, oneOf } = schemas['trainer-event.schema.json'] as {
      $id: string;
      oneOf: { properties: { type: { description?: string } } }[];
    };
    expect($id).toBe('urn:grescale-autopilot:schema:trainer-event');
    expect(oneOf.filter(({ properties }) => properties.type.description === undefined)).toEqual([]);
  });

  it('accept the schedules of every policy', () => {
    const schema = schemas['run-spec.schema.json'] as { properties: { schedule: object } };
    const validate = new Ajv2020({ strict: false }).compile(schema.properties.schedule);
    for (const { spec } of scheduleVectors()) expect(validate(spec), JSON.stringify(spec)).toBe(true);
    expect(validate({ policy: 'greScale', workers: 4 })).toBe(false);
  });

  it('have no field that docs/trainer-protocol.md does not name', () => {
    const prose = page.replace(/```[\s\S]*?```/g, '');
    const named = new Set([...prose.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code!.match(/\w+/g) ?? []));
    const spoken = { runSpec, trainerEvent, rankSample, heartbeat, deployManifest };
    const missing = Object.entries(spoken).flatMap(([name, schema]) =>
      fieldsOf(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }))
        .filter((field) => !named.has(field))
        .map((field) => `${name}: ${field}`),
    );
    expect(missing).toEqual([]);
    expect(fieldsOf(z.toJSONSchema(trainerEvent, { unrepresentable: 'any', io: 'input' }))).toContain('gpuMemoryBytes');
  });

  it('accept what the bash trainer of docs/trainer-protocol.md writes, which resumes and stops when asked', () => {
    const directory = mkdtempSync(join(tmpdir(), 'autopilot-bash-'));
    try {
      mkdirSync(join(directory, 'checkpoints'));
      const spec = JSON.parse(examples('json')[0]!) as Record<string, unknown>;
      const train = (changes: object) => {
        writeFileSync(join(directory, 'run.json'), JSON.stringify({ ...spec, ...changes }, null, 2));
        const { status, stderr } = spawnSync('bash', ['-c', examples('bash')[0]!], {
          encoding: 'utf8',
          env: { ...process.env, AUTOPILOT_RUN: directory, AUTOPILOT_SECRET: 'of this attempt' },
        });
        expect(stderr).toBe('');
        expect(status).toBe(0);
        const lines = readFileSync(join(directory, 'events.ndjson'), 'utf8').trimEnd().split('\n');
        return lines.map((line) => trainerEvent.parse(JSON.parse(line)));
      };
      writeFileSync(join(directory, 'stop'), '');
      expect(train({}).map(({ type }) => type)).toEqual(['started', 'epoch', 'checkpoint']);
      rmSync(join(directory, 'stop'));
      const events = train({ attempt: 2, resumeFrom: 'checkpoints/epoch-1' }).filter(({ attempt }) => attempt === 2);
      const epochs = events.filter((event) => event.type === 'epoch');
      expect(epochs.map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6, 7, 8]);
      expect(epochs[0]!.lr).toBe(0.25);
      expect(events.slice(-2).map(({ type }) => type)).toEqual(['evaluation', 'finished']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
