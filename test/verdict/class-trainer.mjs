// A trainer whose evaluations are given: node class-trainer.mjs '{"validation": {...}, "test": {...}}', k workers'
// numbers under "k". Each part has { metrics, classes }; a little is added from the seed.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.env.AUTOPILOT_RUN;
const { attempt, epochs, workers, seed, evaluate } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
const { one, k = one, always = [] } = JSON.parse(process.argv[2]);
const report = (event) =>
  appendFileSync(
    join(directory, 'events.ndjson'),
    `${JSON.stringify({ attempt, secret: process.env.AUTOPILOT_SECRET, ...event })}\n`,
  );
const noise = ((seed % 7) - 3) * 0.0005;
const noisy = (metrics) =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value + (value > 0.05 ? noise : 0)]));

report({ type: 'started', workers });
for (let epoch = 1; epoch <= epochs; epoch += 1) report({ type: 'epoch', epoch, loss: 1 / epoch });
for (const [split, { classes, ...metrics }] of Object.entries(workers === 1 ? one : k)) {
  if (!evaluate.includes(split) && !always.includes(split)) continue;
  const byClass = classes && Object.fromEntries(Object.entries(classes).map(([name, dice]) => [name, noisy({ dice })]));
  report({ type: 'evaluation', split, metrics: noisy(metrics), classes: byClass });
}
report({ type: 'finished', steps: epochs });
