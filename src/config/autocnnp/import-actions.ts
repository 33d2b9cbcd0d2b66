import type { ImportLine } from './import-line.ts';
import { childNamed, type XmlElement } from './read-system-config.ts';

/** Transfers an `<action>` of the CNN-Parallelism-Generator to the study. */
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
      if (text !== 'local_rank') return { tag, state: 'dropped', note: 'only local_rank is known' };
      study.placement = { devices: 'localRank' };
      return { tag, state: 'mapped', note: 'placement.devices: localRank' };
    case 'memory_allocation':
      return memoryLine(tag, text, study);
    case 'dist_strategy':
      return strategyLine(tag, text, study);
    case 'Tr_Checkpoint':
      if (path === undefined) return { tag, state: 'mapped', note: 'checkpoints: autopilot writes its own' };
      return /schedule/i.test(value?.attributes.name ?? '')
        ? {
            tag,
            state: 'adapted',
            note: `the learning rate follows GreScale's three phases (setting), which the guideline tunes; for whatever else ${path} does, write a module (components.callbacks, defineCallback)`,
          }
        : {
            tag,
            state: 'todo',
            note: `${path}: write it as a module (components.callbacks, defineCallback); Python is not run here`,
          };
    default:
      return { tag, state: 'dropped', note: 'an unknown action' };
  }
}

function memoryLine(tag: string, text: string, study: Record<string, unknown>): ImportLine {
  if (/^(allow_)?growth$/.test(text)) {
    study.memory = { gpu: 'grow' };
    return { tag, state: 'mapped', note: 'memory.gpu: grow' };
  }
  return text === 'soft_placement'
    ? {
        tag,
        state: 'dropped',
        note: 'an operation without a GPU kernel runs on the CPU anyway; for memory itself see memory.gpu',
      }
    : { tag, state: 'dropped', note: 'only soft_placement and allow_growth are known; see memory.gpu' };
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
