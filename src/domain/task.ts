/** What is learned: per-pixel classes, or one class per image. */
export type Task = 'segmentation' | 'classification';
