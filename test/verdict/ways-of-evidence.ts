import { copyFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterChange, done, takesLeftovers, tell, telling, told, type Way, writeProject } from './studies.ts';

/** Who said it, of which training, and whether it was the one that was asked. A new way is one entry. */
export const waysOfEvidence: Way[] = [
  {
    name: 'a trainer whose lines carry no secret, so that nobody knows who wrote them',
    trainer: `line({ type: 'started' }); for (let epoch = 1; epoch <= spec.epochs; epoch++)
      line({ type: 'epoch', epoch, metrics: { dice: 0.8 } });
      line({ type: 'evaluation', metrics: { dice: 0.8 } }); line({ type: 'finished' });`,
    exitCode: 1,
    says: /carry no "secret".*Add the environment variable AUTOPILOT_SECRET to every line/s,
  },
  {
    name: 'a program that does nothing, while a process of another attempt reports into its folder',
    trainer: `line({ type: 'started', secret: 'of-another' }); line({ type: 'epoch', epoch: 2, metrics: { dice: 0.8 }, secret: 'of-another' });
      line({ type: 'evaluation', metrics: { dice: 0.8 }, secret: 'of-another' }); line({ type: 'finished', secret: 'of-another' });`,
    exitCode: 1,
    says: /A process that this engine did not launch is writing to .*Its lines are ignored/s,
  },
  {
    name: 'two processes that both take themselves for rank 0, the later evaluation being the better one',
    trainer: `const rank = process.argv[2];
      if (rank === undefined && !one) {
        const ranks = ['0', '1'].map((each) => spawn(process.execPath, [process.argv[1], each], { stdio: 'inherit' }));
        await Promise.all(ranks.map((child) => new Promise((done) => child.once('exit', done))));
      } else train(one ? 0.8 : 0.5 + 0.4 * Number(rank));`,
    exitCode: 1,
    says: /was reported twice, with \w+ [\d.]+ and [\d.]+: two processes both consider themselves rank 0/,
  },
  {
    name: 'a program that is `false`, beside the run folders of a database that was removed',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => rmSync(join(project, 'autopilot.db'))),
    exitCode: 1,
    says: /autopilot\.db does not exist, and .*runs holds runs of the store \w+ of the project .*Restore the database from a copy/,
  },
  {
    name: 'one process that trains alone where 2 workers were asked',
    trainer: "report({ type: 'started', workers: 1 }); epochs(0.8); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: 2 workers were requested, but the trainer measured 1\. Start as many processes/,
  },
  {
    name: 'a rate of its own, one worker as k',
    trainer: 'start(); epochs(0.8, () => ({ lr: 0.05 })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 0\.1 was asked as the learning rate of epoch 1, and the trainer measured 0\.05\. Take the rate/,
  },
  {
    name: 'the rate of one worker on k',
    trainer: 'start(); epochs(0.8, () => ({ measured: { lr: [{ min: 0.1, max: 0.1 }] } })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 0\.2 was asked as the learning rate of epoch 2, and the trainer measured 0\.1/,
  },
  {
    name: 'another optimizer than the one that was asked',
    trainer: "start({ measured: { optimizer: 'adam' } }); epochs(0.8); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: the optimizer sgd was requested, but the trainer measured adam/,
  },
  {
    name: 'another batch per worker than the one that was asked',
    trainer: 'start({ measured: { batchPerWorker: one ? 1 : 8 } }); epochs(0.8); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: a batch of 1 per worker was requested, but the trainer measured 8/,
  },
  {
    name: 'half of the optimizer steps of an epoch',
    trainer:
      'start({ measured: { stepsPerEpoch: 20 } }); epochs(0.8, () => ({ measured: { steps: 10 } })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: 20 optimizer steps are an epoch of this training, and the trainer measured 10 in epoch 1/,
  },
  {
    name: 'k workers that each pass over all of the data in an epoch',
    trainer:
      'start({ measured: { stepsPerEpoch: 20, batchPerWorker: 1 } }); epochs(0.8, () => ({ measured: { steps: 20 } })); end({ dice: 0.8 });',
    exitCode: 1,
    says: /not as asked: an epoch of baseline-1 passes over 20 samples, and one of this run over 40 \(20 steps of 2 × 1\)/,
  },
  {
    name: 'one process that says only at its end that it trained alone',
    trainer: `start(); epochs(0.8); report({ type: 'evaluation', split: 'test', metrics: { dice: 0.8 } });
      report({ type: 'finished', measured: { workers: 1 } });`,
    exitCode: 1,
    says: /not as asked: 2 workers were requested, but the trainer measured 1\. Start as many processes/,
  },
  {
    name: 'a second parameter group whose rate stays where it was',
    trainer: `start(); epochs(0.8, (epoch) => {
        const [min, max] = one ? [0.1, 0.1] : epoch === 1 ? [0.1, 0.2] : [0.2, 0.2];
        return { measured: { lr: [{ min, max }, { min: 0.01, max: 0.01, scale: 0.1 }] } };
      }); end({ dice: 0.8 });`,
    exitCode: 1,
    says: /not as asked: 0\.\d+ was asked as the learning rate of epoch \d in parameter group 2 \(0\.1 times the schedule's\), and the trainer measured 0\.01/,
  },
  {
    name: 'a training that says it is complete after half of its epochs',
    trainer: "start(); report({ type: 'epoch', epoch: 1, metrics: { dice: 0.8 } }); end({ dice: 0.8 });",
    exitCode: 1,
    says: /not as asked: 2 epochs were requested, but the trainer finished after epoch 1/,
  },
  ...(['one', '!one'] as const).map((stops) => ({
    name: `a training on ${stops === 'one' ? 'one worker' : 'k workers'} alone that ends by itself after half of its epochs`,
    trainer: `start(); const last = ${stops} ? 1 : spec.epochs;
      for (let epoch = 1; epoch <= last; epoch++) report({ type: 'epoch', epoch, loss: 1 / epoch, metrics: { dice: 0.8 } });
      report({ type: 'evaluation', split: 'test', metrics: { dice: 0.8 } });
      report({ type: 'finished', ...(last < spec.epochs ? { stoppedAfter: last } : {}) });`,
    exitCode: 0,
    says: new RegExp(
      `no accuracy loss.*; runs of ${stops === 'one' ? 'one worker' : 'k workers'} ended by themselves before their last epoch.*told: noLoss, unverified `,
      's',
    ),
  })),
  {
    name: 'a script that takes no rate and starts no workers, and says so little that nobody can tell',
    trainer: "report({ type: 'started' }); epochs(0.8); end({ dice: 0.8 });",
    exitCode: 0,
    says: /no accuracy loss.*unverified: the trainer did not report its learning rate, optimizer steps, optimizer, workers and batch per worker.*told: noLoss, unverified /s,
  },
  {
    name: 'the better one of two trainings in one attempt',
    trainer: `const once = (dice) => { start(); epochs(dice); report({ type: 'evaluation', split: 'test', metrics: { dice } }); };
      once(one ? 0.8 : 0.5); if (!one) once(0.9); report({ type: 'finished' });`,
    exitCode: 1,
    says: /the training started again after it had been evaluated \("started" came twice\)/,
  },
  {
    name: 'a second evaluation, after the end, that is better than the first',
    trainer: `start(); epochs(0.8); end({ dice: one ? 0.8 : 0.3 });
      if (!one) report({ type: 'evaluation', split: 'test', metrics: { dice: 0.85 } });`,
    exitCode: 1,
    says: /the evaluation on "test" was reported twice, with dice 0\.3 and 0\.85/,
  },
  {
    name: 'a baseline typed by hand that learned nothing',
    study: { baseline: { runs: [{ dice: 0 }] } },
    trainer: 'train(0);',
    exitCode: 1,
    says: /the baseline did not learn: its dice 0\.000/,
  },
  {
    name: 'a baseline typed by hand with other metrics',
    study: { baseline: { runs: [{ iou: 0.5 }] } },
    trainer: 'train(0.5);',
    exitCode: 1,
    says: /baseline\.runs.*dice/,
  },
  {
    name: 'k workers that copy the events of the baseline into their folder',
    trainer: `if (one) train(0.8); else {
      const baseline = readdirSync(folder + '/..').find((name) => name.startsWith('told.baseline-1'));
      const events = readFileSync(folder + '/../' + baseline + '/events.ndjson', 'utf8');
      appendFileSync(folder + '/events.ndjson', events);
    }`,
    exitCode: 1,
    says: /iteration-0 failed: the program reported nothing/,
  },
  {
    name: 'a result told by hand twice, the second time a better one',
    async type(project) {
      await done(project, 'ask', join(project, 'study.yaml'));
      await tell(project, 'baseline-1', 0.8);
      await tell(project, 'iteration-0', 0.5);
      return told(project, ...telling('iteration-0', 0.85));
    },
    exitCode: 1,
    says: /Run "iteration-0" is already stored with \{"dice":0\.5\}, and results are never overwritten/,
  },
  {
    name: 'a result told by hand in percent, after fractions',
    async type(project) {
      await done(project, 'ask', join(project, 'study.yaml'));
      await tell(project, 'baseline-1', 0.8);
      return told(project, ...telling('iteration-0', 85));
    },
    exitCode: 1,
    says: /Nothing was stored: the result's dice is 85, which is not from 0 to 1/,
  },
  {
    name: 'a file of earlier runs that were trained at another rate',
    async type(project) {
      writeFileSync(
        join(project, 'runs.json'),
        JSON.stringify([
          { action: 'baseline', metrics: { dice: 0.8 } },
          { setting: { initialLr: 0.7 }, metrics: { dice: 0.85 } },
        ]),
      );
      return told(project, 'tell', `${project}/study.yaml`, '--file', `${project}/runs.json`);
    },
    exitCode: 1,
    says: /no run of this study has .*0\.7.*Nothing was stored/s,
  },
  {
    name: 'a program that is `false`, beside a database that was emptied',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => truncateSync(join(project, 'autopilot.db'))),
    exitCode: 1,
    says: /autopilot\.db is empty \(0 bytes\), and .*runs holds runs of the store/,
  },
  {
    name: 'a program that is `false`, beside a database that was cut off',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange((project) => truncateSync(join(project, 'autopilot.db'), 40_000)),
    exitCode: 1,
    says: /autopilot\.db is damaged .*Nothing was changed/,
  },
  {
    name: "a program that is `false`, beside another project's database",
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    type: afterChange(async (project) => {
      const other = writeProject({ study: { budget: { iterations: 1 } }, trainer: 'train(0.7);' });
      await told(other);
      copyFileSync(join(other, 'autopilot.db'), join(project, 'autopilot.db'));
    }),
    exitCode: 1,
    says: /runs holds runs of the store \w+ of the project .*, not of .*autopilot\.db.*put the right one back/,
  },
  {
    name: 'a program that is `false`, in a project that shares its `runs` folder with one that finished',
    study: { budget: { iterations: 1 } },
    trainer: 'train(0.8);',
    async type(project) {
      await told(project);
      const other = writeProject({ study: { trainer: { kind: 'command', command: ['false'] } } });
      symlinkSync(join(project, 'runs'), join(other, 'runs'));
      return told(other);
    },
    exitCode: 1,
    says: /runs holds runs of the store .*give this one a runs folder of its own/,
  },
  {
    name: 'k workers that find the checkpoints of the one worker in their folder, and a client that looks for its own',
    study: {
      trainer: { kind: 'command', command: ['python3', 'trainer.py'] },
      checkpoints: { everyEpochs: 1 },
      budget: { iterations: 1 },
    },
    async type(project) {
      writeFileSync(join(project, 'trainer.py'), takesLeftovers);
      return told(project);
    },
    exitCode: 3,
    says: /Checkpoint ignored: .* belongs to the run told\.baseline-1\.\w+, not to told\.iteration-0\.\w+/,
  },
];
