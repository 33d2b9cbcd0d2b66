import { actionLabels, outcomeLabel } from '/words.js';
import { actionWords, html } from './html.js';

const thesisActions = [
  'decreaseInitialLr',
  'increaseDecayCoefficient',
  'increaseWarmup',
  'extendDecay',
  'changeOptimizer',
];

/** Where things are, in the drawing's own units. */
const left = 34;
const right = 916;
const bus = 190;
const trainX = 294;

/**
 * The guideline's flowchart with the path a study took: every action with how often it was tried, and where the study
 * stands. What is drawn strong was visited; what is filled is going on.
 */
export function Flowchart({ study }) {
  const { actionCounts, guidelineActions, outcome, workers, threshold, lastAction, running, baseline, points } = study;
  const actions = guidelineActions ?? thesisActions;
  const counts = new Map(actionCounts.map(({ action, count }) => [action, count]));
  const tried = (action) => counts.get(action) ?? 0;
  const step = (right - left) / actions.length;
  const width = Math.min(168, step - 12);
  const middle = (index) => left + step * index + width / 2;
  const tunesAtOnce = threshold !== null && workers > threshold;
  const began = tried('applyDefaults') > 0 || actions.some(tried);
  const tuned = actions.some(tried);
  const doing = (kind) => running.some(({ key }) => key.startsWith(`${kind}-`));
  const validated = points.some(({ kind }) => kind === 'validation') || doing('validation');
  const trained = points.length > 0 || doing('iteration');
  const iterations =
    actionCounts.reduce((sum, { count }) => sum + count, 0) - (tunesAtOnce ? tried('applyDefaults') : 0);
  const current = outcome ? 'outcome' : ['baseline', 'iteration', 'validation'].find(doing);
  const box = ({ id, x, y, width: wide = 168, title, note, visited, active }) => html`<g
    class=${[current === id && 'current', visited && 'visited', active && 'active'].filter(Boolean).join(' ')}
  >
    <rect class="box" x=${x} y=${y} width=${wide} height="44" rx="8" />
    <text x=${x + wide / 2} y=${y + (note ? 19 : 27)} text-anchor="middle">${title}</text>
    ${note && html`<text class="small" x=${x + wide / 2} y=${y + 35} text-anchor="middle">${note}</text>`}
  </g>`;
  const edge = (path, taken) =>
    html`<path class=${`edge ${taken ? 'taken' : ''}`} d=${path} marker-end=${`url(#${taken ? 'tip-taken' : 'tip'})`} />`;
  const word = (x, y, text, anchor = 'start') =>
    html`<text class="small" x=${x} y=${y} text-anchor=${anchor}>${text}</text>`;
  const edges = [
    [`M202 32 H 236`, began],
    [`M408 32 H 466`, began],
    [`M554 54 V 84 H ${middle(0)} V 108`, tuned],
    [`M638 32 H 930 V ${bus} H ${trainX} V 212`, trained && !tunesAtOnce && tried('applyDefaults') > 0],
    ...actions.map((action, index) => [`M${middle(index)} 156 V ${bus} H ${trainX} V 212`, tried(action) > 0]),
    [`M210 238 H 14 V 134 H ${left - 4}`, tuned && points.length > 0],
    ['M378 238 H 466', validated],
    ['M638 238 H 724', outcome === 'noLoss'],
    ['M294 260 V 286 H 822 V 264', Boolean(outcome) && outcome !== 'noLoss'],
  ];
  // The edges that were taken last, so that they lie on top of those they share a line with.
  const drawn = [...edges.filter(([, taken]) => !taken), ...edges.filter(([, taken]) => taken)];
  return html`<svg class="flow" viewBox="0 0 940 306" role="img" aria-label=${describe(study)}>
    <defs>${['tip', 'tip-taken'].map((id) => html`<marker id=${id} class=${id} viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L8 4 L0 8 z" /></marker>`)}</defs>
    ${drawn.map(([path, taken]) => edge(path, taken))}
    ${word(562, 72, 'yes: tune at once')}
    ${word(646, 26, 'no: train the defaults first')} ${word(20, 206, 'not reached: the same action')}
    ${word(20, 220, 'while it helps, then the next')} ${word(422, 232, 'reached', 'middle')} ${word(680, 232, 'confirmed', 'middle')}
    ${word(304, 300, 'no action left, budget spent, cancelled or failed')}
    ${box({ id: 'baseline', x: left, y: 10, title: 'Baseline', note: 'one worker', visited: baseline !== null })}
    ${box({ id: 'defaults', x: 240, y: 10, title: 'Default parameters', note: defaultsNote({ began, tunesAtOnce, trained }), visited: began })}
    ${box({ id: 'threshold', x: 470, y: 10, title: threshold === null ? 'Many workers?' : `More than ${threshold} workers?`, note: `${workers}${threshold === null ? '' : tunesAtOnce ? ': yes' : ': no'}`, visited: began })}
    ${actions.map((action, index) => box({ id: action, x: left + step * index, y: 112, width, title: actionLabels[action] ?? action, note: tried(action) ? `tried ${tried(action)}×` : '', visited: tried(action) > 0, active: !outcome && action === lastAction }))}
    ${box({ id: 'iteration', x: 210, y: 216, title: 'Train and evaluate', note: `${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}`, visited: trained })}
    ${box({ id: 'validation', x: 470, y: 216, title: 'Validate', note: 'new seeds', visited: validated })}
    ${box({ id: 'outcome', x: 728, y: 216, width: 188, title: outcome ? (outcomeLabel[outcome] ?? outcome) : 'Outcome', note: outcome ? '' : 'not yet', visited: Boolean(outcome) })}
  </svg>`;
}

function defaultsNote({ began, tunesAtOnce, trained }) {
  if (!began) return '';
  if (tunesAtOnce) return 'applied, not trained';
  return trained ? 'trained' : 'applied';
}

function describe({ actionCounts, outcome }) {
  const path = actionCounts
    .map(({ action, count }) => `${actionWords[action] ?? action}${count > 1 ? ` ${count} times` : ''}`)
    .join(', then ');
  return `Flowchart of the guideline. Path taken: ${path || 'none yet'}. ${outcome ? `Outcome: ${outcomeLabel[outcome] ?? outcome}.` : 'Not ended.'}`;
}
