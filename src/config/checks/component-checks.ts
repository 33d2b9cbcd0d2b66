import { existsSync } from 'node:fs';
import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';
import type { ComponentConfig } from '../sections/components.ts';
import type { StudyConfig } from '../study-config.ts';
import { taskOf } from '../task-of.ts';

/** Every module that a config names, with the path of its field, such as `components.metrics[0]`. */
export function namedComponents(
  config: Pick<ResolvedStudyConfig, 'components'>,
): { path: (string | number)[]; config: ComponentConfig }[] {
  const { metrics, callbacks, ...single } = config.components;
  return [
    ...Object.entries(single).flatMap(([name, its]) =>
      its === undefined ? [] : [{ path: ['components', name], config: its }],
    ),
    ...metrics.map((its, index) => ({ path: ['components', 'metrics', index], config: its })),
    ...callbacks.map((its, index) => ({ path: ['components', 'callbacks', index], config: its })),
  ];
}

/** Finds modules that do not exist, are not used or conflict with another field, and parts for the other task. */
export function componentChecks(config: ResolvedStudyConfig, given: StudyConfig): ConfigProblem[] {
  const { components, trainer } = config;
  const named = namedComponents(config);
  const problems: ConfigProblem[] = named.flatMap(({ path, config: { module } }) =>
    existsSync(module)
      ? []
      : [
          {
            path: [...path, 'module'],
            message: `${field(path)}.module: there is no file ${module}; correct it (relative to this file)`,
          },
        ],
  );
  if (trainer.kind !== 'embedded') {
    const [first] = named;
    const message = `components applies only to the embedded trainer, but trainer.kind is ${trainer.kind}; leave it out`;
    return first === undefined ? problems : [...problems, { path: ['components'], message }];
  }
  const both = (name: string, other: string) =>
    problems.push({
      path: ['components', name],
      message: `components.${name} replaces "${other}", which is also given; leave one of them out`,
    });
  if (components.architecture !== undefined && given.model !== undefined) both('architecture', 'model');
  if (components.dataset !== undefined && config.data.kind !== 'none') both('dataset', 'data');
  if (components.loss !== undefined && given.loss !== undefined) both('loss', 'loss');
  if (components.strategy !== undefined && given.strategy !== undefined) both('strategy', 'strategy');
  return [...problems, ...optimizerFits(config), ...taskFits(config)];
}

function optimizerFits({ components, setting, guideline }: ResolvedStudyConfig): ConfigProblem[] {
  const used = setting.optimizer === 'custom' || JSON.stringify(guideline).includes('"optimizer":"custom"');
  if (used === (components.optimizer !== undefined)) return [];
  return used
    ? [
        {
          path: ['setting', 'optimizer'],
          message:
            'the optimizer custom is requested, but components.optimizer is missing; add it ("module: ./my-optimizer.mjs")',
        },
      ]
    : [
        {
          path: ['components', 'optimizer'],
          message:
            "components.optimizer is never used; set setting.optimizer to custom, or name custom in the guideline's changeOptimizer",
        },
      ];
}

function taskFits({ task, model, components, loss }: ResolvedStudyConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (components.architecture === undefined && taskOf(model.architecture) !== task) {
    const fix =
      task === 'classification' ? 'choose vgg or resnet' : 'choose fcn, fcn8s or unet, or set task to classification';
    problems.push({
      path: ['model', 'architecture'],
      message: `model.architecture ${model.architecture} is for ${taskOf(model.architecture)}, but task is ${task}; ${fix}`,
    });
  }
  if (task === 'classification' && components.loss === undefined && loss !== 'crossEntropy') {
    problems.push({
      path: ['loss'],
      message: `loss ${loss} compares areas, but task is classification; choose crossEntropy`,
    });
  }
  return problems;
}

function field(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
