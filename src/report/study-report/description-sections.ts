import { guidelineHash, shippedGuidelines } from '../../../machines/guideline/index.ts';
import { decayShapes } from '../../../schedules/schedule.ts';
import { guidelineConfig } from '../../config/sections/guideline.ts';
import { epochsOf, type OptimizerName } from '../../domain/setting.ts';
import { count, formatBytes, formatNumber } from '../../domain/text/format.ts';
import { settingSchema } from '../../protocol/run-spec.ts';
import { stepText } from '../composed-study/text.ts';
import type { Block, Section } from '../document/document.ts';
import { scheduleSvg } from '../schedule-plot/svg.ts';
import { settingText } from '../setting-text.ts';
import { architectureSvg } from './architecture-svg.ts';
import { augmentations, dataParts, preprocessing, sharedCases } from './data-facts.ts';
import { asRecord, decisionRule, type StudyFacts } from './facts.ts';
import { averagedBy, keyWords, valueWords } from './plain-words.ts';

// What thesis chapter 5 asks a paper to describe: data, architecture, optimization, machine, and how to repeat it.

export function dataSection({ config, manifest }: StudyFacts): Section {
  const data = asRecord(config.data);
  const changes = augmentations({ config, manifest });
  if (manifest === null) {
    const facts = Object.entries(data).flatMap(([name, value]): [string, string][] =>
      name === 'kind' || typeof value === 'object' ? [] : [[keyWords(name), String(value)]],
    );
    const text = withoutManifest(data.kind, asRecord(config.trainer).kind);
    return {
      title: 'Data',
      blocks: [
        { type: 'paragraph', text },
        ...(facts.length === 0 ? [] : [{ type: 'facts' as const, facts }]),
        ...(changes.length === 0 ? [] : [{ type: 'list' as const, items: changes }]),
      ],
    };
  }
  const spacing = Array.isArray(manifest.spacingMm)
    ? `${manifest.spacingMm.map((mm) => formatNumber(Number(mm))).join(' × ')} mm`
    : 'unknown';
  const parts = dataParts({ config, manifest });
  const splits = parts.map(({ name, slices, cases }) => [
    name,
    String(slices),
    String(cases.length),
    String(asRecord(asRecord(asRecord(manifest.splits)[name]).images).sha256 ?? '').slice(0, 16),
  ]);
  const shared = sharedCases(parts);
  const steps = preprocessing(manifest);
  return {
    title: 'Data',
    blocks: [
      {
        type: 'facts',
        facts: [
          ['Name', String(manifest.name)],
          ['Source', String(manifest.source)],
          ['Licence', String(manifest.licence)],
          ...(typeof manifest.acquisition === 'string'
            ? [['Acquisition', manifest.acquisition] satisfies [string, string]]
            : []),
          ['Made by', String(manifest.madeBy)],
          ['Image size', `${manifest.height} × ${manifest.width} pixels, spacing ${spacing}`],
          ['Channels', listText(manifest.channels)],
          ['Classes', listText(manifest.classes)],
        ],
      },
      {
        type: 'table',
        columns: [
          { title: 'Part' },
          { title: 'Slices', number: true },
          { title: 'Cases', number: true },
          { title: 'Images (SHA-256, first 16 digits)' },
        ],
        rows: splits,
      },
      ...(shared.length === 0
        ? []
        : [
            {
              type: 'paragraph' as const,
              tone: 'warning' as const,
              text: `${count(shared.length, 'case')} (${shared.slice(0, 5).join(', ')}${shared.length > 5 ? ', …' : ''}) ${shared.length === 1 ? 'is' : 'are'} in more than one part: results on these parts are biased.`,
            },
          ]),
      ...(steps === null
        ? []
        : [
            { type: 'paragraph' as const, text: 'From scans to slices:' },
            { type: 'facts' as const, facts: steps },
          ]),
      ...augmentationBlocks(changes, steps !== null),
    ],
  };
}

