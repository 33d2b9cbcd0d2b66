import { canonicalJson } from './hash.ts';
import { type Setting, withEpochs } from './setting.ts';

/** The same text for settings that train the same in a study whose runs have so many epochs, whether they name them or not. */
export function settingKey(setting: Setting, ofStudy: number): string {
  return canonicalJson(withEpochs(setting, ofStudy));
}
