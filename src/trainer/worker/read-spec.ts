import * as z from 'zod';
import { componentsConfig } from '../../config/sections/components.ts';
import { dataConfig } from '../../config/sections/data.ts';
import { modelConfig } from '../../config/sections/model.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { readRunSpec } from '../../protocol/read-run-spec.ts';
import { runDirectoryFiles } from '../../protocol/run-directory.ts';

const computeSection = z.looseObject({
  backend: z.string().default('auto'),
  threads: z.int().min(1).default(1),
  exact: z.boolean().default(false),
  precision: z.enum(['float32', 'bf16']).default('float32'),
  shards: z.enum(['fused', 'exact']).default('fused'),
});

const sections = z.object({
  components: componentsConfig,
  model: modelConfig,
  data: dataConfig,
  compute: computeSection,
});

/** Reads `run.json` and parses the sections that belong to the embedded trainer. */
export function readSpec(directory: string) {
  const spec = readRunSpec(directory);
  const parsed = sections.safeParse({ ...spec, components: spec.components ?? {} });
  if (!parsed.success) {
    const { spec: path } = runDirectoryFiles(directory);
    throw new AutopilotError('run.spec', `${path} cannot be used: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  return { ...spec, task: spec.task ?? ('segmentation' as const), ...parsed.data };
}

export type WorkerSpec = ReturnType<typeof readSpec>;