/** That there is no augmentation is certain only where the steps are known. */
function augmentationBlocks(changes: string[], known: boolean): Block[] {
  if (changes.length === 0) {
    return known ? [{ type: 'paragraph', text: 'The training slices are not augmented.' }] : [];
  }
  return [
    { type: 'paragraph', text: 'Augmentation of the training slices, which are counted above with their copies:' },
    { type: 'list', items: changes },
  ];
}

function listText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** What a study says about its data where no manifest describes them. */
function withoutManifest(data: unknown, trainer: unknown): string {
  if (trainer === 'simulated') return 'The trainer is simulated: it read no data.';
  if (data === 'phantom') return 'Synthetic images, generated from their seed.';
  if (data === 'none') return 'The trainer reads its own data, and the config does not say which; describe them here.';
  return 'The data manifest no longer exists; this is what the config says.';
}

export function architectureSection({ config }: StudyFacts): Section {
  if (asRecord(config.trainer).kind === 'simulated') {
    const text = 'The trainer is simulated: no network was trained.';
    return { title: 'Architecture', blocks: [{ type: 'paragraph', text }] };
  }
  const facts = Object.entries(asRecord(config.model)).map(([name, value]): [string, string] => [
    keyWords(name),
    valueWords(value),
  ]);
  const svg = architectureSvg(config.model);
  const figure: Block[] = svg
    ? [
        {
          type: 'figure',
          svg,
          file: 'architecture.svg',
          caption: 'The network: boxes as high as their images, wider with more channels; dashed: skip connections.',
        },
      ]
    : [];
  const owner =
    asRecord(config.trainer).kind === 'command'
      ? [
          {
            type: 'paragraph' as const,
            text: 'The network is defined by the trainer’s own program; describe it there.',
          },
        ]
      : [];
  return {
    title: 'Architecture',
    blocks:
      owner.length > 0
        ? owner
        : [{ type: 'facts', facts: [...facts, [keyWords('loss'), valueWords(config.loss)]] }, ...figure],
  };
}

export function optimizationSection(facts: StudyFacts): Section {
  const { study, config, history } = facts;
  const setting = asRecord(config.setting);
  const read = settingSchema.partial().safeParse(setting);
  const best = history.best?.setting;
  const shape = decayShapes.find((name) => name === setting.decayShape) ?? 'exponential';
  const blocks: Block[] = [
    {
      type: 'facts',
      facts: [
        ['Epochs', String(study.epochs)],
        ['Workers', String(study.workers)],
        ['Batch per worker', String(config.batchPerWorker)],
        ['Global batch', String(Number(config.batchPerWorker) * study.workers)],
        ...averagingFact(facts),
        ['Starting setting', read.success ? settingText(read.data) : JSON.stringify(config.setting)],
        ['Optimizers', optimizersText(facts)],
        ['Decay shape', shape],
        ['Decision rule', decisionRule(facts) ?? JSON.stringify(config.decision ?? null)],
        ['Guideline', guidelineWords(config.guideline, study.guidelineHash)],
        ['Guideline hash', study.guidelineHash ?? 'none'],
      ],
    },
  ];
  if (best) {
    const { optimizer, ...numbers } = best;
    const spec = {
      policy: 'greScale' as const,
      workers: study.workers,
      decayShape: shape,
      ...numbers,
      epochs: epochsOf(best, study.epochs),
    };
    blocks.push({
      type: 'figure',
      svg: scheduleSvg(spec),
      file: 'schedule.svg',
      caption: `The learning rate of the ${history.outcome === 'noLoss' ? 'confirmed' : 'best'} setting (${valueWords(optimizer)}).`,
    });
  }
  return { title: 'Optimization', blocks };
}

/** How gradients are averaged, as the trainer reported it or, for autopilot's own trainer, as configured. */
function averagingFact({ config, environments }: StudyFacts): [string, string][] {
  const said = environments.find(({ strategy }) => typeof strategy === 'string')?.strategy;
  const strategy = said ?? (asRecord(config.trainer).kind === 'embedded' ? config.strategy : undefined);
  return strategy === undefined ? [] : [[keyWords('strategy'), `synchronous, ${averagedBy(String(strategy))}`]];
}

