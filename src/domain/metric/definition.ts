/** What a metric's numbers mean. Plain JSON: a study stores it before using the first number. */
export interface MetricDefinition {
  /** Which values are better. */
  direction: 'higher' | 'lower';
  /** A share of 1: stored as a fraction, whether reported as a fraction or in percent; its differences are points. */
  fraction: boolean;
  /** Unit of a metric that is not a fraction: `mm`, `mL`; null for a bare number such as a loss. */
  unit: string | null;
  /** Smallest and largest possible value, as stored; null where there is no limit. */
  bounds: [number | null, number | null];
  /** The least that a predictor that learned nothing reaches, whatever the data; null if it depends on the data. */
  trivial: number | null;
  /** How the trainer reports a fraction, where that was declared. */
  scale?: 'fraction' | 'percent' | undefined;
}

export type MetricDefinitions = Record<string, MetricDefinition>;

/** A metric as a user or a trainer declares it; anything left out is known or follows from the rest. */
export interface MetricDeclaration {
  direction?: 'higher' | 'lower' | undefined;
  bounds?: [number | null, number | null] | undefined;
  unit?: string | undefined;
  /** `number`: not a share of 1. */
  scale?: 'fraction' | 'percent' | 'number' | undefined;
  /** What a predictor that learned nothing reaches. */
  trivial?: number | undefined;
}

type Shape = Omit<MetricDefinition, 'scale'>;

const share = (trivial: number | null): Shape => ({
  direction: 'higher',
  fraction: true,
  unit: null,
  bounds: [0, 1],
  trivial,
});
const lower = (bounds: Shape['bounds'], unit: string | null = null): Shape => ({
  direction: 'lower',
  fraction: false,
  unit,
  bounds,
  trivial: null,
});
const correlation: Shape = { ...share(0), bounds: [-1, 1] };
const errorShare: Shape = { ...share(null), direction: 'lower' };

/** Names in lower case, without separators and the affixes below. */
const families: [Shape, string[]][] = [
  [share(0), ['dice', 'dsc', 'iou', 'jaccard', 'miou', 'fwiou', 'frequencyweightediou', 'f1', 'fscore', 'fmeasure']],
  [share(0), ['precision', 'recall', 'sensitivity', 'tpr', 'ppv', 'volumesimilarity']],
  [share(0), ['nsd', 'surfacedice', 'normalizedsurfacedice', 'normalisedsurfacedice', 'normalizedsurfacedistance']],
  [share(0), ['lesionsensitivity', 'lesionrecall', 'lesionf1']],
  [{ ...lower([0, null]), direction: 'higher' }, ['lesionsdetected']],
  [lower([0, null]), ['lesionsmissed', 'lesionsfalse']],
  [share(null), ['accuracy', 'acc', 'pixelaccuracy', 'balancedaccuracy', 'top1', 'top5', 'specificity', 'tnr', 'npv']],
  [share(null), ['top1accuracy', 'top5accuracy', 'averageprecision', 'ap', 'map', 'auprc', 'prauc', 'ssim']],
  [share(0.5), ['auc', 'auroc', 'rocauc']],
  [correlation, ['mcc', 'matthewscorrelation', 'kappa', 'cohenkappa', 'cohenskappa']],
  [{ ...correlation, fraction: false, bounds: [null, 1] }, ['r2', 'rsquared']],
  [{ ...lower([0, null], 'dB'), direction: 'higher' }, ['psnr']],
  [errorShare, ['errorrate', 'classificationerror', 'ece', 'calibrationerror', 'expectedcalibrationerror', 'brier']],
  [errorShare, ['fpr', 'fnr', 'falsepositiverate', 'falsenegativerate', 'hammingloss']],
  [lower([null, null]), ['loss']],
  [lower([0, null]), ['crossentropy', 'bce', 'nll', 'negativeloglikelihood', 'perplexity', 'wer', 'cer', 'logloss']],
  [lower([0, null]), ['mse', 'rmse', 'mae', 'meansquarederror', 'rootmeansquarederror', 'meanabsoluteerror', 'mape']],
  [
    lower([0, null], 'mm'),
    ['hd', 'hd95', 'hd100', 'hausdorff', 'hausdorff95', 'hausdorffdistance', 'hausdorffdistance95'],
  ],
  [lower([0, null], 'mm'), ['assd', 'asd', 'masd', 'averagesurfacedistance', 'averagesymmetricsurfacedistance']],
  [lower([0, null]), ['volumedifference', 'absolutevolumedifference', 'avd', 'averagevolumedistance', 'volumeerror']],
  [
    lower([0, null]),
    ['relativevolumedifference', 'relativeabsolutevolumedifference', 'rvd', 'ravd', 'absolutevolumeerror'],
  ],
];
const byName = new Map(families.flatMap(([shape, names]) => names.map((name) => [name, shape] as const)));

