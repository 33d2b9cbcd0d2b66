import { AutopilotError, messageOf } from '../domain/errors.ts';
import { readMask } from '../imgmed/load-case.ts';
import { formatOf, imageFiles, isFolder, stemOf, unreadFiles, unreadSentence } from '../imgmed/reading/file-format.ts';
import { geometryDifference, type Volume } from '../imgmed/volume/volume.ts';
import type { CaseMetrics } from './case-metric-names.ts';
import { caseMetrics, defaultSurfaceToleranceMm } from './case-metrics.ts';
import { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.ts';
import type { EmptyMaskPolicy } from './empty-masks.ts';
import { compareLabels, type Label, valuesOf } from './label.ts';
import { type OverlapMetrics, overlapMetrics } from './overlap-metrics.ts';

/** One class of one case. */
export interface CaseResult {
  id: string;
  label: Label;
  metrics: CaseMetrics;
}

export interface EvaluateFoldersOptions {
  emptyMasks: EmptyMaskPolicy;
  /** Label values and regions to evaluate; default: every value other than 0 in any true mask. */
  labels?: readonly Label[] | undefined;
  /** Voxels of this value in the true mask are left out, whatever is predicted there. */
  ignore?: number | undefined;
  /** Allowed difference in spacing, in millimetres. */
  toleranceMm?: number;
  /** Distance from the other surface up to which a point counts as correct in `surfaceDice`, in millimetres. */
  surfaceToleranceMm?: number | undefined;
  onCase?: (id: string) => void;
}

export interface FolderEvaluation {
  results: CaseResult[];
  /** All label values together, with everything else as class 0: per case, and over all voxels of all cases. */
  allClasses: { cases: { id: string; metrics: OverlapMetrics }[]; pooled: OverlapMetrics };
  /** Cases that could not be evaluated, each with its reason. */
  failures: { id: string; reason: string }[];
}

/** Evaluates the prediction of the same name for every mask of `truth` (names may end in `_mask`, `_pred`, …). */
export async function evaluateFolders(
  predicted: string,
  truth: string,
  options: EvaluateFoldersOptions,
): Promise<FolderEvaluation> {
  const predictions = masksByName(predicted);
  const truths = masksByName(truth);
  const failures: FolderEvaluation['failures'] = [];
  const evaluated: CaseResult[] = [];
  const told = await labelsToldBy(truths, options);
  failures.push(...told.failures);
  const { labels } = told;
  const values = [...new Set(labels.flatMap(valuesOf))];
  const cases: FolderEvaluation['allClasses']['cases'] = [];
  const pooled = confusionMatrix(values.filter((value) => value !== 0).length + 1);
  for (const [id, file] of truths) {
    if (told.failures.some((failure) => failure.id === id)) continue;
    const prediction = predictions.get(id);
    if (prediction === undefined) {
      failures.push({ id, reason: `${predicted} holds no mask named ${id}; predict this case or remove its truth` });
      continue;
    }
    try {
      const pair = await readPair(prediction, file, options.toleranceMm ?? 0.01);
      if (options.labels === undefined) refuseStrays(prediction, pair, values, options.ignore);
      else {
        refuseFractions(prediction, pair.predicted);
        refuseFractions(file, pair.truth);
      }
      evaluated.push(...evaluatePair(id, pair.predicted, pair.truth, { ...options, labels }));
      const matrix = matrixOf(pair.predicted, pair.truth, values, options.ignore);
      for (let cell = 0; cell < matrix.counts.length; cell++) pooled.counts[cell]! += matrix.counts[cell]!;
      if (labels.length > 0) cases.push({ id, metrics: overlapMetrics(matrix) });
    } catch (error) {
      failures.push({ id, reason: messageOf(error) });
    }
    options.onCase?.(id);
  }
  for (const id of predictions.keys()) {
    if (!truths.has(id)) failures.push({ id, reason: `${truth} holds no mask named ${id}; it was not evaluated` });
  }
  return { results: withEveryLabel(evaluated), allClasses: { cases, pooled: overlapMetrics(pooled) }, failures };
}

/** A folder's masks, or a single file, by name. */
function masksByName(path: string): Map<string, string> {
  const files = isFolder(path) ? imageFiles(path) : formatOf(path) === null ? [] : [path];
  const unread = unreadSentence(unreadFiles(path));
  if (files.length === 0 || unread.length > 0) {
    const what = unread.length > 0 ? unread.join('; ') : 'name a folder of NIfTI, NRRD, MetaImage, PNG or TIFF files';
    throw new AutopilotError('eval.noMasks', `${path}: ${files.length === 0 ? 'holds no masks; ' : ''}${what}`);
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

/** More values than this are instances, or not labels at all; each costs a pass over every case. */
const mostLabels = 1000;

/** The label values of all true masks, in order, so that each case is judged on the same ones. */
async function labelsToldBy(
  truths: ReadonlyMap<string, string>,
  { labels: wanted, ignore }: Pick<EvaluateFoldersOptions, 'labels' | 'ignore'>,
): Promise<{ labels: readonly Label[]; failures: FolderEvaluation['failures'] }> {
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
  if (ignore !== undefined) labels.delete(ignore);
  return { labels: [...labels].sort((a, b) => a - b), failures };
}

/** A mask's values other than 0. Throws on values that are not labels. */
function labelsIn(file: string, { data }: Volume): number[] {
  refuseFractions(file, { data });
  const values = new Set<number>();
  for (let index = 0; index < data.length; index++) {
    values.add(data[index]!);
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

function refuseFractions(file: string, { data }: Pick<Volume, 'data'>): void {
  for (let index = 0; index < data.length; index++) {
    if (Number.isInteger(data[index])) continue;
    throw new AutopilotError(
      'image.labels',
      `${file}: holds the value ${data[index]}, but labels are whole numbers; save labels instead of probabilities, without interpolation`,
    );
  }
}

function refuseStrays(file: string, { predicted, truth }: Pair, labels: readonly number[], ignore?: number): void {
  const data = ignore === undefined ? predicted.data : predicted.data.slice();
  for (let index = 0; ignore !== undefined && index < data.length; index++) {
    if (truth.data[index] === ignore) data[index] = 0;
  }
  const strays = labelsIn(file, { ...predicted, data }).filter((label) => !labels.includes(label));
  if (strays.length === 0) return;
  const some = strays
    .sort((a, b) => a - b)
    .slice(0, 8)
    .join(', ');
  throw new AutopilotError(
    'image.labels',
    `${file}: holds label values ${some}, but the true masks hold ${labels.join(', ') || 'none'}; give both the same values, or name those to evaluate with --labels`,
  );
}

interface Pair {
  predicted: Volume;
  truth: Volume;
}

async function readPair(predictedFile: string, truthFile: string, toleranceMm: number): Promise<Pair> {
  const [predicted, truth] = [await readMask(predictedFile), await readMask(truthFile)];
  const difference = geometryDifference(predicted, truth, toleranceMm);
  if (difference === null) return { predicted, truth };
  throw new AutopilotError(
    'image.geometry',
    `${predictedFile} is not on the grid of ${truthFile}: ${difference}; bring it back to the scan's geometry`,
  );
}

/** Every class of one pair of masks. */
export function evaluatePair(
  id: string,
  predicted: Volume,
  truth: Volume,
  {
    emptyMasks,
    labels,
    ignore,
    surfaceToleranceMm = defaultSurfaceToleranceMm,
  }: Pick<EvaluateFoldersOptions, 'emptyMasks' | 'surfaceToleranceMm' | 'ignore'> & { labels: readonly Label[] },
): CaseResult[] {
  const { size, spacingMm } = truth;
  const count = size[0] * size[1] * size[2];
  const [p, t] = [predicted.data.subarray(0, count), truth.data.subarray(0, count)];
  let ignoredVoxels = 0;
  for (let index = 0; index < count; index++) if (t[index] === ignore) ignoredVoxels += 1;
  const options = { size, spacingMm, emptyMasks, surfaceToleranceMm, ignoredVoxels };
  return [...labels].sort(compareLabels).map((label) => {
    const [found, real] = [membership(p, valuesOf(label)), membership(t, valuesOf(label))];
    for (let index = 0; ignoredVoxels > 0 && index < count; index++) if (t[index] === ignore) found[index] = 0;
    return { id, label, metrics: caseMetrics(found, real, options) };
  });
}

function membership(data: Volume['data'], values: readonly number[]): Uint8Array {
  const mask = new Uint8Array(data.length);
  for (const value of values) {
    for (let index = 0; index < data.length; index++) if (data[index] === value) mask[index] = 1;
  }
  return mask;
}

/** Voxels by true and predicted class; anything that is not one of the labels is class 0. */
function matrixOf(predicted: Volume, truth: Volume, labels: readonly number[], ignore?: number): ConfusionMatrix {
  const classOf = new Map(labels.filter((label) => label !== 0).map((label, index) => [label, index + 1]));
  const matrix = confusionMatrix(classOf.size + 1);
  for (let index = 0; index < truth.data.length; index++) {
    if (truth.data[index] === ignore) continue;
    const row = classOf.get(truth.data[index]!) ?? 0;
    matrix.counts[row * matrix.classes + (classOf.get(predicted.data[index]!) ?? 0)]! += 1;
  }
  return matrix;
}

/** Sorted by label, then by case. */
function withEveryLabel(results: CaseResult[]): CaseResult[] {
  return results.sort((a, b) => compareLabels(a.label, b.label) || a.id.localeCompare(b.id));
}
