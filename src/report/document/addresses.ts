/** Splits a text so that every second part is a web address, without the full stop or bracket that may follow it. */
export function splitAtAddresses(text: string): string[] {
  return text.split(/(\bhttps?:\/\/[^\s<>"()]*[^\s<>"().,;:])/);
}
