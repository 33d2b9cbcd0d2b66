import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadPrepConfig } from '../../config/load-prep.ts';
import { readConfigSource } from '../../config/source.ts';
import type { PrepTool, Tool } from '../../dashboard/work.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { runDirectoryOf } from '../../protocol/run-directory.ts';
import { modelFolder } from '../shipped-zoo.ts';
import type { JobCommand } from './jobs.ts';

const scanFiles = /\.(nii|nii\.gz|nrrd|mha|mhd|png)$/i;

export interface ToolOptions {
  project: string;
  /** Makes a path below a root absolute; throws for any other path. */
  at: (path: string) => string;
}

/** The command of a tool. `scratch`: the job's folder. Every path is absolute, so that none is taken for an option. */
export function commandOf(tool: Tool, scratch: string, { project, at }: ToolOptions): JobCommand {
  const pictures = join(scratch, 'pictures');
  switch (tool.kind) {
    case 'check': {
      const folder = at(tool.folder);
      const args = ['data', 'check', folder, '--table', '--pictures', pictures];
      return { title: `Check of ${folder}`, args, pictures };
    }
    case 'preview':
      return {
        title: `Preview of slices of ${tool.input}`,
        args: ['prep', prepFile(tool, scratch, at), '--preview', pictures],
        pictures,
      };
    case 'prep':
      requireNew(at(tool.output));
      return { title: `Slices of ${tool.input}`, args: ['prep', prepFile(tool, scratch, at)], pictures: null };
    case 'publish': {
      const zoo = join(project, 'zoo');
      requireNew(join(zoo, tool.name));
      const { name, licence, description } = tool;
      const options = [`--name=${name}`, `--licence=${licence}`, `--description=${description}`, '--zoo', zoo];
      const args = ['models', 'publish', runDirectoryOf(project, tool.run), ...options];
      return { title: `Model ${name}`, args, pictures: null };
    }
    case 'predict': {
      const [scans, output] = [at(tool.scans), at(tool.output)];
      const model = tool.model.startsWith('/') ? at(tool.model) : namedModel(project, tool.model);
      requireNew(output);
      const drawn = join(output, 'pictures');
      const args = ['models', 'predict', model, ...scansIn(scans), '--out', output, '--pictures', drawn];
      return { title: `Prediction of ${basename(scans)}`, args, pictures: drawn };
    }
    case 'eval': {
      const labels = tool.labels === '' ? [] : [`--labels=${tool.labels}`];
      const [predicted, truth] = [at(tool.predicted), at(tool.truth)];
      const plot = ['--plot', join(pictures, 'box-plots.png')];
      return { title: `Evaluation of ${predicted}`, args: ['eval', predicted, truth, ...labels, ...plot], pictures };
    }
  }
}

/** Writes the prep config from a form and its freely typed fields, and validates it before anything starts. */
function prepFile(tool: PrepTool, scratch: string, at: (path: string) => string): string {
  const { plane, slices, size, train, validation, test } = tool;
  const more = tool.more.trim() === '' ? {} : typedFields(tool.more, scratch);
  const form = {
    slices: { plane, count: slices },
    size: { height: size, width: size },
    split: { train, validation, test },
  };
  const [input, output] = [at(tool.input), at(tool.output)];
  const file = join(scratch, 'prep.yaml');
  writeFileSync(file, JSON.stringify({ ...form, ...more, input, output }, null, 1));
  loadPrepConfig(file);
  return file;
}

function typedFields(text: string, scratch: string): object {
  const file = join(scratch, 'more.yaml');
  writeFileSync(file, text);
  const { value } = readConfigSource(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AutopilotError('work.prep', 'Further fields: write one per line, such as spacingMm: [1, 1, 1].');
  }
  for (const name of ['input', 'output', 'data'])
    if (name in value) throw new AutopilotError('work.prep', `Further fields: leave ${name} out; the form has it.`);
  return value;
}

/** A model that the project keeps, or one that comes with the program. */
function namedModel(project: string, name: string): string {
  const own = join(project, 'zoo', name);
  return existsSync(join(own, 'model.json')) ? own : modelFolder(name);
}

function scansIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const names = readdirSync(path);
  const files = names.filter((name) => scanFiles.test(name)).map((name) => join(path, name));
  if (files.length > 0) return files;
  // A series of DICOM files is one scan.
  if (names.some((name) => /(\.dcm|^[^.]+)$/i.test(name) && statSync(join(path, name)).isFile())) return [path];
  throw new AutopilotError(
    'work.noScans',
    `${path} holds no scans itself (NIfTI, NRRD, MetaImage, PNG or a DICOM series); name the folder that does, such as its imagesTs.`,
  );
}

/** Requires an output folder that is absent or empty, so that a command overwrites nothing. */
function requireNew(folder: string): void {
  if (!existsSync(folder) || (statSync(folder).isDirectory() && readdirSync(folder).length === 0)) return;
  throw new AutopilotError('work.exists', `${folder} exists and is not empty; name a new folder.`);
}
