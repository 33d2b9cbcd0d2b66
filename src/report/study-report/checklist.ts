import { count } from '../../domain/text/format.ts';
import { augmentations, dataParts, preprocessing } from './data-facts.ts';
import { asRecord, type StudyFacts } from './facts.ts';
import { averagedBy, valueWords } from './plain-words.ts';
import { groupBySetting } from './statistics-section.ts';

/** One recommendation of thesis §5.5 (Figure 5.5) and whether this study meets it. */
export interface ChecklistItem {
  recommendation: string;
  /** `notApplicable`: the study has nothing that the recommendation applies to. */
  state: 'met' | 'missing' | 'notApplicable';
  /** What was found; what is missing and how to add it; or why it does not apply. */
  detail: string;
}

/** The good practices of thesis §5.5 one by one, judged from what is stored: what was not recorded does not count. */
export function reproducibilityChecklist(facts: StudyFacts): ChecklistItem[] {
  const { trainer, model } = facts.config;
  const simulated = asRecord(trainer).kind === 'simulated';
  const drawn = typeof asRecord(model).architecture === 'string' && !simulated;
  return [
    ...unlessSimulated(simulated, [
      check(
        'Architecture described, with a diagram',
        drawn ? 'name, parameters and a diagram' : null,
        'The network is the trainer’s own: describe it, with a diagram, alongside this report.',
      ),
      ...dataChecks(facts),
    ]),
    ...optimizationChecks(facts),
    ...unlessSimulated(simulated, environmentChecks(facts)),
    ...evaluationChecks(facts),
  ];
}

/** A simulated trainer has no network, no data and no hardware that could be described. */
function unlessSimulated(simulated: boolean, items: ChecklistItem[]): ChecklistItem[] {
  if (!simulated) return items;
  const detail = 'The trainer is simulated: nothing was trained.';
  return items.map(({ recommendation }) => ({ recommendation, state: 'notApplicable', detail }));
}

/** `12 of 17`: those met, of those that apply. */
export function scoreOf(items: readonly ChecklistItem[]): string {
  const met = items.filter(({ state }) => state === 'met').length;
  return `${met} of ${items.filter(({ state }) => state !== 'notApplicable').length}`;
}

/** Met where something was found. */
function check(recommendation: string, found: string | null, missing: string): ChecklistItem {
  return found === null
    ? { recommendation, state: 'missing', detail: missing }
    : { recommendation, state: 'met', detail: found };
}

/** Not applicable where the images are generated: their seed is all there is to say about them. */
function unlessGenerated({ config }: StudyFacts, item: ChecklistItem, why: string): ChecklistItem {
  if (asRecord(config.data).kind !== 'phantom') return item;
  return { recommendation: item.recommendation, state: 'notApplicable', detail: `The images are generated: ${why}.` };
}

const noManifest =
  'The data have no manifest here: train on slices (autopilot prep), or describe them alongside this report.';

function dataChecks(facts: StudyFacts): ChecklistItem[] {
  const { config, manifest } = facts;
  const parts = dataParts(facts);
  const [slices, cases] = [
    parts.reduce((sum, part) => sum + part.slices, 0),
    new Set(parts.flatMap((part) => part.cases)).size,
  ];
  const source = String(manifest?.source ?? '');
  const { size } = asRecord(config.data);
  const dimensions = manifest === null ? `${size} × ${size}` : `${manifest.height} × ${manifest.width}`;
  const phantom = asRecord(config.data).kind === 'phantom';
  return [
    unlessGenerated(
      facts,
      check(
        'Type of acquisition (MRI, CT, …)',
        typeof manifest?.acquisition === 'string' ? manifest.acquisition : null,
        'The data manifest does not say how the images were taken: name it as acquisition in prep.yaml.',
      ),
      'nothing was acquired',
    ),
    check('Image dimensions', phantom || manifest !== null ? `${dimensions} pixels` : null, noManifest),
    check('Total sample size', cases > 0 ? `${count(cases, 'case')}, ${count(slices, 'slice')}` : null, noManifest),
    unlessGenerated(
      facts,
      check(
        'Link to the data, where they are public',
        /\bhttps?:\/\/\S+|\bdoi:|\b10\.\d{4,}\//i.test(source) ? source : null,
        `${source === '' ? 'No source is named' : `"${source}" cannot be fetched`}: give a URL or DOI as source in prep.yaml, or say why the data cannot be shared.`,
      ),
      'their seed is in the config',
    ),
    unlessGenerated(
      facts,
      check(
        'Preprocessing described',
        preprocessing(manifest) === null ? null : 'step by step in the section on the data',
        manifest === null
          ? noManifest
          : `The slices were made by ${manifest.madeBy}, which stored no steps: describe them alongside this report.`,
      ),
      'they are used as they are',
    ),
    augmentationCheck(facts),
    check(
      'Ratio of training, validation and test data',
      parts.length > 1
        ? parts
            .map((part) => `${part.name} ${count(part.cases.length, 'case')}, ${count(part.slices, 'slice')}`)
            .join('; ')
        : null,
      noManifest,
    ),
    validationCheck(facts),
  ];
}

