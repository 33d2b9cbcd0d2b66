/** Decisions without a store: the guideline as a statechart, the rules that judge a result, the best setting so far. */
export * as decision from './decision/index.ts';
export * as guideline from './guideline/index.ts';
