import { h } from '/vendor/preact.js';
import { actionText, fieldText, outcomeLabel } from '/words.js';

export { h, html, render, useEffect, useRef, useState } from '/vendor/preact.js';

/** Text that several parts show, by the words of the project. */
export const actionWords = capitalized(actionText);
export const fieldWords = capitalized(fieldText);

function capitalized(words) {
  return Object.fromEntries(
    Object.entries(words).map(([name, text]) => [name, text.charAt(0).toUpperCase() + text.slice(1)]),
  );
}

const outcomeTone = {
  noLoss: 'good',
  complete: 'good',
  failed: 'bad',
  exhausted: 'warn',
  budgetSpent: 'warn',
  cancelled: 'quiet',
};

/** `unverified`: why the runs may not be what was asked; with any of it "no loss" is not told as certain. */
export function Outcome({ outcome, unverified = [] }) {
  if (!outcome) return h('span', { class: 'quiet' }, 'not ended');
  const doubted = outcome === 'noLoss' && unverified.length > 0;
  const words = `${outcomeLabel[outcome] ?? outcome}${doubted ? ', unverified' : ''}`;
  return h('span', { class: doubted ? 'warn' : (outcomeTone[outcome] ?? '') }, words);
}