const prefix =
  /^(val|valid|validation|test|eval|mean|avg|average|macro|micro|weighted|foreground|fg|overall|multiclass|binary)/;
const suffix = /(score|coefficient|coeff|coef|index|mean|avg|average|macro|micro|weighted|mm|ml)$/;
const units: [RegExp, string][] = [
  [/(Mm|_mm)$/, 'mm'],
  [/(Ml|_ml|ML)$/, 'mL'],
  [/(Ms|_ms)$/, 'ms'],
  [/(Seconds|_seconds)$/, 's'],
];

/** The metric known by this name: `dice`, `val_dice`, `mean_iou`, `HD95`, `focal_loss`; null for an unknown name. */
export function knownMetric(name: string): MetricDefinition | null {
  const unit = units.find(([ending]) => ending.test(name))?.[1] ?? null;
  const shape = shapeOf(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  if (shape === null) return null;
  const whole = { ...shape, bounds: [...shape.bounds] as Shape['bounds'] };
  return unit === null || shape.fraction ? whole : { ...whole, unit };
}

function shapeOf(plain: string): Shape | null {
  const known = byName.get(plain);
  if (known !== undefined) return known;
  // A loss is a loss whatever it is computed from: `dice_loss` is not a Dice score.
  if (plain.endsWith('loss')) return byName.get('loss') ?? null;
  for (const affix of [prefix, suffix]) {
    const rest = plain.replace(affix, '');
    if (rest === plain || rest === '') continue;
    const found = shapeOf(rest);
    // A mean over classes has a different floor from the metric over all cases, but otherwise the same meaning.
    if (found !== null) return found;
  }
  return null;
}

/** A metric's definition from its name and its declaration; null if neither says which values are better. */
export function defineMetric(name: string, declared: MetricDeclaration = {}): MetricDefinition | null {
  const known = knownMetric(name);
  const direction = declared.direction ?? known?.direction;
  if (direction === undefined) return null;
  const fraction = isFraction(declared, known);
  const bounds = declared.bounds ?? (fraction === known?.fraction ? known.bounds : fraction ? [0, 1] : [null, null]);
  const same = direction === known?.direction && fraction === known.fraction;
  const { scale } = declared;
  return {
    direction,
    fraction,
    unit: fraction ? null : (declared.unit ?? known?.unit ?? null),
    bounds: bounds as MetricDefinition['bounds'],
    trivial: declared.trivial ?? (same ? known.trivial : null),
    ...(fraction && (scale === 'fraction' || scale === 'percent') ? { scale } : {}),
  };
}

function isFraction({ scale, unit, bounds }: MetricDeclaration, known: MetricDefinition | null): boolean {
  if (scale !== undefined) return scale !== 'number';
  if (unit !== undefined) return false;
  if (known !== null) return known.fraction;
  const [low, high] = bounds ?? [null, null];
  return low !== null && high !== null && low >= -1 && high <= 1;
}

/** A metric's definition: the study's own, else by its name, else an unbounded fraction of which more is better. */
export function metricNamed(name: string, definitions: MetricDefinitions = {}): MetricDefinition {
  const own = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  return (
    own ?? knownMetric(name) ?? { direction: 'higher', fraction: true, unit: null, bounds: [null, null], trivial: null }
  );
}

/** Shares of 1 as fractions, whichever scale they were reported on; other and unknown metrics stay unchanged. */
export function inFractions(
  metrics: Readonly<Record<string, number>>,
  { definitions, scale }: { definitions: MetricDefinitions; scale: 'fraction' | 'percent' | null },
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      const definition = (Object.hasOwn(definitions, name) ? definitions[name] : undefined) ?? knownMetric(name);
      const percent = definition?.fraction && (definition.scale ?? scale) === 'percent';
      return [name, percent ? value / 100 : value];
    }),
  );
}

/** 1 if higher is better, -1 if lower is: multiplied by a difference, it gives the gain. */
export function signOf({ direction }: Pick<MetricDefinition, 'direction'>): 1 | -1 {
  return direction === 'lower' ? -1 : 1;
}

/** The config line that declares an unknown metric. */
export function declarationLine(name: string): string {
  const plain = /^[A-Za-z][\w.-]*$/.test(name) ? name : JSON.stringify(name);
  return `metrics: [{ name: ${plain}, direction: higher, bounds: [0, 1] }]`;
}
