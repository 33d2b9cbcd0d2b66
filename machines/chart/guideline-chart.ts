import type { Guideline, GuidelineAction } from '../../src/domain/guideline.ts';
import { plain } from '../decision/format.ts';
import { guidelineMachine } from '../guideline/machine.ts';
import { actionText } from '../guideline/words/words.ts';
import type { Chart, ChartEdge } from './chart.ts';
import { machineChart } from './machine-chart.ts';

/** The flowchart of a guideline: the machine's states, with `tuning` opened into the guideline's own actions. */
export function guidelineChart(guideline: Guideline): Chart {
  const { threshold, actions, name } = guideline;
  const chart = machineChart({
    title: `Guideline ${name}`,
    machine: guidelineMachine,
    words: {
      isBaselineComplete: 'all baseline runs are in',
      isValidationNext: 'reached the baseline',
      isRepeatNext: 'undecided: one more seed',
      isExtensionNext: 'confirmed, and one worker is to train as long',
      isComparisonNext: 'cannot tell: one more of both',
      isConfirmed: 'a setting is confirmed',
      isNoLoss: 'confirmed',
      isExhausted: 'no action left',
      'run.finished': 'finished',
      'run.diverged': 'diverged',
      'run.failed': 'failed',
    },
  });
  const ids = actions.map(({ action }, i) =>
    actions.findIndex((a) => a.action === action) === i ? action : `${action}${i + 1}`,
  );
  const nodes = chart.nodes.flatMap((node) =>
    node.name === 'tuning'
      ? actions.map((action, i) => ({ name: ids[i]!, kind: 'action' as const, detail: stepOf(action) }))
      : [node],
  );
  const edges = chart.edges.flatMap((edge): ChartEdge[] => {
    if (edge.from === 'tuning') return ids.map((from) => ({ ...edge, from }));
    if (edge.to !== 'tuning') {
      return [
        edge.from === 'applyingDefaults' && edge.to === 'training'
          ? { ...edge, label: `up to ${threshold} workers` }
          : edge,
      ];
    }
    if (edge.from === 'applyingDefaults') return [{ ...edge, to: ids[0]!, label: `more than ${threshold} workers` }];
    return ids.map((to, i) => ({
      ...edge,
      to,
      label: i === 0 ? 'improved by it, or the first' : `improved by it, or not by ${ids[i - 1]}`,
    }));
  });
  return { ...chart, nodes, edges };
}

/** One step of an action and its bound: "× 0.5, at least 1e-6". */
function stepOf(action: GuidelineAction): string {
  const phrase = actionText[action.action];
  switch (action.action) {
    case 'decreaseInitialLr':
      return `${phrase} × ${plain(action.factor)}, at least ${plain(action.minimum)}`;
    case 'increaseDecayCoefficient':
      return `${phrase} × ${plain(action.factor)}, at most ${plain(action.maximum)}`;
    case 'increaseWarmup':
    case 'extendDecay':
      return `${phrase} + ${plain(action.epochs)} epochs, at most ${plain(action.maximum)}`;
    case 'tuneInitialLr':
      return `${phrase} × ${plain(action.factor)}, or / ${plain(action.factor)}`;
    case 'shortenTraining':
      return `${phrase} × ${plain(action.factor)}, at least × ${plain(action.minimum)} in all`;
    case 'extendTraining':
      return `${phrase} × ${plain(action.factor)}, at most × ${plain(action.maximum)} in all`;
    case 'changeOptimizer':
      return `${phrase} to ${action.optimizers.map(({ optimizer }) => optimizer).join(', then ')}`;
  }
}