function augmentationCheck(facts: StudyFacts): ChecklistItem {
  const recommendation = 'Augmentation described, with the final number of samples';
  const phantom = asRecord(facts.config.data).kind === 'phantom';
  const found = augmentations(facts);
  const training = dataParts(facts).find(({ name }) => name === 'train');
  if (found.length > 0 && training !== undefined) {
    return check(recommendation, `${found.join('; ')}; ${count(training.slices, 'training slice')}`, '');
  }
  // That no step is an augmentation is certain only where the steps are known.
  if (phantom || preprocessing(facts.manifest) !== null) {
    return { recommendation, state: 'notApplicable', detail: 'The training data are not augmented.' };
  }
  const missing = 'Whether the slices were augmented before training is not stored: state it alongside this report.';
  return check(recommendation, null, facts.manifest === null ? noManifest : missing);
}

function validationCheck(facts: StudyFacts): ChecklistItem {
  const { history } = facts;
  const rows = [...(history.baseline ? [history.baseline] : []), ...history.iterations];
  const measured = rows.flatMap(({ parts }) => parts.filter(({ split }) => split === 'validation'));
  const used = measured.length > 0 && measured.every(({ shown }) => shown);
  const there = measured.length > 0 || dataParts(facts).some(({ name }) => name === 'validation');
  return check(
    'Validation data used, or its absence justified',
    used ? 'settings were chosen on the validation part' : null,
    there
      ? 'There is a validation part, but the settings were not chosen on it: remove decision.split, and report it.'
      : 'No validation part: the settings were chosen on the test part, so its metrics are optimistic. Justify it alongside this report.',
  );
}

function optimizationChecks(facts: StudyFacts): ChecklistItem[] {
  const { config, runs, history, decisions, study } = facts;
  const optimizers = new Set(runs.map(({ setting }) => setting.optimizer));
  const batch = config.batchPerWorker;
  const named = optimizers.size > 0 && !optimizers.has('custom');
  const groups = groupBySetting(runs);
  const counted = groups.map(({ name, runs: own }) => ({
    name,
    runs: name === 'baseline' ? (history.baseline?.runs ?? own.length) : own.length,
  }));
  const once = counted.filter((group) => group.runs < 2);
  const averaged = facts.environments.find(({ strategy }) => typeof strategy === 'string')?.strategy;
  const strategy = averaged ?? (asRecord(config.trainer).kind === 'embedded' ? config.strategy : undefined);
  return [
    check(
      'Optimization algorithm, referenced',
      named ? valueWords([...optimizers]) : null,
      optimizers.size === 0
        ? 'Nothing has been trained yet.'
        : 'The optimizer is the study’s own: describe it alongside this report.',
    ),
    check(
      'Hyperparameters: learning rate, minibatch',
      runs.length > 0 && typeof batch === 'number'
        ? `the setting of every run; a minibatch of ${batch} a worker`
        : null,
      runs.length === 0
        ? 'Nothing has been trained yet.'
        : 'The config does not give the minibatch: set batchPerWorker.',
    ),
    check(
      'Several runs of each setting',
      counted.length > 0 && once.length === 0
        ? counted.map((group) => `${group.name} ${count(group.runs, 'run')}`).join(', ')
        : null,
      once.length === 0
        ? 'Nothing has been trained yet.'
        : `Trained once: ${once.map(({ name }) => name).join(', ')}. Their spread is unknown: repeat what you compare (baseline.seeds, decision.rule: nonInferiority).`,
    ),
    check(
      'Sources of variability held fixed',
      facts.environments.length > 0 && machinesOf(facts).size === 1
        ? 'one config, data and evaluation, on one kind of machine and software; only seeds differ'
        : null,
      facts.environments.length === 0
        ? 'The trainer did not say where it ran, so the runs may differ by more than their seeds.'
        : `The runs were trained on ${machinesOf(facts).size} kinds of machine or software (section on hardware), so they differ by more than their seeds.`,
    ),
    check(
      'Number of runs reported',
      runs.length > 0 ? `${count(runs.length, 'run')}, each with its seed` : null,
      'Nothing has been trained yet.',
    ),
    check(
      'How hyperparameters were selected',
      decisions.length > 0 ? 'by the guideline, decision by decision' : null,
      'No decision has been made yet.',
    ),
    check(
      'Training approach (distribution)',
      typeof strategy === 'string'
        ? `data-parallel on ${count(study.workers, 'worker')}, gradients averaged ${averagedBy(strategy)}`
        : null,
      'How the trainer averages gradients is not known: report it as started.environment.strategy.',
    ),
  ];
}

