import type { ImportLine } from './import-line.ts';
import { childNamed, type XmlElement } from './read-system-config.ts';

/** An `<action>` of the CNN-Parallelism-Generator, into the study. */
export function actionLine(action: XmlElement, study: Record<string, unknown>): ImportLine {
  const { type = '' } = action.attributes;
  const value = childNamed(action, 'value');
  const text = value?.text ?? '';
  const path = childNamed(value, 'path')?.text;
  const tag = `<action type="${type}"> ${path ?? text}`;
  if (action.name !== 'action')
    return { tag: `<${action.name}>`, state: 'dropped', note: 'only <action> is known here' };
  switch (type) {
    case 'device_placement':
      return text === 'local_rank'
        ? {
            tag,
            state: 'adapted',
            note: 'ranks compute on CPU cores: compute.threads; GPUs are given to ranks by the scheduler (launcher.gres)',
          }
        : { tag, state: 'dropped', note: 'only local_rank is known' };
    case 'memory_allocation':
      return {
        tag,
        state: 'dropped',
        note: "TensorFlow's session option; autopilot's back ends allocate as they need",
      };
    case 'dist_strategy':
      return strategyLine(tag, text, study);
    case 'Tr_Checkpoint':
      if (path === undefined) return { tag, state: 'mapped', note: 'checkpoints: autopilot writes its own' };
      return {
        tag,
        state: 'todo',
        note: /schedule/i.test(value?.attributes.name ?? '')
          ? `${path}: the learning rate is the guideline's (setting, guideline); leave it out. Other duties: write a module (components.callbacks, defineCallback)`
          : `${path}: write it as a module (components.callbacks, defineCallback); Python is not run here`,
      };
    default:
      return { tag, state: 'dropped', note: 'an unknown action' };
  }
}

const strategies: Record<string, string> = {
  ring_allreduce: 'ring',
  allreduce: 'allreduce',
  parameter_server: 'parameterServer',
};

function strategyLine(tag: string, text: string, study: Record<string, unknown>): ImportLine {
  const strategy = strategies[text.toLowerCase().replace(/[- ]/g, '_')];
  if (strategy === undefined) {
    return {
      tag,
      state: 'todo',
      note: `"${text}" is not known; known: ${Object.keys(strategies).join(', ')}, or a module (components.strategy)`,
    };
  }
  study.strategy = strategy;
  study.launcher = { kind: 'mpi' };
  return { tag, state: 'mapped', note: `strategy: ${strategy}, launcher.kind: mpi` };
}
