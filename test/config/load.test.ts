import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStudyConfig, parseStudyConfig } from '../../src/config/load.ts';
import { AutopilotError } from '../../src/domain/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'autopilot-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const valid = 'name: a\nworkers: 4\nepochs: 40\ndata: { kind: phantom }\nsetting: { initialLr: 0.5 }\n';
let files = 0;

function write(text: string, name = `study-${files++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The lines of the error, without the file's name. */
function problemsOf(text: string, name?: string): string[] {
  const path = write(text, name);
  try {
    loadStudyConfig(path);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AutopilotError);
    expect((thrown as AutopilotError).code).toBe('config.invalid');
    const base = path.split('/').at(-1)!;
    return (thrown as Error).message.split('\n').map((line) => line.replaceAll(base, 'F'));
  }
  throw new Error('the config was accepted');
}

describe('a valid config', () => {
  it('comes back with every default filled in', () => {
    const { config, directory, text, path } = loadStudyConfig(write(valid, 'valid.yaml'));
    expect(config.setting).toEqual({
      initialLr: 0.5,
      decayCoefficient: 3,
      warmupEpochs: 5,
      decayEpochs: 15,
      decayShape: 'exponential',
      optimizer: 'sgd',
    });
    expect(config.baseline.seeds).toBe(1);
    expect(config.decision).toMatchObject({ rule: 'thesis', tolerance: 0.002 });
    expect([directory, path, text]).toEqual([folder, join(folder, 'valid.yaml'), valid]);
  });

  it('decides by the thesis where decision names no rule, and says with which rule a field goes', () => {
    const { decision } = loadStudyConfig(write(`${valid}decision: { metrics: [dice], tolerance: 0.01 }\n`)).config;
    expect(decision).toMatchObject({ rule: 'thesis', metrics: ['dice'], tolerance: 0.01 });
    expect(problemsOf(`${valid}decision: { margin: 0.01 }\n`).join(' ')).toContain(
      'decision.margin is not a known field here; it belongs to rule: nonInferiority',
    );
    expect(problemsOf(`${valid}decision: { margn: 0.01 }\n`).join(' ')).toContain(
      'decision.margn is not a known field; known here: rule, metrics, split, classes, tolerance',
    );
  });

  it('may be JSON, indented with tabs, that names its schema for the editor', () => {
    const study = {
      $schema: './study.schema.json',
      name: 'a',
      workers: 2,
      epochs: 12,
      data: { kind: 'phantom' },
      setting: { initialLr: 1 },
    };
    const loaded = loadStudyConfig(write(JSON.stringify(study, null, '\t'), 'study.json'));
    expect(loaded.config.setting.decayEpochs).toBe(3);
    expect(parseStudyConfig(study, loaded.directory)).toEqual(loaded.config);
  });

  it('is found in a folder', () => {
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    writeFileSync(join(inside, 'study.yaml'), valid);
    expect(loadStudyConfig(inside).path).toBe(join(inside, 'study.yaml'));
    renameSync(join(inside, 'study.yaml'), join(inside, 'study.yml'));
    expect(loadStudyConfig(inside).path).toBe(join(inside, 'study.yml'));
    writeFileSync(join(inside, 'study.yaml'), valid);
    expect(() => loadStudyConfig(inside)).toThrow('has both study.yaml and study.yml; name the one you mean');
  });

  it('has its paths made absolute from where the file is', () => {
    mkdirSync(join(folder, 'slices'));
    writeFileSync(join(folder, 'slices', 'manifest.json'), '{}');
    const { config } = loadStudyConfig(write(valid.replace('{ kind: phantom }', '{ kind: slices, path: ./slices }')));
    expect(config.data).toEqual({ kind: 'slices', path: join(folder, 'slices') });
  });

  it('has five baseline runs with the rule that needs their spread', () => {
    expect(loadStudyConfig(write(`${valid}decision: { rule: nonInferiority }\n`)).config.baseline.seeds).toBe(5);
  });
});

describe('a wrong field', () => {
  const table: [problem: string, text: string, expected: string][] = [
    ['unknown, with a near name', `${valid}budgets: 3\n`, 'F:6: budgets is not a known field; did you mean "budget"?'],
    [
      'unknown inside a choice',
      valid.replace('phantom', 'phantom, sise: 3'),
      'F:4: data.sise is not a known field; did you mean "size"?',
    ],
    [
      'unknown inside a list',
      `${valid}guideline:\n  actions:\n    - action: increaseWarmup\n      epoch: 3\n`,
      'F:9: guideline.actions[0].epoch is not a known field; did you mean "epochs"?',
    ],
    ['of a wrong type', valid.replace('workers: 4', 'workers: four'), 'F:2: workers is "four"; give a number'],
    ['not whole', valid.replace('workers: 4', 'workers: 4.5'), 'F:2: workers is 4.5; give a whole number'],
    ['too small', valid.replace('workers: 4', 'workers: 0'), 'F:2: workers is 0; give at least 1'],
    [
      'at an open bound',
      `${valid}timeouts: { stopSeconds: 0 }\n`,
      'F:6: timeouts.stopSeconds is 0; give a number above 0',
    ],
    ['empty', valid.replace('epochs: 40', 'epochs:'), 'F:3: epochs is empty; give a number'],
    ['missing', valid.replace('epochs: 40\n', ''), 'F:1: epochs is missing; add it (a number)'],
    [
      'no choice',
      `${valid}loss: dise\n`,
      'F:6: loss is "dise"; choose crossEntropy, dice or combined (did you mean "dice"?)',
    ],
    [
      'a network of volumes',
      `${valid}model: { architecture: unet3d }\n`,
      'F:6: model.architecture is "unet3d"; choose fcn, unet, vgg, resnet or fcn8s (did you mean "unet"?). These networks are two-dimensional: prep cuts volumes into slices; for a network on volumes use components.architecture',
    ],
    [
      'of no type a union has',
      `${valid}guideline: 4\n`,
      'F:6: guideline is 4; give text or fields ("name: value", indented)',
    ],
    [
      'an unfit name',
      valid.replace('name: a', 'name: my study'),
      'F:1: name is "my study"; use letters, digits, "-" and "_", starting with a letter or digit',
    ],
    [
      'a group that is a text',
      `${valid}trainer: embedded\n`,
      'F:6: trainer is "embedded"; give fields ("name: value", indented)',
    ],
  ];
  it.each(table)('%s is named with its line, value and fix', (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it('that names no known kind is answered with the kinds there are', () => {
    const [line] = problemsOf(valid.replace('kind: phantom', 'kind: fantom'));
    expect(line).toMatch(/^F:4: data\.kind is "fantom"; choose .*phantom.* \(did you mean "phantom"\?\)$/);
  });

  it('does not hide the others: all are reported, in the order of the file', () => {
    const lines = problemsOf(valid.replace('workers: 4', 'workers: x').replace('initialLr: 0.5', 'initialLr: -1'));
    expect(lines).toEqual([
      'F has 2 problems:',
      'F:2: workers is "x"; give a number',
      'F:5: setting.initialLr is -1; give at least 1e-12',
    ]);
  });
});

describe('fields that do not fit together', () => {
  it('names a schedule longer than the training, with the numbers and both ways out', () => {
    const [line] = problemsOf(valid.replace('epochs: 40', 'epochs: 10').replace('0.5', '0.5, decayEpochs: 8'));
    expect(line).toBe(
      'F:5: setting.warmupEpochs 5 + setting.decayEpochs 8 = 13 epochs, but epochs is 10; lower decayEpochs to at most 5, or raise epochs to at least 13',
    );
  });

  it('names a warmup that alone is longer than the training', () => {
    const [line] = problemsOf(valid.replace('epochs: 40', 'epochs: 3').replace('0.5', '0.5, warmupEpochs: 5'));
    expect(line).toContain('lower warmupEpochs to at most 3, or raise epochs to at least 5');
  });

  it('warms up for a third of a training that is shorter than the default warmup', () => {
    const { setting } = loadStudyConfig(write(valid.replace('epochs: 40', 'epochs: 3'))).config;
    expect(setting).toMatchObject({ warmupEpochs: 1, decayEpochs: 1 });
  });

  it('accepts warmup and decay that use every epoch', () => {
    const text = valid.replace('epochs: 40', 'epochs: 10').replace('0.5', '0.5, decayEpochs: 5');
    expect(loadStudyConfig(write(text)).config.setting.decayEpochs).toBe(5);
  });

  it('names a data folder that is not there', () => {
    const [line] = problemsOf(valid.replace('{ kind: phantom }', '{ kind: slices, path: nowhere }'));
    expect(line).toBe(`F:4: data.path ${join(folder, 'nowhere')} does not exist; correct it (relative to this file)`);
  });

  it('names a model to start from that is not there', () => {
    const [line] = problemsOf(`${valid}model: { architecture: unet, initFrom: nowhere }\n`);
    expect(line).toMatch(/^F:6: model\.initFrom .*nowhere has no model\.json; name the folder of a zoo model/);
  });

  it('names a baseline without spread under the rule that needs one', () => {
    const [line] = problemsOf(`${valid}decision: { rule: nonInferiority }\nbaseline: { seeds: 1 }\n`);
    expect(line).toMatch(/^F:7: .*needs a spread; give at least 2/);
    const given = problemsOf(
      `${valid}decision: { rule: nonInferiority }\nbaseline: { mean: { dice: 0.8, meanIoU: 0.7 }, sd: { dice: 0.01, meanIoU: 0.01 }, n: 1 }\n`,
    );
    expect(given[0]).toMatch(/^F:7: baseline\.n is 1, but .* needs a spread; give at least 2/);
  });
});

describe('a file that is no config', () => {
  const table: [problem: string, text: string, expected: string][] = [
    ['is empty', ' \n', 'F: the file is empty; write a study into it with "autopilot init"'],
    [
      'holds only comments',
      '# later\n',
      'F: the file holds only comments; write a study into it with "autopilot init"',
    ],
    ['is indented with a tab', 'name: a\n\tb: 3\n', 'F:2: a tab indents this line; YAML indents with spaces'],
    [
      'has a tag that is not known',
      "name: !!js/function 'x'\n",
      'F:1: Unresolved tag: tag:yaml.org,2002:js/function; correct the YAML here',
    ],
    [
      'has a number beyond all bounds',
      `${valid.replace(/workers: \d+/, 'workers: 99999999999999999999')}`,
      'F:2: workers is 100000000000000000000; give at most 100000',
    ],
    ['gives a key twice', 'name: a\nname: b\n', 'F:2: this key is given twice; keep one of them'],
    [
      'holds two documents',
      `${valid}---\nname: b\n`,
      'F:6: a second document starts here ("---"); a config file holds one study',
    ],
    ['holds a text', 'hello\n', 'F:1: the file holds "hello"; write a study\'s fields, "name: value", one per line'],
  ];
  it.each(table)('that %s is refused with the line', (_, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it('that does not exist is refused with the nearest one that does', () => {
    write(valid, 'cerebellum.yaml');
    expect(() => loadStudyConfig(join(folder, 'cerebelum.yaml'))).toThrow(
      `there is no such file; did you mean ${join(folder, 'cerebellum.yaml')}?`,
    );
    expect(() => loadStudyConfig(join(folder, 'no', 'study.yaml'))).toThrow(`nor the folder ${join(folder, 'no')}`);
  });

  it('is a folder without one', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(() => loadStudyConfig(empty)).toThrow('is a folder without study.yaml');
  });
});
