import { actionWords, html } from './html.js';

const actions = ['decreaseInitialLr', 'increaseDecayCoefficient', 'increaseWarmup', 'extendDecay', 'changeOptimizer'];

/**
 * The guideline's flowchart with the path a study took: every action with how often it was tried, and where the study
 * stands. `guidelineActions` is the study's own order.
 */
export function Flowchart({ iterations, guidelineActions = actions, outcome, running, hasBaseline }) {
  const tries = Map.groupBy ? Map.groupBy(iterations, (one) => one.action) : group(iterations);
  const last = iterations.at(-1)?.action;
  const current = outcome ?? (running.length === 0 ? null : iterations.length === 0 ? 'baseline' : last);
  const validated = tries.has('validate');
  const box = ({
    id,
    x,
    y,
    width = 168,
    title,
    note,
    visited,
  }) => html`<g class=${`${current === id ? 'current' : ''} ${visited ? 'visited' : ''}`}>
    <rect class="box" x=${x} y=${y} width=${width} height="44" rx="8" />
    <text x=${x + width / 2} y=${y + (note ? 19 : 27)} text-anchor="middle">${title}</text>
    ${note && html`<text class="small" x=${x + width / 2} y=${y + 35} text-anchor="middle">${note}</text>`}
  </g>`;
  const edge = (path, taken) => html`<path class=${`edge ${taken ? 'taken' : ''}`} d=${path} />`;
  const columns = guidelineActions.length;
  const step = 900 / columns;
  const width = Math.min(168, step - 12);
  const tried = (action) => tries.get(action)?.length ?? 0;
  return html`<svg class="flow" viewBox="0 0 920 330" role="img" aria-label=${describe(iterations, outcome)}>
    ${edge('M178 32 H 240', hasBaseline)} ${edge('M408 32 H 470', iterations.length > 0)}
    ${edge('M554 54 V 92 H 94 V 112', actionsTried(tries))}
    ${guidelineActions.slice(1).map((action, index) => edge(`M${10 + step * index + width} 134 H ${10 + step * (index + 1)}`, tried(action) > 0))}
    ${edge('M460 160 V 200 H 294 V 216', iterations.length > 0)} ${edge('M378 238 H 470', validated)} ${edge('M638 238 H 700', outcome !== null && outcome !== undefined)}
    ${box({ id: 'baseline', x: 10, y: 10, title: 'Baseline', note: 'one worker', visited: hasBaseline })}
    ${box({ id: 'applyDefaults', x: 240, y: 10, title: 'Default parameters', visited: tried('applyDefaults') > 0 })}
    ${box({ id: 'threshold', x: 470, y: 10, title: 'More workers than', note: 'the threshold?', visited: iterations.length > 0 })}
    ${guidelineActions.map((action, index) => box({ id: action, x: 10 + step * index, y: 112, width, title: short[action] ?? action, note: tried(action) ? `tried ${tried(action)}×` : '', visited: tried(action) > 0 }))}
    ${box({ id: 'evaluate', x: 210, y: 216, title: 'Train and evaluate', note: `${iterations.length} iterations`, visited: iterations.length > 0 })}
    ${box({ id: 'validate', x: 470, y: 216, title: 'Validate', note: validated ? `${tried('validate')}×` : 'new seeds', visited: validated })}
    ${box({ id: outcome, x: 700, y: 216, width: 200, title: outcome ? (ends[outcome] ?? outcome) : 'Outcome', note: outcome ? '' : 'not yet', visited: Boolean(outcome) })}
    <text class="small" x="210" y="290">improved: the same action again · not improved: the next action · reached: validate</text>
  </svg>`;
}

const short = {
  decreaseInitialLr: '↓ initial rate',
  increaseDecayCoefficient: '↑ decay coefficient',
  increaseWarmup: '↑ warmup',
  extendDecay: '↑ decay length',
  changeOptimizer: 'change optimizer',
};

const ends = {
  noLoss: 'No accuracy loss',
  exhausted: 'All actions tried',
  budgetSpent: 'Budget spent',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

function group(iterations) {
  const groups = new Map();
  for (const one of iterations) groups.set(one.action, [...(groups.get(one.action) ?? []), one]);
  return groups;
}

const actionsTried = (tries) => actions.some((action) => tries.has(action));

function describe(iterations, outcome) {
  const path = iterations.map((one) => actionWords[one.action] ?? one.action).join(', then ');
  return `Flowchart of the guideline. Path taken: ${path || 'none yet'}. ${outcome ? `Outcome: ${ends[outcome] ?? outcome}.` : 'Not ended.'}`;
}
