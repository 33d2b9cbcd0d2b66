import type { RunRecord, Store } from '../../../db/index.ts';
import { processesFor } from '../../config/sections/processes.ts';
import { storedConfig } from '../../config/stored.ts';
import { allreduceSeconds, type Network } from './advice.ts';

/** Wall-clock seconds of one training. */
export interface RunTime {
  seconds: number;
  /** `measured` by the clock; `predicted` from one worker's time, where a process plays several workers. */
  how: 'measured' | 'predicted';
  /** Whether a prediction includes the exchange of gradients over the network that the config gives. */
  exchange: boolean;
}

export interface TimeQuestion {
  /** Finished runs of the setting on k workers. */
  runs: readonly RunRecord[];
  workers: number;
  /** One worker's time. */
  one: RunTime | null;
  /** The setting's epochs divided by the study's. */
  epochs: number;
}

/** How long trainings take: by the clock, or predicted. */
export function timesOf(store: Store, network: Network | null) {
  /** The run that was actually trained: a result taken from another study has the time of its original training. */
  function trained(run: RunRecord): RunRecord | undefined {
    if (run.origin === 'trained') return run;
    const taken = store.eventsOf(run.studyId, { types: ['cell.reused'] }).find(({ event }) => event.key === run.key)
      ?.event.from;
    return taken === undefined ? undefined : store.run(taken);
  }

  /** Whether one process played several of its workers. A command starts its own processes, the launcher only one. */
  function playedSeveral({ id, studyId, workers, measured }: RunRecord): boolean {
    const study = store.study(studyId);
    if (study === undefined) return false;
    const { trainer } = storedConfig(study);
    if (processesFor(trainer, workers) < workers) return true;
    return trainer.kind === 'command'
      ? (measured?.processes ?? workers) < workers
      : store.attemptsOf(id).at(-1)?.launcher === 'local';
  }

  function secondsOf(runs: readonly RunRecord[]): number | null {
    const seconds = runs.flatMap((run) => {
      const { activeMs = 0 } = trained(run) ?? {};
      return activeMs > 0 ? [activeMs / 1000] : [];
    });
    return seconds.length === 0 ? null : median(seconds);
  }

  /** Seconds of gradient exchange over all steps of a run; null where network, steps or model size are unknown. */
  function exchangeSeconds({ runs, workers }: TimeQuestion): number | null {
    if (network === null) return null;
    for (const run of runs) {
      const own = trained(run);
      const parameters = own && store.attemptsOf(own.id).at(-1)?.environment?.parameters;
      const steps = own?.measured?.steps;
      if (typeof parameters === 'number' && steps !== undefined) {
        return steps * allreduceSeconds(workers, 4 * parameters, network);
      }
    }
    return null;
  }

  return {
    /** The median over runs that were trained as they would be in practice. */
    measured(runs: readonly RunRecord[]): RunTime | null {
      const seconds = secondsOf(runs);
      return seconds === null ? null : { seconds, how: 'measured', exchange: false };
    },
    of(question: TimeQuestion): RunTime | null {
      const { runs, workers, one, epochs } = question;
      const played = runs.some((run) => {
        const own = trained(run);
        return own !== undefined && playedSeveral(own);
      });
      if (!played) {
        const seconds = secondsOf(runs);
        return seconds === null ? null : { seconds, how: 'measured', exchange: false };
      }
      if (one === null) return null;
      const exchange = exchangeSeconds(question);
      return {
        seconds: (one.seconds * epochs) / workers + (exchange ?? 0),
        how: 'predicted',
        exchange: exchange !== null,
      };
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
