import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Doubt } from '../../../domain/measured.ts';
import type { StudyOutcome } from '../../../domain/study.ts';
import type { StudyActivity } from '../../study-activity.ts';
import type { Job } from '../../work.ts';
import { act, request } from './data.ts';
import { moment } from './format.ts';
import { Outcome } from './outcome.tsx';
import { useWork } from './work.tsx';

const short: Record<StudyActivity['state'], { tone: string; text: string } | null> = {
  running: { tone: 'good', text: '● running' },
  pausing: { tone: 'warn', text: 'pausing …' },
  paused: { tone: 'warn', text: 'paused' },
  unattended: { tone: 'warn', text: 'interrupted' },
  ended: null,
};

interface StatusProps {
  outcome: StudyOutcome | null;
  unverified: readonly Doubt[];
  activity: StudyActivity;
}

/** A few words for a list: a study's outcome, or what is happening to it now. */
export function Status({ outcome, unverified, activity }: StatusProps) {
  const words = short[activity.state];
  return words === null ? (
    <Outcome outcome={outcome} unverified={unverified} />
  ) : (
    <span class={words.tone}>{words.text}</span>
  );
}

interface ActivityTextProps {
  activity: StudyActivity;
  study: string;
  outcome: StudyOutcome | null;
}

/** A sentence for the study's own page on what is happening to it. */
export function ActivityText({ activity, study, outcome }: ActivityTextProps) {
  switch (activity.state) {
    case 'running':
      return `Process ${activity.pid} on ${activity.host} is working on it.`;
    case 'pausing':
      return 'No new run starts; running ones continue until they end or reach their next checkpoint.';
    case 'paused':
      return `Nothing is trained until it is resumed: ${activity.reason}.`;
    case 'unattended':
      return (
        <>
          No process is working on it (last sign of life {moment(activity.lastSignMs)}). Continue from its last
          checkpoint with <code>autopilot resume {study}</code>
        </>
      );
    case 'ended':
      return outcome === 'failed' || outcome === 'cancelled' ? (
        <>
          It can be resumed with <code>autopilot resume {study}</code>
        </>
      ) : null;
  }
}

type Press = 'pause' | 'resume' | 'cancel' | 'continue';

/** The buttons that make sense in the study's state. */
const offers: Record<StudyActivity['state'], Press[]> = {
  running: ['pause', 'cancel'],
  pausing: ['resume', 'cancel'],
  paused: ['resume', 'cancel'],
  unattended: ['continue', 'cancel'],
  ended: [],
};

const labels: Record<Press, string> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel study',
  continue: 'Continue',
};

interface ControlsProps {
  name: string;
  state: StudyActivity['state'];
  /** Outcome of an ended study; one that was cancelled or failed can be resumed. */
  outcome: StudyOutcome | null;
}

export function Controls({ name, state, outcome }: ControlsProps) {
  const [said, setSaid] = useState<ComponentChildren>('');
  const work = useWork({ once: true });
  const offered: Press[] = outcome === 'cancelled' || outcome === 'failed' ? ['continue'] : offers[state];
  const mayStart = work !== null && work.roots.length > 0;
  const study = `/studies/${encodeURIComponent(name)}`;
  const press = async (what: Press) => {
    if (what === 'cancel' && !confirm('Cancel this study? What was trained is kept.')) return;
    if (what !== 'continue') {
      setSaid((await act(`${study}/${what}`)) ?? `Asked to ${what}.`);
      return;
    }
    const { error } = await request<Job>(`/work${study}/continue`);
    setSaid(
      error ?? (
        <>
          Started; <a href="#/work">Work</a> shows its output.
        </>
      ),
    );
  };
  return (
    <div class="row">
      {offered
        .filter((what) => what !== 'continue' || mayStart)
        .map((what) => (
          <button key={what} type="button" class="secondary" onClick={() => press(what)}>
            {labels[what]}
          </button>
        ))}
      <span role="status">{said}</span>
    </div>
  );
}
