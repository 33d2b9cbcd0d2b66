import type { DatasetShape } from './data/dataset.ts';

/** How many class numbers are stored with each image: one per pixel, or a single one for classification. */
export function labelsPerImage({ task, height, width }: Pick<DatasetShape, 'task' | 'height' | 'width'>): number {
  return task === 'classification' ? 1 : height * width;
}

/** The shape of the scores (and of one-hot labels) of a number of images. */
export function scoresShape({ task, height, width, classes }: DatasetShape, images: number): number[] {
  return task === 'classification' ? [images, classes.length] : [images, height, width, classes.length];
}
