export type { OnProgress, ProgressEvent } from '../domain/progress.ts';
