/** A text in parts: every second one is a web address, without the full stop or bracket that ends its sentence. */
export function splitAtAddresses(text: string): string[] {
  return text.split(/(\bhttps?:\/\/[^\s<>"()]*[^\s<>"().,;:])/);
}
