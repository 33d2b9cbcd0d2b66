import { availableParallelism } from 'node:os';
import type { Colors } from 'picocolors/types.js';
import { projectOf, readableConfig } from '../../config/stored.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';
import { count, formatBytes, formatNumber } from '../../domain/text/format.ts';
import {
  commonNetworks,
  mostCounted,
  type Network,
  type ScalingAdvice,
  scalingAdvice,
} from '../../report/scaling/advice.ts';
import {
  advisedCounts,
  type EpochsAdvice,
  epochsAdvice,
  learningSentence,
  learningSources,
  type MeasuredLearning,
  measuredLearning,
  speedUpAdvice,
} from '../../report/scaling/learning-advice.ts';
import { estimatedCosts, type KnownCost, studyCost } from '../../report/scaling/step-cost.ts';
import { textTable } from '../../report/tables/text-table.ts';
import { wrap } from '../../report/tables/text-width.ts';
import { findStudy, withStore } from '../project.ts';
import { measuredCosts, measuredNetwork } from './measure.ts';

export interface ScalingOptions {
  project: string;
  workers: number;
  /** Name of a study whose measured step time is used. */
  study?: string | undefined;
  /** `unet`, `fcn`, or a number of parameters. */
  model?: string | undefined;
  /** Seconds that one worker takes to compute a step, if known. */
  stepSeconds?: number | undefined;
  /** One of `commonNetworks`, or this machine if it is measured. Default: all. */
  network?: string | undefined;
  /** Whether to measure a step, and allreduces between two ranks, on this machine. */
  measure: boolean;
}

export interface NetworkAdvice extends ScalingAdvice {
  network: Network & { name: string; source: string };
}

/** Whether more workers are worth it for one model, over one or more networks. */
export interface ModelAdvice extends KnownCost {
  advice: NetworkAdvice[];
  /** How fast the same accuracy is reached; null without a study with a readable config. */
  learning: LearningAdvice | null;
}

export interface LearningAdvice {
  measured: MeasuredLearning;
  /** Name of the network that `throughput` is computed for. */
  network: string;
  /** Empty where no gradient noise scale is stored. */
  counts: (EpochsAdvice & { throughput: number; speedUp: ReturnType<typeof speedUpAdvice> })[];
  sources: string[];
}

const here = 'this machine';

/** The advice that `doctor --workers` prints. */
export async function adviseScaling(options: ScalingOptions): Promise<ModelAdvice[]> {
  const networks = await chosenNetworks(options);
  const costs = await chosenCosts(options);
  const measured = learningOf(options);
  return costs.map((known) => ({
    ...known,
    learning: measured && learningAdvice(measured, { ...options, known, network: networks[0]! }),
    advice: networks.map((network) => ({
      network,
      ...scalingAdvice({
        workers: options.workers,
        cost: known.cost,
        network,
        ...(network.name === here ? { cores: availableParallelism() } : {}),
      }),
    })),
  }));
}

function learningOf({ project, study }: ScalingOptions): MeasuredLearning | null {
  if (study === undefined) return null;
  return withStore(project, (store) => {
    const config = readableConfig(findStudy(store, study), projectOf(store));
    return config === null ? null : measuredLearning(config, store);
  });
}

/** Throughput times statistical efficiency, for the requested number of workers and for others. */
function learningAdvice(
  measured: MeasuredLearning,
  { workers, known, network }: { workers: number; known: KnownCost; network: NetworkAdvice['network'] },
): LearningAdvice {
  const asked = [...new Set([...advisedCounts, workers])].filter((each) => each > 1).sort((a, b) => a - b);
  const counts = asked.flatMap((each) => {
    const advice = epochsAdvice(measured, each);
    if (advice === null) return [];
    const cores = network.name === here ? { cores: availableParallelism() } : {};
    const throughput = scalingAdvice({ workers: each, cost: known.cost, network, ...cores }).speedup;
    return [{ ...advice, throughput, speedUp: speedUpAdvice(advice, throughput) }];
  });
  return { measured, network: network.name, counts, sources: learningSources(measured) };
}

async function chosenNetworks({ network: wanted, measure }: ScalingOptions): Promise<NetworkAdvice['network'][]> {
  const common = Object.entries(commonNetworks).map(([name, network]) => ({
    name,
    ...network,
    source: 'round figures for such networks, not measured',
  }));
  const names = [...common.map(({ name }) => name), here];
  if (wanted !== undefined && !names.includes(wanted)) {
    const similar = nearest(wanted, names);
    const hint = similar === null ? '' : ` Did you mean "${similar}"?`;
    throw new AutopilotError(
      'scaling.network',
      `--network: "${wanted}" is not known.${hint} Networks: ${names.join(', ')}.`,
    );
  }
  if (wanted === here && !measure) {
    throw new AutopilotError('scaling.network', `--network "${here}" has to be measured: add --measure.`);
  }
  const all = measure ? [{ name: here, ...(await measuredHere()) }, ...common] : common;
  return wanted === undefined ? all : all.filter(({ name }) => name === wanted);
}

async function measuredHere() {
  const { network, source } = await measuredNetwork();
  return { ...network, source };
}

