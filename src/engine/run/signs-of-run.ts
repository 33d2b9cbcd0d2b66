import type { RunRecord } from '../../../db/index.ts';
import { curveSigns } from '../../../machines/decision/index.ts';
import { metricNames } from '../../config/decision-metrics.ts';
import { signOf } from '../../domain/metric/definition.ts';
import { noiseScale } from '../../domain/noise-scale.ts';
import type { CurveSign } from '../../domain/study.ts';
import type { Driven } from '../plans/plan.ts';

/** What the stored epochs of an iteration's run show, for the reason of the decision on it. */
export function signsOfRun({ session, meaning }: Driven, run: RunRecord): CurveSign[] {
  if (run.kind !== 'iteration') return [];
  const { store, config } = session;
  const name = metricNames(config.decision)[0]!;
  const definition = meaning.definitions()[name];
  const epochs = store.epochsOf(run.id).map(({ epoch, phase, loss, metrics, measured }) => ({
    epoch,
    phase,
    loss: finite(loss),
    metric: finite((metrics && meaning.inFractions(metrics)[name]) ?? null),
    noiseScale: measured?.gradientNoise === undefined ? null : noiseScale(measured.gradientNoise),
  }));
  const sign = definition === undefined ? 1 : signOf(definition);
  return curveSigns({ epochs, batch: run.workers * config.batchPerWorker, metric: { name, sign } });
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
