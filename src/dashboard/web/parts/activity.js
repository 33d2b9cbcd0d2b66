import { act } from './data.js';
import { moment } from './format.js';
import { html, Outcome, useState } from './html.js';
import { ask, useWork } from './work.js';

const short = {
  running: { tone: 'good', text: '● running' },
  pausing: { tone: 'warn', text: 'pausing …' },
  paused: { tone: 'warn', text: 'paused' },
  unattended: { tone: 'warn', text: 'interrupted' },
};

/** A few words for a list: what a study came to, or what happens to it now. */
export function Status({ outcome, unverified, activity }) {
  const words = short[activity.state];
  return words
    ? html`<span class=${words.tone}>${words.text}</span>`
    : html`<${Outcome} outcome=${outcome} unverified=${unverified} />`;
}

/** A sentence for the study's own page. */
export function activityText({ activity, study, outcome }) {
  const { state } = activity;
  if (state === 'running') return `Process ${activity.pid} on ${activity.host} works on it.`;
  if (state === 'pausing') return 'No new run starts; running ones go on to their end or their next checkpoint.';
  if (state === 'paused') return `Nothing is trained until it is resumed: ${activity.reason}.`;
  if (state === 'unattended')
    return html`No process works on it (last sign of life ${moment(activity.lastSignMs)}). Go on from its last
      checkpoint with <code>autopilot resume ${study}</code>`;
  if (outcome === 'failed' || outcome === 'cancelled')
    return html`It can be taken up again with <code>autopilot resume ${study}</code>`;
  return null;
}

/** The buttons that make sense in the study's state. */
const offers = {
  running: ['pause', 'cancel'],
  pausing: ['resume', 'cancel'],
  paused: ['resume', 'cancel'],
  unattended: ['go-on', 'cancel'],
  ended: [],
};

const labels = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel study', 'go-on': 'Go on' };

/** `outcome`: what an ended study came to; one that was cancelled or failed can be taken up again. */
export function Controls({ name, state, outcome }) {
  const [said, setSaid] = useState('');
  const work = useWork({ once: true });
  const offered = ['cancelled', 'failed'].includes(outcome) ? ['go-on'] : offers[state];
  const press = async (what) => {
    if (what === 'cancel' && !confirm('Cancel this study? What was trained is kept.')) return;
    if (what === 'go-on') {
      const { error } = await ask(`/studies/${encodeURIComponent(name)}/go-on`);
      setSaid(error ?? html`Started; <a href="#/work">Work</a> shows what it says.`);
      return;
    }
    setSaid((await act(`/studies/${encodeURIComponent(name)}/${what}`)) ?? `Asked to ${what}.`);
  };
  return html`<div class="row">
    ${offered.filter((what) => what !== 'go-on' || work?.roots.length > 0).map((what) => html`<button class="secondary" onClick=${() => press(what)}>${labels[what]}</button>`)}
    <span role="status">${said}</span>
  </div>`;
}
