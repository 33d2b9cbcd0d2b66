import type { RunSpec } from '../../protocol/run-spec.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { type SimulatedNetwork, simulatedOutcome, uniform } from './accuracy.ts';

/**
 * Everything a simulated run reports, in order, from the epoch after `fromEpoch`. The same spec gives the same
 * events, however often it is interrupted and resumed.
 */
export function* simulateRun(spec: RunSpec, fromEpoch = 0): Generator<TrainerEvent> {
  const { seed, setting, workers, epochs, lrPerEpoch, metrics, attempt, checkpoints } = spec;
  const network = networkOf(spec.trainer);
  // GreScale's peak is kη whatever the table's resolution; other policies grow differently.
  const peak = spec.schedule.policy === 'greScale' ? {} : { peakLr: Math.max(...lrPerEpoch) };
  const outcome = simulatedOutcome({ network, setting, workers, epochs, ...peak, random: uniform(seed) });
  yield {
    type: 'started',
    attempt,
    workers,
    environment: { simulated: true, trainer: 'simulated' },
    ...(fromEpoch > 0 ? { resumedFromStep: fromEpoch } : {}),
  };
  const values = (accuracy: number) =>
    Object.fromEntries(metrics.map((name, index) => [name, accuracy + (1 - accuracy) * Math.min(0.3, 0.05 * index)]));
  for (let epoch = fromEpoch + 1; epoch <= epochs; epoch += 1) {
    const phase =
      epoch <= setting.warmupEpochs ? 'warmup' : epoch > epochs - setting.decayEpochs ? 'decay' : 'stabilization';
    const lr = lrPerEpoch[epoch] ?? setting.initialLr;
    const start = lrPerEpoch[epoch - 1] ?? lr;
    if (outcome.state === 'diverges' && epoch >= outcome.atEpoch) {
      yield { type: 'epoch', attempt, epoch, phase, lr, loss: Number.NaN, step: epoch };
      yield { type: 'diverged', attempt, epoch, reason: `the loss became NaN in epoch ${epoch}` };
      return;
    }
    const progress = 1 - Math.exp((-5 * epoch) / epochs);
    const accuracy = (outcome.state === 'trains' ? outcome.accuracy : 0.2) * (epoch === epochs ? 1 : progress);
    yield {
      type: 'epoch',
      attempt,
      epoch,
      phase,
      lr,
      loss: 0.7 * Math.exp((-3 * epoch) / epochs) + 0.05,
      metrics: values(accuracy),
      step: epoch,
      measured: {
        lr: [{ min: Math.min(start, lr), max: Math.max(start, lr) }],
        steps: 1,
        stepsPerEpoch: 1,
        optimizer: setting.optimizer,
        workers,
        batchPerWorker: spec.batchPerWorker,
      },
    };
    if (epoch % checkpoints.everyEpochs === 0)
      yield { type: 'checkpoint', attempt, path: `checkpoints/epoch-${epoch}.json`, step: epoch, epoch };
  }
  if (outcome.state === 'trains')
    yield { type: 'evaluation', attempt, split: 'test', metrics: values(outcome.accuracy) };
  yield { type: 'finished', attempt, steps: epochs };
}

function networkOf(trainer: Record<string, unknown>): SimulatedNetwork {
  return {
    noise: Number(trainer.noise ?? 0.008),
    ceiling: Number(trainer.ceiling ?? 0.85),
    stableLr: Number(trainer.stableLr ?? 6),
  };
}
