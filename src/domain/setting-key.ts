import { canonicalJson } from './hash.ts';
import { type Setting, withEpochs } from './setting.ts';

/** Equal for settings that train the same, whether or not they give their epochs; `ofStudy`: the study's epochs. */
export function settingKey(setting: Setting, ofStudy: number): string {
  return canonicalJson(withEpochs(setting, ofStudy));
}
