import { AutopilotError } from '../../../src/domain/errors.ts';
import type { Guideline } from '../../../src/domain/guideline.ts';
import { hashOf } from '../../../src/domain/hash.ts';
import { anytimeGuideline } from './anytime.ts';
import { optimizerFirstGuideline } from './optimizer-first.ts';
import { playbookGuideline } from './playbook.ts';
import { thesisGuideline } from './thesis.ts';

/** The guidelines that ship, by name. */
export const shippedGuidelines: Record<string, Guideline> = Object.fromEntries(
  [anytimeGuideline, thesisGuideline, playbookGuideline, optimizerFirstGuideline].map((guideline) => [
    guideline.name,
    guideline,
  ]),
);

/** The guideline that a config names or spells out. */
export function resolveGuideline(config: string | Guideline): Guideline {
  if (typeof config !== 'string') return config;
  const shipped = Object.hasOwn(shippedGuidelines, config) ? shippedGuidelines[config] : undefined;
  if (shipped) return shipped;
  throw new AutopilotError(
    'guideline.unknown',
    `Unknown guideline "${config}". Shipped: ${Object.keys(shippedGuidelines).join(', ')}. ` +
      'Name one of them, or write the guideline out.',
  );
}

/** SHA-256 of the guideline's canonical JSON. */
export function guidelineHash(guideline: Guideline): string {
  return hashOf(guideline);
}
