import { actionLabel, actionText } from '../../../../machines/guideline/words/words.ts';
import { count } from '../../../domain/text/format.ts';
import { outcomeLabel } from '../../../report/words.ts';
import type { AnswerAt } from '../../views.ts';
import { actionWords, isKey } from '../parts/words.ts';

type Study = AnswerAt<`/studies/${string}`>;

const thesisActions = [
  'decreaseInitialLr',
  'increaseDecayCoefficient',
  'increaseWarmup',
  'extendDecay',
  'changeOptimizer',
];

/** Positions in the drawing's own units. */
const left = 34;
const right = 916;
const bus = 190;
const trainX = 294;

/** A study's position in the flowchart, and the path to it. */
interface Path {
  actions: string[];
  /** Number of times an action was tried. */
  tried: (action: string) => number;
  /** Where an action's box starts, its middle and its width. */
  place: (index: number) => { x: number; middle: number; width: number };
  tunesAtOnce: boolean;
  began: boolean;
  tuned: boolean;
  trained: boolean;
  validated: boolean;
  iterations: number;
  current: string | undefined;
}

function pathOf({ actionCounts, guidelineActions, outcome, workers, threshold, running, points }: Study): Path {
  const actions = guidelineActions ?? thesisActions;
  const counts = new Map<string, number>(actionCounts.map(({ action, count }) => [action, count]));
  const tried = (action: string) => counts.get(action) ?? 0;
  const step = (right - left) / actions.length;
  const width = Math.min(168, step - 12);
  const tunesAtOnce = threshold !== null && workers > threshold;
  const tuned = actions.some((action) => tried(action) > 0);
  const doing = (kind: string) => running.some(({ key }) => key.startsWith(`${kind}-`));
  return {
    actions,
    tried,
    place: (index) => ({ x: left + step * index, middle: left + step * index + width / 2, width }),
    tunesAtOnce,
    tuned,
    began: tried('applyDefaults') > 0 || tuned,
    trained: points.length > 0 || doing('iteration'),
    validated: points.some(({ kind }) => kind === 'validation') || doing('validation'),
    iterations: actionCounts.reduce((sum, { count }) => sum + count, 0) - (tunesAtOnce ? tried('applyDefaults') : 0),
    current: outcome ? 'outcome' : ['baseline', 'iteration', 'validation'].find(doing),
  };
}

/**
 * The guideline's flowchart with the path a study took: how often each action was tried, and where the study stands.
 * Visited boxes are drawn strong; the ones in progress are filled.
 */
export function Flowchart({ study }: { study: Study }) {
  const path = pathOf(study);
  return (
    <svg class="flow" viewBox="0 0 940 306" role="img" aria-label={describe(study)}>
      <defs>
        {['tip', 'tip-taken'].map((id) => (
          <marker
            key={id}
            id={id}
            class={id}
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" />
          </marker>
        ))}
      </defs>
      <Edges study={study} path={path} />
      <Word x={562} y={72} text="yes: tune at once" />
      <Word x={646} y={26} text="no: train the defaults first" />
      <Word x={20} y={206} text="not reached: the same action" />
      <Word x={20} y={220} text="while it helps, then the next" />
      <Word x={422} y={232} text="reached" anchor="middle" />
      <Word x={680} y={232} text="confirmed" anchor="middle" />
      <Word x={304} y={300} text="no action left, budget spent, cancelled or failed" />
      <Boxes study={study} path={path} />
    </svg>
  );
}

interface PartProps {
  study: Study;
  path: Path;
}

