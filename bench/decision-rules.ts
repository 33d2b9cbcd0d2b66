// How often do the decision rules err? Simulates studies with a given true loss and noise.
// usage: npm run bench -- decision-rules [STUDIES]
import { mkdirSync, writeFileSync } from 'node:fs';
import type { DecisionRuleConfig } from '../src/domain/decision-rule.ts';
import { type Noise, noises, spreads } from './decision-rules/noise.ts';
import { runsOf, wronglyJudged } from './decision-rules/study.ts';
import { wronglyNoLoss } from './decision-rules/whole-studies.ts';
import { countsFrom } from './support/counts.ts';

const { studies } = countsFrom({ studies: 4000 });
const margin = 0.01;
const losses = [0, -0.005, -margin, -0.02];
const rules: DecisionRuleConfig[] = [
  { rule: 'thesis', metrics: ['dice'], tolerance: 0.002 },
  { rule: 'nonInferiority', metrics: ['dice'], margin, alpha: 0.05, maxRuns: 8 },
];

interface Cell {
  rule: string;
  noise: string;
  sd: number;
  trueLoss: number;
  /** Settings a study tries one after the other, all with this loss. */
  candidates: number;
  studies: number;
  accepted: number;
  /** Half width of the 95 % interval of `accepted`. */
  plusMinus: number;
  /** Average number of distributed runs per study. */
  runs: number;
  error: 'falseAcceptance' | 'falseRejection' | null;
}

const cells: Cell[] = [];
for (const candidates of [1, 6]) {
  for (const rule of rules) {
    for (const noise of noises) {
      for (const trueLoss of losses) cells.push(cellOf(rule, noise, trueLoss, candidates));
    }
  }
}
for (const candidates of [1, 6]) {
  for (const { rule } of rules) printTable(rule, candidates);
}
const worst = cells
  .filter((cell) => cell.rule === 'nonInferiority' && cell.trueLoss <= -margin && !cell.noise.startsWith('heavy'))
  .reduce((high, cell) => (cell.accepted > high.accepted ? cell : high));
console.log(
  `\nnonInferiority, designed to accept at most 5 % of losses of ${margin} or more: worst ${percent(worst.accepted)} ± ` +
    `${percent(worst.plusMinus)} (${worst.noise}, ${worst.candidates} candidates, normal noise).`,
);
const unequal = unequalSpreads();
printUnequal();
const whole = await wholeStudies();
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  'bench/results/decision-rules.json',
  `${JSON.stringify({ margin, alpha: 0.05, cells, unequal, whole }, null, 2)}\n`,
);
console.log('Written to bench/results/decision-rules.json.');

/** How often a study says "no loss" when all six of its settings lose exactly the margin: the worst case. */
function unequalSpreads() {
  return spreads.flatMap(({ name, baseline: baselineNoise, workers: noise }) =>
    [2, 3, 5, 10].map((baselineRuns) => {
      let accepted = 0;
      for (let seed = 1; seed <= studies; seed++) {
        const rule = rules[1]!;
        if (runsOf({ rule, noise, baselineNoise, baselineRuns, trueLoss: -margin, candidates: 6, seed }).accepted)
          accepted++;
      }
      const rate = accepted / studies;
      return { spread: name, baselineRuns, accepted: rate, plusMinus: 1.96 * Math.sqrt((rate * (1 - rate)) / studies) };
    }),
  );
}

/** The same for a tenth as many whole studies by the guideline anytime, which revalidates and adds baseline runs. */
async function wholeStudies() {
  const count = Math.max(10, Math.round(studies / 10));
  console.log(
    `\nWhole studies by anytime in which every setting loses exactly the margin, ${count} each, at most 12 runs a validation`,
  );
  const rows: { spread: string; baselineRuns: number; studies: number; accepted: number }[] = [];
  for (const spread of spreads) {
    const { name } = spread;
    for (const baselineRuns of [5, 10]) {
      const { share: accepted } = await wronglyNoLoss({ spread, baselineRuns, maxRuns: 12, studies: count });
      rows.push({ spread: name, baselineRuns, studies: count, accepted });
      console.log(
        `${name.padEnd(24)}${String(baselineRuns).padStart(4)} baseline runs ${percent(accepted).padStart(10)}`,
      );
    }
  }
  return rows;
}

function printUnequal(): void {
  const counts = [...new Set(unequal.map(({ baselineRuns }) => baselineRuns))];
  console.log(
    '\nnonInferiority, six settings that lose exactly the margin: share of studies that say "no loss", by baseline runs',
  );
  console.log(['spread'.padEnd(24), ...counts.map((count) => String(count).padStart(10))].join(''));
  for (const { name } of spreads) {
    const row = unequal.filter(({ spread }) => spread === name);
    console.log([name.padEnd(24), ...row.map(({ accepted }) => percent(accepted).padStart(10))].join(''));
  }
}

function cellOf(rule: DecisionRuleConfig, noise: Noise, trueLoss: number, candidates: number): Cell {
  let accepted = 0;
  let runs = 0;
  for (let seed = 1; seed <= studies; seed++) {
    const study = runsOf({ rule, noise, trueLoss, candidates, seed });
    if (study.accepted) accepted++;
    runs += study.runs;
  }
  const rate = accepted / studies;
  return {
    rule: rule.rule,
    noise: noise.name,
    sd: noise.sd,
    trueLoss,
    candidates,
    studies,
    accepted: rate,
    plusMinus: 1.96 * Math.sqrt((rate * (1 - rate)) / studies),
    runs: runs / studies,
    error: wronglyJudged(trueLoss, margin),
  };
}

function printTable(rule: string, candidates: number): void {
  console.log(
    `\n${rule}, at most ${candidates} ${candidates === 1 ? 'setting' : 'settings'} tried: share of ${studies} studies that accept (runs)`,
  );
  console.log(['noise'.padEnd(16), ...losses.map((loss) => `loss ${-loss}`.padStart(16))].join(''));
  for (const noise of noises) {
    const row = cells.filter((c) => c.rule === rule && c.noise === noise.name && c.candidates === candidates);
    const texts = row.map(({ accepted, runs }) => `${percent(accepted)} (${runs.toFixed(1)})`.padStart(16));
    console.log([noise.name.padEnd(16), ...texts].join(''));
  }
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
