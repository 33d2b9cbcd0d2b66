import type { DataConfig } from '../../config/sections/data.ts';
import { AutopilotError } from '../../domain/errors.ts';
import type { Dataset } from './dataset.ts';
import { phantom } from './phantom.ts';
import { loadSlices } from './slices.ts';

/** The data a study's `data` section names. */
export function loadData(data: DataConfig): Dataset {
  switch (data.kind) {
    case 'slices':
      return loadSlices(data.path);
    case 'phantom':
      return phantom(data);
    case 'none':
      throw new AutopilotError(
        'data.none',
        'data.kind is none; the embedded trainer needs training slices. Set data.kind to slices or phantom.',
      );
  }
}