/** The kinds of machine and software used, without what differs from host to host or with the number of workers. */
function machinesOf({ environments }: StudyFacts): Set<string> {
  const telling = ['cpu', 'gpu', 'os', 'node', 'python', 'versions', 'tensorflowJs', 'backend'];
  return new Set(environments.map((each) => JSON.stringify(telling.map((name) => each[name] ?? null))));
}

function environmentChecks({ environments, runs, attempts }: StudyFacts): ChecklistItem[] {
  const described = new Set(attempts.flatMap(({ runId, environment }) => (environment ? [runId] : [])));
  const silent = runs.filter(
    ({ id, origin, state }) => origin === 'trained' && state === 'finished' && !described.has(id),
  );
  const complete = environments.length > 0 && silent.length === 0;
  const all = (of: (environment: Record<string, unknown>) => string | null): string | null => {
    const found = environments.map(of);
    return complete && found.every((each) => each !== null) ? [...new Set(found)].join('; ') : null;
  };
  const where = silent.length === 0 ? '' : ` ${count(silent.length, 'run')} did not say where they were trained.`;
  return [
    check(
      'Hardware: reference and memory size',
      all(hardwareText),
      `The trainer did not report it: report started.environment.cpu and .memoryBytes, for a GPU .gpu and .gpuMemoryBytes.${where}`,
    ),
    check(
      'Container of the environment',
      all(({ container }) => (typeof container === 'string' && container !== '' ? container : null)),
      'No run says that it ran in a container: autopilot deploy writes a recipe; name the image as started.environment.container.',
    ),
    check(
      'Dependencies and runtime versions',
      all(versionsText),
      `The trainer did not report them: report started.environment.python (or .node) and .versions.${where}`,
    ),
    check(
      'Source code that can be fetched',
      all(({ source }) => (typeof source === 'string' && fetchable.test(source) ? source : null)),
      'No run names its source as a URL with a commit: publish it, and report it as started.environment.source, such as https://example.org/net.git@0a1b2c3. A local folder or uncommitted changes cannot be fetched.',
    ),
  ];
}

/** A URL that ends in a commit: `…/net.git@0a1b2c3`, `…/net/tree/0a1b2c3`. */
const fetchable = /^(git\+)?(https?|ssh):\/\/\S+[@#/=][0-9a-f]{7,64}$/i;

function hardwareText({ cpu, memoryBytes, gpu, gpuMemoryBytes, backend }: Record<string, unknown>): string | null {
  const gigabytes = (bytes: unknown) => `${Math.round(Number(bytes) / 1e9)} GB`;
  if (gpu !== undefined || /gpu/i.test(String(backend ?? ''))) {
    const memory = typeof gpuMemoryBytes === 'number' ? gigabytes(gpuMemoryBytes) : null;
    if (gpu === undefined || (memory === null && !/\d ?GB/i.test(String(gpu)))) return null;
    return memory === null ? String(gpu) : `${gpu}, ${memory}`;
  }
  return typeof cpu === 'string' && cpu !== 'unknown' && typeof memoryBytes === 'number'
    ? `${cpu}, ${gigabytes(memoryBytes)}`
    : null;
}

function versionsText({ node, tensorflowJs, python, versions }: Record<string, unknown>): string | null {
  const [runtime, libraries] = node === undefined ? [python, versions] : [node, tensorflowJs ?? versions];
  const own = node !== undefined && tensorflowJs !== undefined ? 'TensorFlow.js ' : '';
  if (runtime === undefined || libraries === undefined) return null;
  const name = node === undefined ? 'Python' : 'Node.js';
  return `${name} ${runtime}; ${own}${
    Object.entries(asRecord(libraries))
      .map((pair) => pair.join(' '))
      .join(', ') || libraries
  }`;
}

/** Metrics of one kind go up and down together (Taha and Hanbury 2015). */
const kinds: [string, RegExp][] = [
  ['boundary', /hd|hausdorff|assd|asd|nsd|surface/i],
  ['volume', /volume|avd|rvd/i],
  ['probability', /auc|auroc|loss|brier|calibration|ece/i],
  ['overlap', /dice|dsc|iou|jaccard|f1|precision|recall|sensitivity|specificity|accuracy|kappa|mcc/i],
];

function evaluationChecks({ runs }: StudyFacts): ChecklistItem[] {
  const measured = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics ?? {})))];
  const found = new Set(measured.map((metric) => kinds.find(([, names]) => names.test(metric))?.[0] ?? metric));
  const only = measured.length === 0 ? 'None were reported.' : `Only ${measured.join(', ')} were reported.`;
  return [
    check(
      'At least three metrics',
      measured.length >= 3 ? measured.slice(0, 8).join(', ') : null,
      `${only} Report others besides those that decide.`,
    ),
    check(
      'Metrics chosen wisely: not all correlated',
      found.size > 1 ? `of ${[...found].join(' and ')}` : null,
      `${only} Add one of another kind, such as a boundary distance (hd95, assd) besides overlap.`,
    ),
  ];
}
