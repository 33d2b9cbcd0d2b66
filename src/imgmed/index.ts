/**
 * ImgMed as a library: reads images as stored, converts, resizes, augments and saves them, and lists data sets' cases.
 *
 * ```ts
 * import { readVolume, resizeImage, saveImage } from 'grescale-autopilot/imgmed';
 *
 * const scan = await readVolume('scan.nii.gz');
 * await saveImage(resizeImage(scan, { size: [350, 350] }), 'slices/scan.png', { range: 'minmax' });
 * ```
 */

export type { AugmentOptions } from './augment.ts';
export { readCaseList } from './datasets/read-case-list.ts';
export { type AugmentedImage, augmentImage } from './operations/augment-image.ts';
export { type ImageFacts, imageFacts } from './operations/image-facts.ts';
export type { PictureRange } from './operations/picture-numbers.ts';
export { type ReshapeOptions, reshape } from './operations/reshape.ts';
export { type ResizeImageOptions, resizeImage } from './operations/resize.ts';
export { type SaveImageOptions, saveImage } from './operations/save-image.ts';
export { readVolume } from './reading/read-volume.ts';
export type { Geometry, Triple, Volume, VoxelArray } from './volume/volume.ts';
