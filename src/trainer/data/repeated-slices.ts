import { createHash } from 'node:crypto';
import { bySplit } from '../../domain/split-order.ts';
import { count } from '../../domain/text/format.ts';
import type { Dataset, Split } from './dataset.ts';

/**
 * Finds slices that no network should be measured on: those of a part that are also, value for value, in an earlier
 * one (training, validation, test). One sentence for each pair of parts. Constant slices, such as air, are not counted.
 */
export function repeatedSlices(dataset: Pick<Dataset, 'height' | 'width' | 'channels' | 'splits'>): string[] {
  const length = dataset.height * dataset.width * dataset.channels;
  const training = (name: string) => (name === 'train' ? 0 : 1);
  const parts = Object.entries(dataset.splits).sort(([a], [b]) => training(a) - training(b) || bySplit(a, b));
  const seen = new Map<string, { part: string; name: string }>();
  const sentences: string[] = [];
  for (const [part, split] of parts) {
    const found = new Map<string, { repeated: number; example: string }>();
    const own: [hash: string, name: string][] = [];
    for (const [name, hash] of hashes(split, length)) {
      const other = seen.get(hash);
      if (other === undefined) own.push([hash, name]);
      else {
        const example = found.get(other.part)?.example ?? `${name} is ${other.name}`;
        found.set(other.part, { repeated: (found.get(other.part)?.repeated ?? 0) + 1, example });
      }
    }
    for (const [other, { repeated, example }] of found) {
      sentences.push(
        `${repeated} of ${count(split.count, 'slice')} of the ${part} part ${repeated === 1 ? 'is' : 'are'} in the ${other} part too, value for value (${example}), so results on this part are biased. Make the slices again with each scan in one part.`,
      );
    }
    for (const [hash, name] of own) seen.set(hash, { part, name });
  }
  return sentences;
}

function* hashes({ count: slices, images, cases }: Split, length: number): Generator<[name: string, hash: string]> {
  for (let index = 0; index < slices; index++) {
    const values = images.subarray(index * length, (index + 1) * length);
    if (values.every((value) => value === values[0])) continue;
    yield [cases[index] ?? `slice ${index}`, createHash('sha1').update(values).digest('base64')];
  }
}
