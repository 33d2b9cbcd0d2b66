import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '/tmp/wt/me/db/index.ts';
import { resolveStudyConfig } from '/tmp/wt/me/src/config/resolve.ts';
import { studyConfig } from '/tmp/wt/me/src/config/study-config.ts';
import { askStudy } from '/tmp/wt/me/src/engine/by-hand/ask-study.ts';
import { guidelinePlan } from '/tmp/wt/me/src/engine/plans/guideline-plan.ts';
const N = Number(process.argv[2]);
const folder = mkdtempSync('/tmp/e10k-');
const config = resolveStudyConfig(studyConfig.parse({ name: 'bench', trainer: { kind: 'simulated' }, workers: 18, epochs: 40, setting: { initialLr: 0.5 }, budget: { iterations: N }, guideline: { actions: [{ action: 'decreaseInitialLr', factor: 0.9995, minimum: 1e-9 }] } }), folder);
const store = openStore({ path: join(folder, 'd.db') });
askStudy({ store, config, directory: folder });
const plan = guidelinePlan({ store, study: store.study(config.name)!, config, now: Date.now });
let t0 = process.cpuUsage(), w0 = performance.now();
let made = 0;
for (; made < N; made += 1) {
  const [planned] = plan.pending();
  if (planned === undefined) break;
  const { request } = planned;
  const dice = request.kind === 'baseline' ? 0.9 : 0.5 + made * 1e-5;
  plan.record({ type: 'run.finished', key: request.key, metrics: { dice, meanAccuracy: dice, meanIoU: dice } });
  if ([100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 10000].includes(made + 1)) {
    const c = process.cpuUsage(t0);
    console.log(made + 1, 'cpu s', ((c.user + c.system) / 1e6).toFixed(1), 'wall', ((performance.now() - w0) / 1e3).toFixed(1), 'rss MB', Math.round(process.memoryUsage().rss / 1e6));
  }
}
console.log('end', made);
