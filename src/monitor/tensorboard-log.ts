import { join } from 'node:path';
import type { ProgressEvent } from '../domain/progress.ts';
import type { Subscriber } from './subscriber.ts';
import { openTensorBoardWriter, type TensorBoardWriter } from './tensorboard.ts';

export interface TensorBoardLogOptions {
  /** TensorBoard's `--logdir`: one folder per study, containing one per run. */
  directory: string;
  now?: () => number;
}

/** Writes each run's learning rate, loss and metrics by epoch for TensorBoard. */
export function tensorBoardLog({ directory, now = Date.now }: TensorBoardLogOptions): Subscriber {
  const writers = new Map<string, TensorBoardWriter>();
  let study = 'study';
  const observe = (event: ProgressEvent) => {
    switch (event.type) {
      case 'study.started':
        study = event.study;
        break;
      case 'run.started': {
        const folder = join(directory, study, event.request.key);
        writers.set(event.request.key, openTensorBoardWriter({ directory: folder, timeMs: now() }));
        break;
      }
      case 'epoch': {
        const writer = writers.get(event.key);
        const values = { lr: event.lr, loss: event.loss, ...event.metrics };
        for (const [tag, value] of Object.entries(values)) {
          if (value !== null) writer?.scalar(tag, value, { step: event.epoch, timeMs: now() });
        }
        break;
      }
      case 'run.ended':
        writers.delete(event.key);
        break;
    }
  };
  return { observe, close: async () => {} };
}
