import { basename } from 'node:path';
import { AutopilotError } from '../../domain/errors.ts';
import { actionLine } from './import-actions.ts';
import { propertyLine } from './import-hyperparameters.ts';
import type { ImportLine } from './import-line.ts';
import { pathIn, readSystemConfig, type XmlElement } from './read-system-config.ts';

/** A study config being built: its sections as they will be written. */
export interface ImportedStudy {
  study: Record<string, unknown>;
  lines: ImportLine[];
}

/** Converts an Auto-CNNp config file to a study; `lines` covers every tag. `file` is for messages and the name. */
export function importSystemConfig(xml: string, file: string): ImportedStudy {
  const root = readSystemConfig(xml, file);
  const tasks = root.children.filter(({ name }) => name === 'task');
  const [task] = tasks;
  if (task === undefined || tasks.length > 1) {
    throw new AutopilotError('autocnnp.task', `${file}: it has ${tasks.length} <task> elements; a study has one.`);
  }
  const lines: ImportLine[] = root.children.filter((child) => child !== task).map(unknown);
  const say = (tag: string, state: ImportLine['state'], note: string) => lines.push({ tag, state, note });
  const taskName = task.attributes.name ?? '';
  const classification = /classif/i.test(taskName);
  say(`<task name="${taskName}">`, 'mapped', `task: ${classification ? 'classification' : 'segmentation'}`);
  const study: Record<string, unknown> = {
    name:
      basename(file)
        .replace(/\.[^.]*$/, '')
        .replace(/[^A-Za-z0-9_-]+/g, '-')
        .replace(/^[-_]+/, '') || 'study',
    task: classification ? 'classification' : 'segmentation',
  };
  const setting: Record<string, unknown> = {};
  for (const child of task.children) {
    if (child.name === 'parallelism-degree') workersFrom(child, study, say);
    else if (child.name === 'CNN_archi') architectureFrom(child, study, say);
    else if (child.name === 'data') dataFrom(child, study, say);
    else if (child.name === 'CNN-Parallelism-Generator') {
      for (const module of child.children) {
        if (module.name !== 'module') lines.push(unknown(module));
        else {
          say(`<module name="${module.attributes.name ?? ''}">`, 'mapped', 'its actions follow');
          for (const action of module.children) lines.push(actionLine(action, study));
        }
      }
    } else if (child.name === 'hyperparameters') {
      for (const property of child.children) lines.push(propertyLine(property, { study, setting }));
    } else lines.push(unknown(child));
  }
  const epochs = Number(study.epochs);
  if (epochs > 0 && epochs < 5) setting.warmupEpochs = 0;
  return { study: { ...study, setting }, lines };
}

type Say = (tag: string, state: ImportLine['state'], note: string) => void;

function workersFrom({ text }: XmlElement, study: Record<string, unknown>, say: Say): void {
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1) {
    throw new AutopilotError('autocnnp.workers', `<parallelism-degree> is "${text}"; give a whole number from 1.`);
  }
  study.workers = workers;
  say(`<parallelism-degree> ${text}`, 'mapped', `workers: ${workers}`);
}

function architectureFrom(element: XmlElement, study: Record<string, unknown>, say: Say): void {
  const path = pathIn(element) ?? '';
  const tag = `<CNN_archi> ${path}`;
  const name = basename(path)
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  const own = name.startsWith('unet') ? 'unet' : name.startsWith('fcn') ? 'fcn' : name.startsWith('vgg') ? 'vgg' : null;
  const convert = `Keras code cannot be run here; convert the model: python3 -c "import runpy; runpy.run_path('${path}')['model'].save('model.h5')" where the file names its network model, then tensorflowjs_converter --input_format=keras model.h5 converted (pip install tensorflowjs), then autopilot models import converted/model.json`;
  if (own !== null) study.model = { architecture: own };
  if (own !== null && path.endsWith('.py'))
    say(tag, 'adapted', `model.architecture: ${own}, autopilot's own. To use the file's own network: ${convert}`);
  else if (own !== null) say(tag, 'mapped', `model.architecture: ${own}`);
  else
    say(
      tag,
      'todo',
      path.endsWith('.py')
        ? `${convert}; or write it as a module (components.architecture)`
        : 'name a known architecture in model, or a module in components.architecture',
    );
}

function dataFrom(element: XmlElement, study: Record<string, unknown>, say: Say): void {
  const paths: Record<string, string> = {};
  for (const child of element.children) {
    const path = pathIn(child);
    if (!['train', 'valid', 'test'].includes(child.name) || path === undefined)
      say(`<data> <${child.name}>`, 'dropped', 'not part of the format');
    else paths[child.name] = path;
  }
  study.data = { kind: 'slices', path: 'slices' };
  const links = Object.entries(paths).map(
    ([split, path]) => `ln -s "$(realpath ${quoted(path)})" scans/${partOf[split]}`,
  );
  const make = `made by autopilot prep (input: scans) after: ${['mkdir scans', ...links].join(' && ')}`;
  for (const [index, [split, path]] of Object.entries(paths).entries()) {
    const part = `the part "${partOf[split]}" of data.path${partIsFor[split]}`;
    // Said only once, for the part that the file names first.
    say(
      `<data> <${split}> ${path}`,
      index === 0 ? 'todo' : 'adapted',
      index === 0 ? `${part}; data.path is ${make}` : part,
    );
  }
}

/** The folders whose cases `prep` keeps together as one part. */
const partOf: Record<string, string> = { train: 'train', valid: 'validation', test: 'test' };
const partIsFor: Record<string, string> = {
  train: '',
  valid: ', on which settings are chosen',
  test: ', which confirms',
};

/** A path quoted as one shell word. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function unknown({ name, attributes }: XmlElement): ImportLine {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return { tag: `<${name}${given.join('')}>`, state: 'dropped', note: 'not part of the format of Listing 4.1' };
}
