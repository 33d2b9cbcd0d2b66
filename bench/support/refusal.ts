/** A benchmark that cannot be run as asked: its message says why and what to do, so it is printed without a trace. */
export class Refusal extends Error {}
