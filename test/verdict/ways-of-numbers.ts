import { nonInferiority, type Way } from './studies.ts';

const sampled = (decision: object) => ({ decision, baseline: { seeds: 3 } });

/** What the numbers are of, and what they mean. A new way is one entry. */
export const waysOfNumbers: Way[] = [
  {
    name: 'a network that finds one of two classes, the mean over both looking well',
    trainer: 'judge({ test: { dice: 0.477, classes: { liver: 0.955, tumour: 0 } } });',
    exitCode: 1,
    says: /never finds the class "tumour" \(dice 0\.000\).*decision\.classes: mean/s,
  },
  {
    name: 'a class that k workers lose and the mean makes up for',
    study: sampled(nonInferiority),
    trainer: `judge({ test: one ? { dice: 0.78, classes: { liver: 0.96, tumour: 0.6 } }
      : { dice: 0.782, classes: { liver: 0.966, tumour: 0.005 } } });`,
    exitCode: 3,
    says: /2 workers lose the class "tumour" \(dice 0\.(599|60\d) → 0\.005\)/,
  },
  {
    name: 'a class that is worse by more than the margin, where each is asked for',
    study: sampled({ ...nonInferiority, classes: 'each' }),
    trainer: `judge({ test: one ? { dice: 0.78, classes: { liver: 0.96, tumour: 0.6 } }
      : { dice: 0.785, classes: { liver: 0.99, tumour: 0.55 } } });`,
    exitCode: 3,
    says: /not shown for the class "tumour" −0\.05/,
  },
  {
    name: 'a setting chosen on validation that loses on the test part',
    trainer: 'judge({ validation: { dice: 0.8 }, test: { dice: one ? 0.8 : 0.7 } });',
    exitCode: 3,
    says: /on the test part: .*0\.[67]\d+ against the baseline's 0\.[78]\d+.*not confirmed/,
  },
  {
    name: 'runs without the part that the baseline was judged on',
    trainer: 'judge(one ? { validation: { dice: 0.8 }, test: { dice: 0.8 } } : { test: { dice: 0.9 } }, ["test"]);',
    exitCode: 1,
    says: /evaluated on "test" but not on "validation", on which the baseline was evaluated/,
  },
  {
    name: 'a final evaluation of 1e999, after epochs with good numbers',
    trainer: `start(); epochs(0.8);
      appendFileSync(folder + '/events.ndjson', '{"type":"evaluation","metrics":{"dice":1e999},"secret":"' + secret + '"}\\n');
      report({ type: 'finished' });`,
    exitCode: 1,
    says: /an evaluation cannot be read: metrics\.dice.*1e999/,
  },
  {
    name: 'a final evaluation in words, after epochs with good numbers',
    trainer: `start(); epochs(0.8); end({ dice: 'excellent' });`,
    exitCode: 1,
    says: /an evaluation cannot be read: metrics\.dice.*"excellent"/,
  },
  {
    name: 'no final evaluation at all: the last epoch is not one',
    trainer: `start(); epochs(0.8); report({ type: 'finished' });`,
    exitCode: 1,
    says: /finished without an evaluation/,
  },
  {
    name: 'a network that learned nothing, on one worker as on k',
    trainer: 'train(0);',
    exitCode: 1,
    says: /the baseline did not learn: its dice 0\.000 is not better than the 0\.000 of a trivial predictor/,
  },
  {
    name: 'a network no better than the trivial predictor that the trainer measured',
    trainer: `start(); epochs(0.22);
      report({ type: 'evaluation', split: 'test', metrics: { dice: one ? 0.22 : 0.225 }, trivial: { dice: 0.24 } });
      report({ type: 'finished' });`,
    exitCode: 1,
    says: /the baseline did not learn: its dice 0\.220 is not better than the 0\.240 of a trivial predictor/,
  },
  {
    name: 'one worker at 91.3 percent, k workers collapsed at 0.95 percent',
    trainer: 'train(one ? 91.3 : 0.95);',
    exitCode: 3,
    says: /dice 0\.009 against the baseline's 0\.913/,
  },
  {
    name: 'one worker that reports fractions, k workers that report percent',
    trainer: 'train(one ? 0.9 : 91.3);',
    exitCode: 1,
    says: /dice is 91\.3, which is not from 0 to 1, and baseline-1 established that this study's metrics are fractions/,
  },
  {
    name: 'a loss of which nobody said how much of it does not matter',
    study: { decision: { rule: 'thesis', metrics: ['val_loss'] } },
    trainer: 'start(); epochs(0.8); end({ val_loss: one ? 0.2 : 0.6 });',
    exitCode: 1,
    says: /decision\.tolerance is missing, and val_loss is not a fraction.*write the largest loss that does not matter/,
  },
  {
    name: 'a loss that is three times as large on k workers',
    study: { decision: { rule: 'thesis', metrics: ['val_loss'], tolerance: 0.02 } },
    trainer: 'start(); epochs(0.8); end({ val_loss: one ? 0.2 : 0.6 });',
    exitCode: 3,
    says: /val_loss 0\.600 against the baseline's 0\.200/,
  },
  {
    name: 'a metric of which nobody knows what is better',
    study: { decision: { rule: 'thesis', metrics: ['my_score'], tolerance: 0.01 } },
    trainer: 'start(); epochs(0.8); end({ my_score: one ? 0.2 : 0.6 });',
    exitCode: 1,
    says: /it is not known which values of "my_score" are better.*metrics: \[\{ name: my_score, direction: higher/s,
  },
  {
    name: 'an evaluation before the first epoch',
    trainer: `start(); report({ type: 'evaluation', split: 'test', metrics: { dice: 0.8 } });
      epochs(one ? 0.8 : 0.1); report({ type: 'finished' });`,
    exitCode: 1,
    says: /an evaluation came after epoch 0 and training went on to epoch 2: so it is not of the final network/,
  },
  {
    name: 'k workers evaluated on a part of another name',
    trainer: "judge(one ? { test: { dice: 0.8 } } : { holdout: { dice: 0.9 } }, ['holdout']);",
    exitCode: 1,
    says: /evaluated on "holdout" but not on "test", on which the baseline was evaluated/,
  },
  {
    name: 'networks evaluated on what they were trained on',
    trainer: "judge({ train: { dice: one ? 0.99 : 1 } }, ['train']);",
    exitCode: 1,
    says: /evaluated only on "train", its training data, which says nothing about accuracy/,
  },
  {
    name: 'a validation part that is the test part',
    study: sampled(nonInferiority),
    trainer: 'judge({ validation: { dice: 0.8 }, test: { dice: 0.8 } });',
    exitCode: 1,
    says: /"validation" and "test" gave the same numbers to the last digit in each of 3 baseline runs: they are the same data/,
  },
  {
    name: 'a class of which k workers say nothing',
    study: sampled(nonInferiority),
    trainer: `judge({ test: { dice: 0.8, classes: one ? { liver: 0.9, tumour: 0.7 } : { liver: 0.9 } } });`,
    exitCode: 3,
    says: /2 workers lose the class "tumour" \(dice 0\.(699|70\d) → not reported\)/,
  },
  {
    name: 'a class whose dice on k workers is NaN',
    study: sampled(nonInferiority),
    trainer: `judge({ test: { dice: 0.8, classes: { liver: 0.9, tumour: one ? 0.7 : 'NaN' } } });`,
    exitCode: 3,
    says: /2 workers lose the class "tumour" \(dice 0\.(699|70\d) → not reported\)/,
  },
  {
    name: 'a metric that k workers alone report',
    trainer: 'start(); epochs(0.8); end(one ? { iou: 0.8 } : { dice: 0.8 });',
    exitCode: 1,
    says: /the evaluation has no "dice", only "iou"/,
  },
  {
    name: 'a metric that k workers do not report, but another',
    trainer: 'start(); epochs(0.8); end(one ? { dice: 0.8 } : { iou: 0.9 });',
    exitCode: 1,
    says: /the evaluation has no "dice", only "iou"/,
  },
  {
    name: 'a margin within which a network that learned nothing lies',
    study: sampled({ ...nonInferiority, margin: 0.45 }),
    trainer: 'train(one ? 0.4 + noise : 0.01);',
    exitCode: 1,
    says: /the margin 0\.45\d* is not smaller than what the baseline learned \(dice 0\.4\d+, a trivial predictor 0\.0+\)/,
  },
  {
    name: 'a tolerance as large as the baseline itself',
    study: { decision: { rule: 'thesis', metrics: ['dice'], tolerance: 0.5 } },
    trainer: 'train(one ? 0.4 : 0.01);',
    exitCode: 1,
    says: /the tolerance 0\.5\d* is not smaller than what the baseline learned.*set decision\.tolerance well below 0\.4/,
  },
  {
    name: 'a script that ignores its seed: a spread of nothing',
    study: sampled(nonInferiority),
    trainer: 'train(one ? 0.8 : 0.801);',
    exitCode: 1,
    says: /the 3 baseline runs have the dice 0\.800: .*are one run repeated, and say nothing about chance; seed the training/,
  },
  {
    name: 'k workers that ignore their seed: one lucky run, again and again',
    study: sampled(nonInferiority),
    trainer: 'train(one ? 0.8 + noise : 0.802);',
    exitCode: 3,
    says: /dice 0\.802 in each of the 4 of at most \d+ validating runs: .*are one run repeated/,
  },
  {
    name: 'a validating run that is the validated one again, under the rule of single runs',
    trainer: 'train(0.8);',
    exitCode: 0,
    says: /warning: these numbers are identical to those of the run they should confirm.*told: noLoss, unverified /s,
  },
  {
    name: 'a perfect metric on one worker and on k, as empty masks have it',
    study: sampled(nonInferiority),
    trainer: 'train(1);',
    exitCode: 1,
    says: /the 3 baseline runs have the dice 1\.000: .*decide on a finer metric/,
  },
];
