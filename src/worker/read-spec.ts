import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ScheduleSpec } from '../../schedules/spec.ts';
import { componentsConfig } from '../config/components.ts';
import { dataConfig } from '../config/data.ts';
import { modelConfig } from '../config/model.ts';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { runDirectoryFiles } from '../protocol/run-directory.ts';
import { runSpec } from '../protocol/run-spec.ts';

const computeSection = z.looseObject({
  backend: z.string().default('auto'),
  threads: z.int().min(1).default(1),
  exact: z.boolean().default(false),
  shards: z.enum(['fused', 'exact']).default('fused'),
});

/** `run.json`, with the sections that belong to the embedded trainer understood. */
export function readSpec(directory: string) {
  const path = runDirectoryFiles(directory).spec;
  try {
    const spec = runSpec.parse(JSON.parse(readFileSync(path, 'utf8')));
    return {
      ...spec,
      // The writer built it from a ScheduleSpec; `scheduleFrom` refuses what cannot be.
      schedule: spec.schedule as unknown as ScheduleSpec,
      task: spec.task ?? 'segmentation',
      components: componentsConfig.parse(spec.components ?? {}),
      model: modelConfig.parse(spec.model),
      data: dataConfig.parse(spec.data),
      compute: computeSection.parse(spec.compute),
    };
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown);
    throw new AutopilotError('run.spec', `${path} cannot be used: ${reason}`, { cause: thrown });
  }
}

export type WorkerSpec = ReturnType<typeof readSpec>;
