import { AutopilotError, messageOf } from '../domain/errors.ts';
import { formatOf, imageFiles, isFolder, stemOf } from '../imgmed/file-format.ts';
import { readMask } from '../imgmed/load-case.ts';
import { geometryDifference, type Volume } from '../imgmed/volume.ts';
import type { CaseMetrics } from './case-metric-names.ts';
import { caseMetrics } from './case-metrics.ts';
import type { EmptyMaskPolicy } from './empty-masks.ts';

/** One class of one case. */
export interface CaseResult {
  id: string;
  label: number;
  metrics: CaseMetrics;
}

export interface EvaluateFoldersOptions {
  emptyMasks: EmptyMaskPolicy;
  /** Label values to evaluate; left out, every value other than 0 that some true mask holds. */
  labels?: readonly number[] | undefined;
  /** Allowed difference of spacing in millimetres. */
  toleranceMm?: number;
  onCase?: (id: string) => void;
}

export interface FolderEvaluation {
  results: CaseResult[];
  /** Cases that could not be evaluated, each with its reason. */
  failures: { id: string; reason: string }[];
}

/** Evaluates every mask of `truth` with the prediction of the same name (a name may carry `_mask`, `_pred`, …). */
export async function evaluateFolders(
  predicted: string,
  truth: string,
  options: EvaluateFoldersOptions,
): Promise<FolderEvaluation> {
  const predictions = masksByName(predicted);
  const truths = masksByName(truth);
  const failures: FolderEvaluation['failures'] = [];
  const evaluated: CaseResult[] = [];
  const told = await labelsToldBy(truths, options.labels);
  failures.push(...told.failures);
  const { labels } = told;
  for (const [id, file] of truths) {
    if (told.failures.some((failure) => failure.id === id)) continue;
    const prediction = predictions.get(id);
    if (prediction === undefined) {
      failures.push({ id, reason: `${predicted} holds no mask named ${id}; predict this case or remove its truth` });
      continue;
    }
    try {
      const pair = await readPair(prediction, file, options.toleranceMm ?? 0.01);
      if (options.labels === undefined) refuseStrays(prediction, pair.predicted, labels);
      evaluated.push(...evaluatePair(id, pair.predicted, pair.truth, { ...options, labels }));
    } catch (error) {
      failures.push({ id, reason: messageOf(error) });
    }
    options.onCase?.(id);
  }
  for (const id of predictions.keys()) {
    if (!truths.has(id)) failures.push({ id, reason: `${truth} holds no mask named ${id}; it was not evaluated` });
  }
  return { results: withEveryLabel(evaluated), failures };
}

/** A folder's masks, or a single file, by name. */
function masksByName(path: string): Map<string, string> {
  const files = isFolder(path) ? imageFiles(path) : formatOf(path) === null ? [] : [path];
  if (files.length === 0) {
    throw new AutopilotError(
      'eval.noMasks',
      `${path}: holds no masks; name a folder of NIfTI, NRRD, MetaImage, PNG or TIFF files`,
    );
  }
  if (!isFolder(path)) return new Map([['mask', path]]);
  const named = new Map<string, string>();
  for (const file of files) {
    const name = stemOf(file).replace(/[_-](mask|pred|prediction|label|labels|seg)$/i, '');
    const other = named.get(name);
    if (other !== undefined) {
      throw new AutopilotError('eval.twoMasks', `${other} and ${file} are both masks of ${name}; keep one`);
    }
    named.set(name, file);
  }
  return named;
}

/** More than these are instances or no labels at all; each costs a pass over every case. */
const mostLabels = 1000;

/** The label values of all true masks, in order, so that each case is judged on the same ones. */
async function labelsToldBy(truths: ReadonlyMap<string, string>, wanted: readonly number[] | undefined) {
  const failures: FolderEvaluation['failures'] = [];
  if (wanted !== undefined) return { labels: wanted, failures };
  const labels = new Set<number>();
  for (const [id, file] of truths) {
    try {
      for (const label of labelsIn(file, await readMask(file))) labels.add(label);
    } catch (error) {
      failures.push({ id, reason: messageOf(error) });
    }
  }
  return { labels: [...labels].sort((a, b) => a - b), failures };
}

/** A mask's values other than 0. Throws on those that are no labels. */
function labelsIn(file: string, { data }: Volume): number[] {
  const values = new Set<number>();
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (!Number.isInteger(value)) {
      throw new AutopilotError(
        'image.labels',
        `${file}: holds the value ${value}, and labels are whole numbers; save labels instead of probabilities, without interpolation`,
      );
    }
    values.add(value);
    if (values.size > mostLabels) {
      throw new AutopilotError(
        'image.labels',
        `${file}: holds more than ${mostLabels} label values; name those to evaluate with --labels`,
      );
    }
  }
  values.delete(0);
  return [...values];
}

function refuseStrays(file: string, predicted: Volume, labels: readonly number[]): void {
  const strays = labelsIn(file, predicted).filter((label) => !labels.includes(label));
  if (strays.length === 0) return;
  const some = strays
    .sort((a, b) => a - b)
    .slice(0, 8)
    .join(', ');
  throw new AutopilotError(
    'image.labels',
    `${file}: holds label values ${some}, and the true masks hold ${labels.join(', ') || 'none'}; give both the same values, or name those to evaluate with --labels`,
  );
}

async function readPair(predictedFile: string, truthFile: string, toleranceMm: number) {
  const [predicted, truth] = [await readMask(predictedFile), await readMask(truthFile)];
  const difference = geometryDifference(predicted, truth, toleranceMm);
  if (difference === null) return { predicted, truth };
  throw new AutopilotError(
    'image.geometry',
    `${predictedFile} does not lie on the grid of ${truthFile}: ${difference}; bring it back to the scan's geometry`,
  );
}

/** Every class of one pair of masks. */
export function evaluatePair(
  id: string,
  predicted: Volume,
  truth: Volume,
  { emptyMasks, labels }: Pick<EvaluateFoldersOptions, 'emptyMasks' | 'labels'>,
): CaseResult[] {
  const { size, spacingMm } = truth;
  const count = size[0] * size[1] * size[2];
  const [p, t] = [predicted.data.subarray(0, count), truth.data.subarray(0, count)];
  const present = labels ?? [...new Set([...new Set(p), ...new Set(t)])].filter((label) => label !== 0);
  return [...present]
    .sort((a, b) => a - b)
    .map((label) => ({
      id,
      label,
      metrics: caseMetrics(membership(p, label), membership(t, label), { size, spacingMm, emptyMasks }),
    }));
}

function membership(values: Volume['data'], label: number): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) mask[index] = values[index] === label ? 1 : 0;
  return mask;
}

/** In the order of the labels, then of the cases. */
function withEveryLabel(results: CaseResult[]): CaseResult[] {
  return results.sort((a, b) => a.label - b.label || a.id.localeCompare(b.id));
}
