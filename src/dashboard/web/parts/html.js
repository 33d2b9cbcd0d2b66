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

/** `unverified`: what nobody measured of the runs; with any of it "no loss" is not told as certain. */
export function Outcome({ outcome, unverified = [] }) {
  if (!outcome) return h('span', { class: 'quiet' }, 'not ended');
  const doubted = outcome === 'noLoss' && unverified.length > 0;
  const words = `${outcomeWords[outcome] ?? outcome}${doubted ? ', unverified' : ''}`;
  return h('span', { class: doubted ? 'warn' : (outcomeTone[outcome] ?? '') }, words);
}