function Edges({ study: { points, outcome }, path }: PartProps) {
  const { actions, tried, place, tunesAtOnce, began, tuned, trained, validated } = path;
  const edges: [d: string, taken: boolean][] = [
    ['M202 32 H 236', began],
    ['M408 32 H 466', began],
    [`M554 54 V 84 H ${place(0).middle} V 108`, tuned],
    [`M638 32 H 930 V ${bus} H ${trainX} V 212`, trained && !tunesAtOnce && tried('applyDefaults') > 0],
    ...actions.map((action, index): [string, boolean] => [
      `M${place(index).middle} 156 V ${bus} H ${trainX} V 212`,
      tried(action) > 0,
    ]),
    [`M210 238 H 14 V 134 H ${left - 4}`, tuned && points.length > 0],
    ['M378 238 H 466', validated],
    ['M638 238 H 724', outcome === 'noLoss'],
    ['M294 260 V 286 H 822 V 264', outcome !== null && outcome !== 'noLoss'],
  ];
  // Draw the edges that were taken last, on top of any that they share a line with.
  const drawn = [...edges.filter(([, taken]) => !taken), ...edges.filter(([, taken]) => taken)];
  return drawn.map(([d, taken]) => (
    <path key={d} class={`edge ${taken ? 'taken' : ''}`} d={d} marker-end={`url(#${taken ? 'tip-taken' : 'tip'})`} />
  ));
}

function Boxes({ study, path }: PartProps) {
  const { outcome, workers, threshold, lastAction, baseline } = study;
  const { actions, tried, place, tunesAtOnce, began, trained, validated, iterations, current } = path;
  const many = threshold === null ? '' : tunesAtOnce ? ': yes' : ': no';
  const boxes: BoxProps[] = [
    { id: 'baseline', x: left, y: 10, title: 'Baseline', note: 'one worker', visited: baseline !== null },
    { id: 'defaults', x: 240, y: 10, title: 'Default parameters', note: defaultsNote(path), visited: began },
    {
      ...{ id: 'threshold', x: 470, y: 10, note: `${workers}${many}`, visited: began },
      title: threshold === null ? 'Many workers?' : `More than ${count(threshold, 'worker')}?`,
    },
    ...actions.map((action, index) => ({
      ...{ id: action, x: place(index).x, y: 112, width: place(index).width, visited: tried(action) > 0 },
      title: isKey(actionText, action) ? actionLabel(action) : action,
      note: tried(action) > 0 ? `tried ${tried(action)}×` : '',
      active: outcome === null && action === lastAction,
    })),
    {
      ...{ id: 'iteration', x: 210, y: 216, title: 'Train and evaluate', visited: trained },
      note: `${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}`,
    },
    { id: 'validation', x: 470, y: 216, title: 'Validate', note: 'new seeds', visited: validated },
    {
      ...{ id: 'outcome', x: 728, y: 216, width: 188, visited: outcome !== null },
      title: outcome === null ? 'Outcome' : outcomeLabel[outcome],
      note: outcome === null ? 'not yet' : '',
    },
  ];
  return boxes.map((box) => <Box key={box.id} {...box} current={box.id === current} />);
}

interface BoxProps {
  id: string;
  x: number;
  y: number;
  width?: number;
  title: string;
  note: string;
  visited: boolean;
  active?: boolean;
}

function Box({ x, y, width = 168, title, note, visited, active, current }: BoxProps & { current: boolean }) {
  return (
    <g class={[current && 'current', visited && 'visited', active && 'active'].filter(Boolean).join(' ')}>
      <rect class="box" x={x} y={y} width={width} height="44" rx="8" />
      <text x={x + width / 2} y={y + (note ? 19 : 27)} text-anchor="middle">
        {title}
      </text>
      {note && <Word x={x + width / 2} y={y + 35} text={note} anchor="middle" />}
    </g>
  );
}

function Word({ x, y, text, anchor = 'start' }: { x: number; y: number; text: string; anchor?: string }) {
  return (
    <text class="small" x={x} y={y} text-anchor={anchor}>
      {text}
    </text>
  );
}

function defaultsNote({ began, tunesAtOnce, trained }: Path): string {
  if (!began) return '';
  if (tunesAtOnce) return 'applied, not trained';
  return trained ? 'trained' : 'applied';
}

function describe({ actionCounts, outcome }: Study): string {
  const path = actionCounts
    .map(({ action, count }) => `${actionWords[action]}${count > 1 ? ` ${count} times` : ''}`)
    .join(', then ');
  return `Flowchart of the guideline. Path taken: ${path || 'none yet'}. ${outcome ? `Outcome: ${outcomeLabel[outcome]}.` : 'Not ended.'}`;
}
