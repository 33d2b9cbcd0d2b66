import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guidelineFigure } from '../../scripts/guideline-figure.ts';

test('the picture of docs/guideline.md is what the rule says (npx tsx scripts/generate-guideline-figure.ts draws it)', () => {
  expect(readFileSync(new URL('../../docs/pictures/guideline-no-loss.svg', import.meta.url), 'utf8')).toBe(
    guidelineFigure(),
  );
  expect(guidelineFigure()).toMatch(/one run: not settled.*\d runs: no loss.*\d runs: not shown/s);
});
