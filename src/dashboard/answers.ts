import { createHash } from 'node:crypto';
import type { View } from './views.ts';

export interface Answer {
  body: string;
  /** Changes whenever the view's content does. */
  etag: string;
}

/** Returns the answer at an address, reading it from its view if none is kept. */
export type Answers = (address: string, view: View) => Answer;

/** Number of answers that are kept; all pages that show the same view share one. */
const kept = 64;

/** Reads a view once for all pages that show it, and again only after its stamp has changed. */
export function createAnswers(): Answers {
  const answers = new Map<string, Answer>();
  return (address, view) => {
    const etag = `"${createHash('sha256').update(view.stamp()).digest('base64url').slice(0, 22)}"`;
    const known = answers.get(address);
    answers.delete(address);
    // NaN and infinities are sent as text: the page shows them, and plots leave a gap.
    const answer = known?.etag === etag ? known : { etag, body: JSON.stringify(view.read(), numbersAsText) };
    answers.set(address, answer);
    const oldest = answers.keys().next();
    if (answers.size > kept && !oldest.done) answers.delete(oldest.value);
    return answer;
  };
}

function numbersAsText(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
