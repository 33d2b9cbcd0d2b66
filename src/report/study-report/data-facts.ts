import { augmentConfig, prepConfig } from '../../config/sections/prep.ts';
import { bySplit } from '../../domain/split-order.ts';
import { asRecord, type StudyFacts } from './facts.ts';
import { changesText, preparationSteps } from './preparation-text.ts';

/** One part of the data. */
export interface DataPart {
  name: string;
  slices: number;
  /** Scans, or single images, that the slices were cut from. */
  cases: string[];
}

/** The parts of the data, training first, then validation and test; none where the trainer has data of its own. */
export function dataParts({ config, manifest }: Pick<StudyFacts, 'config' | 'manifest'>): DataPart[] {
  const data = asRecord(config.data);
  if (data.kind === 'phantom') {
    const numbers = { train: data.trainSlices, validation: data.validationSlices, test: data.testSlices };
    return Object.entries(numbers).flatMap(([name, slices]) =>
      typeof slices === 'number'
        ? [{ name, slices, cases: Array.from({ length: slices }, (_, index) => `${name} ${index}`) }]
        : [],
    );
  }
  const parts = Object.entries(asRecord(manifest?.splits)).map(([name, value]) => {
    const { count, cases } = asRecord(value);
    const ids = Array.isArray(cases) ? cases.map((id) => caseOf(String(id))) : [];
    return { name, slices: Number(count), cases: [...new Set(ids)] };
  });
  const training = ({ name }: DataPart) => (name === 'train' ? 0 : 1);
  return parts.sort((a, b) => training(a) - training(b) || bySplit(a.name, b.name));
}

/** `la_003` for its slice `la_003-z41` and for that slice's augmented copies, `la_003-z41-a2`. */
function caseOf(slice: string): string {
  return slice.replace(/-[xyz]\d+(-[av]\d+)?$/, '');
}

/** Cases in more than one part: metrics measured on them are not those of new data. */
export function sharedCases(parts: readonly DataPart[]): string[] {
  const all = parts.flatMap(({ cases }) => cases);
  return [...new Set(all.filter((name, index) => all.indexOf(name) !== index))];
}

/** The steps from scans to slices, as stored with the slices; null where they were not stored. */
export function preprocessing(manifest: StudyFacts['manifest']): [string, string][] | null {
  const parsed = prepConfig.safeParse(manifest?.prep);
  if (parsed.success) return preparationSteps(parsed.data);
  const told = sentences(manifest?.preprocessing);
  return told.length === 0 ? null : told.map((step, index) => [`Step ${index + 1}`, step]);
}

/** Every kind of random change to the training slices, in preparation and in training; empty where there is none. */
export function augmentations({ config, manifest }: Pick<StudyFacts, 'config' | 'manifest'>): string[] {
  const prepared = prepConfig.safeParse(manifest?.prep);
  const copied = prepared.success ? prepared.data.augment : undefined;
  const trained = augmentConfig.safeParse(asRecord(config.data).augmentation ?? null);
  return [
    ...sentences(manifest?.augmentation),
    ...(copied === undefined || copied.copies === 0
      ? []
      : [
          `${copied.copies} changed ${copied.copies === 1 ? 'copy' : 'copies'} of each training slice: ${changesText(copied)}`,
        ]),
    ...(trained.success ? [`every training slice, differently in each epoch: ${changesText(trained.data)}`] : []),
  ];
}

/** What a program other than `autopilot prep` says about the slices it made. */
function sentences(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
