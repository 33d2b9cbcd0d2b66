import { attemptMachine } from '../attempt/index.ts';
import type { Chart } from './chart.ts';
import { machineChart } from './machine-chart.ts';

/** The chart of one attempt at a training run: the machine that the engine executes. */
export function attemptChart(): Chart {
  return machineChart({
    title: 'Training run',
    machine: attemptMachine,
    words: {
      isQueued: 'waits in a queue',
      isItsTurn: 'started',
      isHeardOf: 'reported',
      isTrained: 'all epochs reported',
      isFinished: 'reported finished',
      isToBeStopped: 'has to be stopped',
      ticked: 'still there after timeouts.stopSeconds',
      interrupted: 'the engine is interrupted, and the job outlives it',
      exited: 'no process is left',
      unstoppable: 'cannot be stopped',
    },
  });
}
