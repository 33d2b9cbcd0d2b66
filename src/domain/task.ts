/** What is learned: per-pixel classes, or one class per image. */
export const tasks = ['segmentation', 'classification'] as const;
export type Task = (typeof tasks)[number];
