import type { Store } from '../../db/index.ts';
import { optimizerNames } from '../domain/setting.ts';
import type { TrainerEvent } from '../protocol/trainer-event.ts';
import type { GuidelineLog } from './guideline-log.ts';
import type { OnProgress } from './progress.ts';

export interface DeclareOptions {
  store: Store;
  studyId: string;
  log: GuidelineLog;
  say: OnProgress;
}

/** Tells the guideline, once, which optimizers a trainer that started can do; the others are skipped from then on. */
export function declareCapabilities({ store, studyId, log, say }: DeclareOptions) {
  return ({ capabilities }: Extract<TrainerEvent, { type: 'started' }>): void => {
    const optimizers = capabilities?.optimizers;
    if (optimizers === undefined) return;
    const known = store.eventsOf(studyId, { types: ['capabilities.known'] }).at(-1)?.payload.optimizers;
    if (JSON.stringify(known) === JSON.stringify(optimizers)) return;
    for (const decision of log.record({ type: 'capabilities.known', optimizers })) say({ type: 'decision', decision });
    const missing = optimizerNames.filter((name) => !optimizers.includes(name));
    if (missing.length === 0) return;
    say({
      type: 'warning',
      key: null,
      message: `The trainer cannot do ${missing.join(', ')}; the guideline skips it.`,
    });
  };
}