async function chosenCosts({
  project,
  study,
  model,
  stepSeconds,
  measure,
}: ScalingOptions): Promise<readonly KnownCost[]> {
  const parameters = model !== undefined && /^\d+$/.test(model) ? Number(model) : undefined;
  if (study !== undefined)
    return [withStore(project, (store) => studyCost(store, findStudy(store, study), parameters))];
  if (parameters !== undefined) {
    if (stepSeconds === undefined) {
      throw new AutopilotError(
        'scaling.step',
        `--model ${parameters}: how long does one worker take per step? Give --step-seconds, or --study with a trained study.`,
      );
    }
    const cost = { computeSeconds: stepSeconds, gradientBytes: 4 * parameters };
    return [{ model: `${parameters.toLocaleString('en')} parameters`, cost, source: 'given: --step-seconds' }];
  }
  const costs = measure ? await measuredCosts() : estimatedCosts();
  const chosen = costs.filter(({ name }) => model === undefined || name === model);
  if (chosen.length === 0) {
    throw new AutopilotError(
      'scaling.model',
      `--model: "${model}" is neither ${costs.map(({ name }) => name).join(', ')} nor a number of parameters.`,
    );
  }
  if (stepSeconds === undefined) return chosen;
  return chosen.map((known) => ({
    ...known,
    cost: { ...known.cost, computeSeconds: stepSeconds },
    source: 'given: --step-seconds',
  }));
}

const method = `The model: an allreduce of n bytes between k workers takes 2·⌈log₂k⌉·α + 2·(k−1)/k·n/β seconds. Efficiency is \
computing over computing plus exchanging, with the exchange after the backward pass; "overlapped" hides it behind the \
backward pass as far as it can. Slow workers, busy switches and slow data are left out: treat it as an upper bound.`;

/** The advice for a terminal. */
export function scalingAdviceText(
  report: readonly ModelAdvice[],
  { width, colors }: { width: number; colors: Colors },
): string {
  const lines = (text: string) => wrap(text, Math.min(width, 110));
  const blocks = report.map(({ model, cost, source, advice, learning }) => {
    const table = textTable({
      columns: [
        { heading: 'network' },
        { heading: 'efficiency', align: 'right' },
        { heading: 'overlapped', align: 'right' },
        { heading: 'computing', align: 'right' },
        { heading: 'exchanging', align: 'right' },
        { heading: 'speed-up', align: 'right' },
        { heading: 'half efficiency up to', align: 'right' },
      ],
      rows: advice.map((row) => [
        row.network.name,
        paint(row.efficiency, colors)(percent(row.efficiency)),
        percent(row.overlappedEfficiency),
        milliseconds(row.computeSeconds),
        milliseconds(row.exchangeSeconds),
        row.speedup.toFixed(1),
        row.mostWorthwhile >= mostCounted ? `more than ${mostCounted}` : count(row.mostWorthwhile, 'worker'),
      ]),
      width,
      dim: colors.dim,
    });
    const sentences = advice.flatMap(({ network, sentence }) => lines(`${network.name}: ${sentence}`));
    const head = `${model}, ${formatBytes(cost.gradientBytes)} of gradients a step`;
    return [
      ...lines(colors.bold(head)),
      ...lines(colors.dim(`step: ${source}`)),
      ...['', table, '', ...sentences],
      ...(learning === null ? [] : learningLines(learning, { workers: advice[0]!.workers, width, colors })),
    ].join('\n');
  });
  const networks = (report[0]?.advice ?? []).map(
    ({ network: { name, latencySeconds, bytesPerSecond, source } }) =>
      `${name}: α ${(latencySeconds * 1e6).toPrecision(3)} µs, β ${(bytesPerSecond / 1e9).toPrecision(3)} GB/s; ${source}.`,
  );
  return [...blocks, [...networks, method].flatMap(lines).map(colors.dim).join('\n')].join('\n\n');
}

/** How fast the same accuracy is reached, rather than the same number of samples. */
function learningLines(
  { network, counts, sources }: LearningAdvice,
  { workers, width, colors }: { workers: number; width: number; colors: Colors },
): string[] {
  const lines = (text: string) => wrap(text, Math.min(width, 110));
  const asked = counts.find((each) => each.workers === workers);
  if (asked === undefined) return ['', ...sources.flatMap(lines)];
  const times = (value: number | null) => (value === null ? 'not known' : formatNumber(Number(value.toPrecision(2))));
  const range = (low: number, high: number) => `${times(low)} to ${times(high)}`;
  const table = textTable({
    columns: [
      { heading: 'workers', align: 'right' },
      { heading: 'samples a step', align: 'right' },
      { heading: 'throughput', align: 'right' },
      { heading: 'epochs', align: 'right' },
      { heading: 'between', align: 'right' },
      { heading: 'to the same accuracy', align: 'right' },
      { heading: 'between', align: 'right' },
    ],
    rows: counts.map((row) => [
      `${row.workers}${row.farOff ? ' ?' : ''}`,
      String(row.batch),
      times(row.throughput),
      times(row.expected),
      range(row.low, row.high),
      times(row.speedUp.expected),
      range(row.speedUp.low, row.speedUp.high),
    ]),
    width,
    dim: colors.dim,
  });
  const far = counts.some(({ farOff }) => farOff)
    ? ['?: nothing was confirmed near this many workers; a rough guide.']
    : [];
  return [
    ...['', ...lines(`${network}: ${learningSentence(asked, asked.throughput)}`), '', table],
    ...[...far, ...sources].flatMap(lines).map(colors.dim),
  ];
}

function paint(efficiency: number, colors: Colors) {
  if (efficiency >= 0.8) return colors.green;
  return efficiency >= 0.5 ? colors.yellow : colors.red;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function milliseconds(seconds: number): string {
  return seconds >= 1 ? `${seconds.toPrecision(3)} s` : `${(seconds * 1e3).toPrecision(3)} ms`;
}
