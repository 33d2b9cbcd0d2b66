import { Option } from 'commander';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { KnownTrainings } from '../../domain/known-trainings.ts';
import type { PlanKind } from '../../engine/plans/plan.ts';
import { knownAtStart } from '../../engine/study/same-training.ts';
import { withStoreIfAny } from '../project.ts';

/** `--fresh`, for every command that trains what other studies may have trained. */
export function freshOption(): Option {
  return new Option('--fresh', 'train again what other studies of the project have already trained');
}

/** The first trainings that the project already has; none without a store, or with `fresh`. */
export function knownIn(
  project: string,
  kind: PlanKind,
  { config, fresh }: { config: ResolvedStudyConfig; fresh: boolean | undefined },
): KnownTrainings {
  const nothing = { wanted: kind.first?.(config).wanted.length ?? 0, baseline: 0, studies: [], unrecorded: [] };
  return withStoreIfAny(project, (store) =>
    fresh || store === null ? nothing : knownAtStart(kind, { store, config }),
  );
}
