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
  /** `details`: setting and price, as the terminal prints them. What had ended before is not told again. */
  ended(end: StudyEnd, details: string): void;
  /** The engine could not go on with a study that it had begun to train. */
  threw(thrown: unknown): void;
  /** Resolves when everyone was told, or could not be. */
  close(): Promise<void>;
}

/** Tells those whom `notify` names of a study's end, its failure and a confirmed setting; of a scaling's or a comparison's under `name`. */
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
      // A scaling or a comparison that is called again opens even where nothing is left to train.
      begun ||= event.type === 'run.started' || (event.type === 'study.started' && name === config.name);
      if (event.type === 'study.ended' && event.study !== name && event.outcome === 'noLoss') {
        return send(['confirmed'], 'noLoss', `${event.study} is without loss; it goes on`, event.reason);
      }
      // One that ends the study is told with its end.
      if (event.type !== 'decision' || event.decision.verdict !== 'confirmed' || 'outcome' in event.decision.next)
        return;
      send(['confirmed'], null, 'a setting is confirmed; the study goes on', event.decision.reason);
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
      if (begun) send(['failure'], null, 'it could not go on', messageOf(thrown));
    },
    async close() {
      await Promise.all(under);
    },
  };
}
