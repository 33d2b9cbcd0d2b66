import { AutopilotError, messageOf } from '../domain/errors.ts';
import { formatOf, imageFiles, isFolder, stemOf } from '../imgmed/file-format.ts';
import { readVolume } from '../imgmed/read-volume.ts';
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
  /** Label values to evaluate; left out, every value other than 0 that occurs. */
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
  const evaluated: { id: string; label: number; metrics: CaseMetrics }[] = [];
  for (const [id, file] of truths) {
    const prediction = predictions.get(id);
    if (prediction === undefined) {
      failures.push({ id, reason: `${predicted} holds no mask named ${id}; predict this case or remove its truth` });
      continue;
    }
    try {
      const pair = await readPair(prediction, file, options.toleranceMm ?? 0.01);
      evaluated.push(...evaluatePair(id, pair.predicted, pair.truth, options));
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
  return new Map(
    files.map((file) => [stemOf(file).replace(/[_-](mask|pred|prediction|label|labels|seg)$/i, ''), file]),
  );
}

async function readPair(predictedFile: string, truthFile: string, toleranceMm: number) {
  const [predicted, truth] = [await readVolume(predictedFile), await readVolume(truthFile)];
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