/** The guideline's name, threshold and actions; only the name of a shipped one that has changed since. */
function guidelineWords(guideline: unknown, hash: string | null): string {
  const parsed = guidelineConfig.safeParse(guideline);
  if (!parsed.success) return JSON.stringify(guideline ?? null);
  const shipped = typeof parsed.data === 'string' ? shippedGuidelines[parsed.data] : parsed.data;
  if (shipped === undefined || (typeof parsed.data === 'string' && guidelineHash(shipped) !== hash)) {
    return String(parsed.data);
  }
  const { name, threshold, actions } = shipped;
  return `${name}, tuning at once above ${count(threshold, 'worker')}: ${actions.map((action, index) => `(${index + 1}) ${stepText(action)}`).join('; ')}`;
}

/** Where each optimizer was published. */
const references: Record<OptimizerName, string> = {
  sgd: 'Robbins and Monro 1951',
  momentum: 'Polyak 1964',
  adam: 'Kingma and Ba 2015',
  lars: 'You, Gitman and Ginsburg 2017',
  custom: 'described alongside this report',
};

function optimizersText({ runs }: StudyFacts): string {
  const names = [...new Set(runs.map(({ setting }) => setting.optimizer))];
  return names.map((name) => `${valueWords(name)} (${references[name]})`).join(', ') || 'nothing has been trained yet';
}

function environmentWords(name: string, value: unknown): string {
  if (name === 'strategy') return averagedBy(String(value));
  return name.endsWith('Bytes') && typeof value === 'number' ? formatBytes(value) : valueWords(value);
}

/** What is stored about the machine that ran the study, as opposed to those that trained. */
const engineFacts: Record<string, string> = {
  autopilot: 'grescale-autopilot',
  commit: 'Commit of the project folder',
  user: 'User who started the study',
};

export function machineSection({ environments, study }: StudyFacts): Section {
  const described = (study.simulated ? [] : environments).flatMap((environment, index): Block[] => [
    ...(environments.length > 1 ? [{ type: 'paragraph' as const, text: `Environment ${index + 1}` }] : []),
    {
      type: 'facts',
      facts: Object.entries(environment).map(([name, value]): [string, string] => [
        keyWords(name),
        environmentWords(name, value),
      ]),
    },
  ]);
  const none: Block[] = [
    study.simulated
      ? { type: 'paragraph', text: 'The trainer is simulated: nothing was trained on any hardware.' }
      : { type: 'paragraph', tone: 'warning', text: 'Missing: the trainer did not say where it ran.' },
  ];
  const engine: Block = {
    type: 'facts',
    facts: Object.entries(study.versions).map(([name, value]): [string, string] => [
      engineFacts[name] ?? `${keyWords(name)} of the engine`,
      value,
    ]),
  };
  return { title: 'Hardware and software', blocks: [...(described.length > 0 ? described : none), engine] };
}

export function reproduceSection({ study, config }: StudyFacts): Section {
  const version = study.versions.autopilot;
  const slices = asRecord(config.data).kind === 'slices';
  const own = asRecord(config.trainer).kind === 'embedded';
  return {
    title: 'How to repeat it',
    blocks: [
      {
        type: 'paragraph',
        text: `Install grescale-autopilot${version === undefined ? '' : ` ${version}`}, save the config below as study.yaml (JSON is YAML)${slices ? ', put the data where data.path says or change data.path,' : ''} and run it. The seeds of all runs follow from the study’s seed (${config.seed})${own ? '; on the same machine, back end and thread count autopilot’s own trainer gives the same weights bit for bit' : ''}.`,
      },
      {
        type: 'code',
        text: `autopilot run study.yaml\nautopilot history ${study.name}\nautopilot report ${study.name}`,
      },
      { type: 'code', text: JSON.stringify(config, null, 2) },
    ],
  };
}
