import { writeFileSync } from 'node:fs';
import { guidelineFigure } from './guideline-figure.ts';

writeFileSync(new URL('../docs/pictures/guideline-no-loss.svg', import.meta.url), guidelineFigure());
