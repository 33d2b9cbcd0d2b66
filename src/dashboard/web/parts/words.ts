import { actionText, fieldText } from '../../../../machines/guideline/words/words.ts';

/** The texts of actions and setting fields, capitalized to start a line. */
export const actionWords = capitalized(actionText);
export const fieldWords = capitalized(fieldText);

/** A field's words, or its own name if it comes from another version. */
export function fieldWord(name: string): string {
  return isKey(fieldWords, name) ? fieldWords[name] : name;
}

/** Whether a record of texts has this key. */
export function isKey<Name extends string>(texts: Record<Name, string>, name: string): name is Name {
  return Object.hasOwn(texts, name);
}

function capitalized<Name extends string>(words: Record<Name, string>): Record<Name, string> {
  const texts = { ...words };
  for (const name in texts) texts[name] = `${words[name].charAt(0).toUpperCase()}${words[name].slice(1)}`;
  return texts;
}
