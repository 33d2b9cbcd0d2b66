import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { OnProgress } from '../../domain/progress.ts';
import type { OptimizerName } from '../../domain/setting.ts';
import type { TrainerEvent } from '../../protocol/trainer-event.ts';
import { guidelineOf } from './guideline-input.ts';
import type { OpenStudy, Plan } from './plan.ts';

type Started = Extract<TrainerEvent, { type: 'started' }>;

export interface DeclareOptions extends OpenStudy {
  plan: Plan;
  say: OnProgress;
}

/** Tells the guideline, once, which optimizers the trainer supports; it skips the others from then on. */
export function declareCapabilities(options: DeclareOptions, { capabilities }: Started): void {
  const { store, study, config, plan, say } = options;
  const optimizers = capabilities?.optimizers;
  if (optimizers === undefined) return;
  const known = store.eventsOf(study.id, { types: ['capabilities.known'] }).at(-1)?.event.optimizers;
  if (JSON.stringify(known) === JSON.stringify(optimizers)) return;
  for (const decision of plan.record({ type: 'capabilities.known', optimizers })) say({ type: 'decision', decision });
  const missing = wantedOptimizers(config).filter((name) => !optimizers.includes(name));
  if (missing.length === 0) return;
  say({
    type: 'warning',
    key: null,
    message: `The trainer cannot do ${missing.join(', ')}; the guideline skips it.`,
  });
}

/** Optimizers that the guideline may change to, each once. */
function wantedOptimizers(config: Pick<ResolvedStudyConfig, 'guideline'>): OptimizerName[] {
  const wanted = guidelineOf(config).actions.flatMap((action) =>
    action.action === 'changeOptimizer' ? action.optimizers.map(({ optimizer }) => optimizer) : [],
  );
  return [...new Set(wanted)];
}
