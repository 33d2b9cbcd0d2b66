import type { ComponentConfig } from '../../config/sections/components.ts';
import type { VerifiedProgram } from '../../launcher/deploy/verify-program.ts';
import type { WorkerSpec } from './read-spec.ts';

/** The spec with the paths that the study's own files have on this host. */
export function onThisHost(spec: WorkerSpec, { locate }: Pick<VerifiedProgram, 'locate'>): WorkerSpec {
  const { components, data, model } = spec;
  const at = (its: ComponentConfig) => ({ ...its, module: locate(its.module) });
  const { metrics, callbacks, ...single } = components;
  const replaced = Object.fromEntries(Object.entries(single).map(([name, its]) => [name, its && at(its)]));
  return {
    ...spec,
    components: { ...replaced, metrics: metrics.map(at), callbacks: callbacks.map(at) },
    data: data.kind === 'slices' ? { ...data, path: locate(data.path) } : data,
    model: model.initFrom === undefined ? model : { ...model, initFrom: locate(model.initFrom) },
  };
}
