import { h } from '/vendor/preact.js';
import { actionText } from '/words.js';

export { h, html, render, useEffect, useRef, useState } from '/vendor/preact.js';

/** Text that several parts show, by the words of the project. */
export const actionWords = Object.fromEntries(
  Object.entries(actionText).map(([action, text]) => [action, text.charAt(0).toUpperCase() + text.slice(1)]),
);

export const fieldWords = {
  initialLr: 'Initial rate',
  decayCoefficient: 'Decay coefficient',
  warmupEpochs: 'Warmup epochs',
  decayEpochs: 'Decay epochs',
  optimizer: 'Optimizer',
  epochs: 'Epochs',
};

export const verdictWords = { notConfirmed: 'not confirmed' };

export const outcomeWords = {
  noLoss: 'No accuracy loss',
  exhausted: 'Every action was tried',
  complete: 'Complete',
  budgetSpent: 'The budget is spent',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

const outcomeTone = {
  noLoss: 'good',
  complete: 'good',
  failed: 'bad',
  exhausted: 'warn',
  budgetSpent: 'warn',
  cancelled: 'quiet',
};

export function Outcome({ outcome }) {
  if (!outcome) return h('span', { class: 'quiet' }, 'not ended');
  return h('span', { class: outcomeTone[outcome] ?? '' }, outcomeWords[outcome] ?? outcome);
}
