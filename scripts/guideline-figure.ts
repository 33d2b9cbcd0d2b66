import { type Judgement, nonInferiorityRule } from '../machines/decision/index.ts';

/** Three candidates against one baseline, judged by the real rule: the example of docs/guideline.md. */
const baseline = [0.861, 0.868, 0.859, 0.866, 0.864, 0.87, 0.862, 0.865];
const cases = [
  [0.858],
  [0.858, 0.867, 0.862, 0.863, 0.865, 0.861, 0.866, 0.864],
  [0.858, 0.851, 0.862, 0.847, 0.86, 0.853],
];
const words: Record<string, string> = { undecided: 'not settled', confirmed: 'no loss', notConfirmed: 'not shown' };
const margin = 0.01;
const rule = nonInferiorityRule({ rule: 'nonInferiority', metrics: ['dice'], margin, alpha: 0.05, maxRuns: 12 });

const area = { left: 170, right: 700, top: 48, row: 62 };
const range = { from: 0.84, to: 0.88 };
const x = (dice: number) =>
  Math.round(area.left + ((dice - range.from) / (range.to - range.from)) * (area.right - area.left));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** An SVG of the baseline's runs, the margin below their mean, and each candidate's runs with the rule's bound. */
export function guidelineFigure(): string {
  const one = mean(baseline);
  const bottom = area.top + area.row * (cases.length + 1);
  const rows = [
    row({ name: `one worker, ${baseline.length} runs`, values: baseline, bound: null, at: 0 }),
    ...cases.map((runs, index) => row({ ...judged(runs), values: runs, at: index + 1 })),
  ];
  const ticks = [0.84, 0.85, 0.86, 0.87, 0.88].map(
    (dice) => `<text x="${x(dice)}" y="${bottom + 22}" text-anchor="middle" class="quiet">${dice.toFixed(2)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${bottom + 48}" font-family="sans-serif" font-size="13">`,
    '<title>When a setting counts as one without loss</title>',
    '<style>.quiet{fill:#666}text{fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#aaa}}</style>',
    vertical(one, area.top - 8, bottom, '#2563eb', 'mean of one worker'),
    vertical(one - margin, area.top - 8, bottom, '#dc2626', 'the margin: a loss of 0.01'),
    ...rows,
    ...ticks,
    `<text x="${(area.left + area.right) / 2}" y="${bottom + 42}" text-anchor="middle" class="quiet">dice; bar: from the worst that is still credible</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** The rule's verdict on a setting's runs and the lower bound of its dice; null for one run, which has no spread. */
function judged(runs: number[]): { name: string; bound: number | null } {
  const standing = { baseline: baseline.map((dice) => ({ dice })), candidate: 1 };
  const judgement: Judgement<string> = rule.validate(
    runs.map((dice) => ({ dice })),
    standing,
  );
  const { lowerBound } = judgement.observed;
  const name = `${runs.length === 1 ? 'one run' : `${runs.length} runs`}: ${words[judgement.verdict]}`;
  return { name, bound: typeof lowerBound === 'number' ? mean(baseline) + lowerBound : null };
}

function row({
  name,
  values,
  bound,
  at,
}: {
  name: string;
  values: number[];
  bound: number | null;
  at: number;
}): string {
  const y = area.top + area.row * at + area.row / 2;
  const centre = mean(values);
  const colour = at === 0 ? '#2563eb' : '#0f766e';
  const bar =
    bound === null
      ? ''
      : `<line x1="${x(Math.max(bound, range.from))}" x2="${x(centre)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="7" stroke-opacity="0.35"/>`;
  const dots = values.map((value) => `<circle cx="${x(value)}" cy="${y}" r="4" fill="${colour}" fill-opacity="0.7"/>`);
  const tick = `<line x1="${x(centre)}" x2="${x(centre)}" y1="${y - 11}" y2="${y + 11}" stroke="${colour}" stroke-width="3"/>`;
  return `<text x="12" y="${y + 4}">${name}</text>${bar}${dots.join('')}${values.length > 1 ? tick : ''}`;
}

function vertical(dice: number, top: number, bottom: number, colour: string, text: string): string {
  const end = colour === '#2563eb' ? 'start' : 'end';
  return `<line x1="${x(dice)}" x2="${x(dice)}" y1="${top}" y2="${bottom}" stroke="${colour}" stroke-dasharray="4 3"/><text x="${x(dice)}" y="${top - 8}" text-anchor="${end}" style="fill:${colour}">${text}</text>`;
}
