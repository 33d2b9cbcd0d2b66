/**
 * Text from elsewhere, made safe to show: control characters, which a terminal would obey, become their pictures (`␛`
 * for escape), and marks that change the writing direction become `�`. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Like `printable`, in one line of at most `most` characters. */
export function printableLine(text: string, most = Number.POSITIVE_INFINITY): string {
  return shortened(printable(text).replace(/\s*[\n\t]\s*/g, ' \u23ce '), most);
}

/** Text of at most `most` characters, ending in an ellipsis if it was cut. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Cs}$/u, '')}\u2026`;
}
