import { Counter, Gauge, Registry } from 'prom-client';
import type { ProgressEvent, WorkerSample } from '../domain/progress.ts';
import type { Subscriber } from './subscriber.ts';

export interface PrometheusMetrics extends Subscriber {
  /** The text that Prometheus scrapes. */
  text(): Promise<string>;
  contentType: string;
}

const sampled = {
  stepsPerSecond: ['autopilot_worker_steps_per_second', 'Training steps per second.'],
  cpuPercent: ['autopilot_worker_cpu_percent', 'Processor use, percent of one core.'],
  memoryBytes: ['autopilot_worker_memory_bytes', 'Resident memory.'],
  networkReceiveBytes: [
    'autopilot_worker_network_receive_bytes',
    'Bytes received by its host since the previous sample.',
  ],
  networkTransmitBytes: [
    'autopilot_worker_network_transmit_bytes',
    'Bytes sent by its host since the previous sample.',
  ],
  gpuPercent: ['autopilot_worker_gpu_percent', 'GPU use, percent.'],
  gpuMemoryBytes: ['autopilot_worker_gpu_memory_bytes', 'GPU memory in use.'],
} as const satisfies Partial<Record<keyof WorkerSample, readonly [string, string]>>;

/** All metrics, without values yet. */
function metricsIn(registers: [Registry]) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge<Label>({ name, help, labelNames, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter<Label>({ name, help, labelNames, registers });
  const run = ['study', 'run'] as const;
  return {
    study: gauge('autopilot_study_info', 'The running study; always 1.', ['study', 'launcher', 'simulated']),
    workers: gauge('autopilot_study_workers', 'Workers k of the study.', ['study']),
    ended: gauge('autopilot_study_ended', '1 once the study has this outcome.', ['study', 'outcome']),
    iteration: gauge('autopilot_study_iteration', 'The newest iteration that has a decision.', ['study']),
    runs: counter('autopilot_runs_total', 'Ended runs, by state.', ['study', 'state']),
    decisions: counter('autopilot_decisions_total', 'Decisions, by verdict.', ['study', 'verdict']),
    retries: counter('autopilot_run_retries_total', 'Attempts after the first.', ['study']),
    running: gauge('autopilot_run_running', '1 while the run trains, 0 when it has just ended.', [...run]),
    epochs: gauge('autopilot_run_epochs', 'Total epochs of the run.', [...run]),
    epoch: gauge('autopilot_run_epoch', 'The last completed epoch.', [...run]),
    phase: gauge('autopilot_run_phase', '1 for the schedule phase of the last epoch.', [...run, 'phase']),
    lr: gauge('autopilot_run_lr', "Learning rate of the last epoch's last step.", [...run]),
    loss: gauge('autopilot_run_loss', 'Mean training loss of the last epoch.', [...run]),
    metric: gauge('autopilot_run_metric', 'A metric of the last epoch, or the final one.', [...run, 'metric']),
    ranks: Object.entries(sampled).map(
      ([field, [name, help]]) => [field as keyof typeof sampled, gauge(name, help, [...run, 'rank'])] as const,
    ),
  };
}

type RunLabels<Label extends string> = Record<'run', string> & Partial<Record<Label, string>>;

/** Tracks the series of each run so that they can be removed again. */
function seriesOfRuns() {
  const series = new Map<string, Map<string, () => void>>();
  const ids = new Map<unknown, number>();
  return {
    set<Label extends string>(each: Gauge<Label>, labels: RunLabels<Label> & Record<'study', string>, value: number) {
      const all = labels as Record<Label, string>;
      each.set(all, value);
      if (!ids.has(each)) ids.set(each, ids.size);
      const own = series.get(labels.run) ?? new Map<string, () => void>();
      own.set(`${ids.get(each)} ${Object.values(all).join(' ')}`, () => each.remove(all));
      series.set(labels.run, own);
    },
    forget(run: string): void {
      for (const remove of series.get(run)?.values() ?? []) remove();
      series.delete(run);
    },
  };
}

/**
 * A study's current state as Prometheus metrics. An ended run's series stay until another run starts, so that a scrape
 * sees its last values while the number of series stays bounded.
 */
export function prometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const metrics = metricsIn([registry]);
  const series = seriesOfRuns();
  let name = '';
  const over = new Set<string>();

  function set<Label extends string>(each: Gauge<Label>, labels: RunLabels<Label>, value: number): void {
    series.set(each, { study: name, ...labels }, value);
  }

  function observe(event: ProgressEvent): void {
    switch (event.type) {
      case 'study.started':
        name = event.study;
        metrics.study.set({ study: name, launcher: event.launcher, simulated: String(event.simulated) }, 1);
        metrics.workers.set({ study: name }, event.workers);
        break;
      case 'run.started':
        over.delete(event.request.key);
        for (const key of over) series.forget(key);
        over.clear();
        set(metrics.running, { run: event.request.key }, 1);
        set(metrics.epochs, { run: event.request.key }, event.epochs);
        break;
      case 'epoch': {
        const labels = { run: event.key };
        set(metrics.epoch, labels, event.epoch);
        if (event.lr !== null) set(metrics.lr, labels, event.lr);
        if (event.loss !== null) set(metrics.loss, labels, event.loss);
        for (const one of ['warmup', 'stabilization', 'decay']) {
          set(metrics.phase, { ...labels, phase: one }, event.phase === one ? 1 : 0);
        }
        setMetrics(event.key, event.metrics);
        break;
      }
      case 'sample':
        for (const [field, each] of metrics.ranks) {
          const value = event[field];
          if (value !== null) set(each, { run: event.key, rank: String(event.rank) }, value);
        }
        break;
      case 'run.retried':
        metrics.retries.inc({ study: name });
        break;
      case 'run.ended':
        over.add(event.key);
        metrics.runs.inc({ study: name, state: event.state });
        set(metrics.running, { run: event.key }, 0);
        setMetrics(event.key, event.metrics);
        break;
      case 'decision':
        metrics.decisions.inc({ study: name, verdict: event.decision.verdict });
        if (event.decision.iteration !== null) metrics.iteration.set({ study: name }, event.decision.iteration);
        break;
      case 'study.ended':
        metrics.ended.set({ study: name, outcome: event.outcome }, 1);
        break;
    }
  }

  function setMetrics(key: string, values: Record<string, number> | null): void {
    for (const [metricName, value] of Object.entries(values ?? {})) {
      set(metrics.metric, { run: key, metric: metricName }, value);
    }
  }

  return { observe, close: async () => {}, text: () => registry.metrics(), contentType: registry.contentType };
}
