import { serveTasks } from '../workers/serve-tasks.ts';
import { cachedCase } from './case-cache.ts';
import type { PrepareCaseOptions } from './prepare-case.ts';

/** One case for one worker thread. */
export interface PrepTask extends PrepareCaseOptions {
  cacheFolder: string;
}

serveTasks(({ cacheFolder, ...options }: PrepTask) => cachedCase(options, cacheFolder));
