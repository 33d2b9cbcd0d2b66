/**
 * Writes test/fixtures/schedule-vectors.json: rates of many schedules, which every implementation of the schedules
 * (TypeScript, the Python client) must give to 1e-12. Run it after a wanted change: npx tsx test/schedules/make-vectors.ts
 */
import { writeFileSync } from 'node:fs';
import { scheduleVectors } from './vectors.ts';

const file = new URL('../fixtures/schedule-vectors.json', import.meta.url);
const lines = scheduleVectors().map((vector) => `  ${JSON.stringify(vector)}`);
writeFileSync(file, `{ "vectors": [\n${lines.join(',\n')}\n] }\n`);
