/** jStat has no types of its own; the tests say what they use. */
declare module 'jstat' {
  const jstat: unknown;
  export default jstat;
}
