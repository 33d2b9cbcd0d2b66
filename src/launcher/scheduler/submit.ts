import { setTimeout as delay } from 'node:timers/promises';
import type { SchedulerLauncherConfig } from '../../config/sections/launcher.ts';
import type { SchedulerQueue } from './queue.ts';
import type { Values } from './template.ts';

export interface SubmitOptions {
  /** The job's name, never reused. */
  name: string;
  values: Values;
  config: Pick<SchedulerLauncherConfig, 'submitMinutes' | 'pollSeconds'>;
  queue: SchedulerQueue;
}

/** Temporary refusals: the scheduler is down or busy, or a limit on queued jobs is reached. */
const passing =
  /(unable|fail\w*|cannot|could not|error) (to )?(contact|connect|communicat)\w*|commlib|connection|timed? ?out|temporar|try (again|later)|not respond|no response|unavailable|daemon|busy|limit|exceed|only \d+ jobs/i;

/** Submits exactly once: before a retry, makes sure that an unanswered submission has not arrived after all. */
export async function submitOnce(options: SubmitOptions): Promise<{ jobId: string } | { refused: string }> {
  const { name, values, config, queue } = options;
  const untilMs = performance.now() + config.submitMinutes * 60_000;
  for (let waitMs = 1000; ; waitMs = Math.min(60_000, waitMs * 2)) {
    const answer = await queue.submit(values);
    if ('jobId' in answer) return answer;
    const said = 'unnamed' in answer ? answer.unnamed : answer.refused;
    const taken = 'unnamed' in answer;
    // An accepted job shows up by its name sooner or later; one that was refused for good is not looked for.
    if (!taken && !passing.test(said)) return { refused: said };
    for (;;) {
      const leftMs = untilMs - performance.now();
      await delay(Math.max(0, Math.min(taken ? config.pollSeconds * 1000 : waitMs, leftMs)));
      const found = await queue.findByName(name);
      if (found !== null && found !== 'unreachable' && found !== 'unknown') return { jobId: found };
      if (found === 'unknown') return { refused: `${said}. It may still run: look for a job "${name}"` };
      if (leftMs <= 0) return { refused: `${said}. Look for a job "${name}" before you resume` };
      if (found === null && !taken) break;
    }
  }
}
