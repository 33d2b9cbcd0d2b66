import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { messageOf } from '../../domain/errors.ts';
import type { ProgressEvent } from '../../domain/progress.ts';
import type { StudyEnd } from '../../engine/plans/plan.ts';
import { filledFromEnvironment } from '../../engine/run/secrets.ts';
import { type Notification, notify } from '../../monitor/notify.ts';
import { outcomeWord } from '../../report/measured.ts';
import { outcomeText } from '../../report/words.ts';

export interface StudyNotifications {
  observe(event: ProgressEvent): void;
  /** `details`: setting and cost, as printed in the terminal. An end in an earlier session is not sent again. */
  ended(end: StudyEnd, details: string): void;
  /** Reports that the engine had to give up a study that it had begun to train. */
  threw(thrown: unknown): void;
  /** Resolves when every notification has been sent or has failed. */
  close(): Promise<void>;
}

/**
 * Notifies the targets in `notify` of a study's end, its failure and its confirmed settings. `name`: the name of the
 * scaling or comparison, if it is one.
 */
export function studyNotifications(
  config: Pick<ResolvedStudyConfig, 'name' | 'notify' | 'trainer'>,
  project: string,
  warn: (message: string) => void,
  name = config.name,
): StudyNotifications {
  const { notify: wanted, trainer } = config;
  const under: Promise<void>[] = [];
  let begun = false;
  const { webhook, command } = wanted ?? {};
  const targets = wanted && {
    ...wanted,
    webhook: webhook && filledFromEnvironment(webhook),
    command: command?.map(filledFromEnvironment),
  };

  function send(events: Notification['event'][], outcome: string | null, what: string, text: string): void {
    const event = events.find((one) => wanted?.on.includes(one));
    if (targets === undefined || event === undefined) return;
    const simulated = trainer.kind === 'simulated';
    const subject = `autopilot: ${name}: ${what}${simulated ? ' (simulated)' : ''}`;
    const where = `Host ${hostname()}, project ${resolve(project)}`;
    under.push(
      notify(
        targets,
        {
          event,
          study: name,
          outcome,
          subject,
          text: `${subject}\n\n${text}\n\n${where}`,
          host: hostname(),
          project: resolve(project),
          simulated,
          time: new Date().toISOString(),
        },
        { warn },
      ),
    );
  }

  return {
    observe(event) {
      // A scaling or comparison that is called again starts even if nothing is left to train.
      begun ||= event.type === 'run.started' || (event.type === 'study.started' && name === config.name);
      if (event.type === 'study.ended' && event.study !== name && event.outcome === 'noLoss') {
        return send(['confirmed'], 'noLoss', `${event.study} is without loss; it continues`, event.reason);
      }
      // A confirmation that ends the study is reported with the end.
      if (event.type !== 'decision' || event.decision.verdict !== 'confirmed' || 'outcome' in event.decision.next)
        return;
      send(['confirmed'], null, 'a setting is confirmed; the study continues', event.decision.reason);
    },
    ended(end, details) {
      if (end.state !== 'ended' || !begun) return;
      const { outcome, reason } = end;
      const also = { failed: ['failure' as const], noLoss: ['confirmed' as const] };
      const events: Notification['event'][] =
        outcome === 'failed' || outcome === 'noLoss' ? [...also[outcome], 'end'] : ['end'];
      send(events, outcome, `${outcomeWord(outcome, [])} (${outcomeText[outcome]})`, `${reason}\n\n${details}`);
    },
    threw(thrown) {
      if (begun) send(['failure'], null, 'it could not continue', messageOf(thrown));
    },
    async close() {
      await Promise.all(under);
    },
  };
}
