import type { DatasetShape } from './data/dataset.ts';

/** Class numbers stored with each image: one per pixel, or one in all. */
export function labelsPerImage({ task, height, width }: Pick<DatasetShape, 'task' | 'height' | 'width'>): number {
  return task === 'classification' ? 1 : height * width;
}

/** The shape of the scores (and of one-hot labels) of some images. */
export function scoresShape({ task, height, width, classes }: DatasetShape, images: number): number[] {
  return task === 'classification' ? [images, classes.length] : [images, height, width, classes.length];
}
