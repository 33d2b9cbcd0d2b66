import { join } from 'node:path';
import { Command, Option } from 'commander';
import { messageOf } from '../../../domain/errors.ts';
import { knownMetric } from '../../../domain/metric/definition.ts';
import type { Metrics } from '../../../domain/metric/metrics.ts';
import { metricText } from '../../../domain/metric/text.ts';
import { writeOverlay } from '../../../imgmed/check/overlay.ts';
import { loadScan } from '../../../imgmed/load-case.ts';
import { stemOf } from '../../../imgmed/reading/file-format.ts';
import { textTable } from '../../../report/tables/text-table.ts';
import { closeCompute, openCompute } from '../../../trainer/compute/open-compute.ts';
import { readZooModel } from '../../../trainer/zoo-model/zoo-model.ts';
import { groupChannels } from '../../../zoo/group-channels.ts';
import { importLayersModel } from '../../../zoo/import-layers-model.ts';
import { loadZooModel, predictScan } from '../../../zoo/predict-scan.ts';
import { type PublishOptions, publishModel } from '../../../zoo/publish.ts';
import {
  type MaskFormat,
  maskFormats,
  maskPaths,
  requireSegmentable,
  writePrediction,
} from '../../../zoo/write-prediction.ts';
import { listZoo, pullModel, writeZooIndex } from '../../../zoo/zoo-store.ts';
import { counted, printFitted, printJson, printText, textOptions } from '../../output.ts';
import { modelFolder, ownZoos, shippedZoo } from '../../shipped-zoo.ts';

const defaultZoo = 'zoo';

export function command(): Command {
  const models = new Command('models').description('Keeps, shares and uses trained models.');
  models.addCommand(list()).addCommand(show()).addCommand(publish()).addCommand(pull());
  return models.addCommand(predict()).addCommand(importWeights());
}

function list(): Command {
  return new Command('list')
    .description('Lists the models of a zoo.')
    .option(
      '--zoo <place>',
      `a folder, or an http(s) address (default: ${defaultZoo}, and the models that come with the program)`,
    )
    .option('--json', 'print JSON')
    .action(async ({ zoo, json }: { zoo?: string; json?: boolean }) => {
      const zoos = zoo === undefined ? ownZoos(defaultZoo) : [zoo];
      const entries = (await Promise.all(zoos.map(listZoo))).flat();
      if (json) return printJson(entries);
      if (entries.length === 0)
        return printFitted(`${zoo ?? defaultZoo} holds no models; put one there with "autopilot models publish".`);
      const rows = entries.map(({ name, metrics, licence, description }) => [
        name,
        decidingText(metrics),
        licence,
        description,
      ]);
      const columns = [
        { heading: 'model' },
        { heading: 'measured' },
        { heading: 'licence' },
        { heading: 'description', flexible: true },
      ];
      printText(textTable({ columns, rows, width: textOptions().width }));
    });
}

/** A model's dice if it has one, else its first metric, as text: `dice 0.843`. */
function decidingText(metrics: Metrics): string {
  const name = 'dice' in metrics ? 'dice' : Object.keys(metrics)[0];
  const value = name === undefined ? undefined : metrics[name];
  return name === undefined || value === undefined
    ? '–'
    : `${name} ${metricText(name, knownMetric(name)).valueWithUnit(value)}`;
}

function show(): Command {
  return new Command('show')
    .description('Describes a model, and how well it performed when measured.')
    .argument('<model>', "the model's folder, or the name of one that comes with the program")
    .option('--json', 'print JSON')
    .action((named: string, { json }: { json?: boolean }) => {
      const model = readZooModel(modelFolder(named));
      if (json) return printJson(model);
      const { name, description, licence, architecture, startedFrom, input, metrics, parts, study, weights } = model;
      const values = weights.bytes / 4;
      const lines = [
        `${name}: ${description}`,
        `licence       ${licence}`,
        `architecture  ${architecture === null ? 'imported weights' : JSON.stringify(architecture)}`,
        ...(startedFrom === undefined ? [] : [`started from  ${startedFrom}`]),
        `parameters    ${values}`,
        ...(input === null
          ? []
          : [
              `input         ${input.height} × ${input.width}, ${input.channels.join(', ')}`,
              `classes       ${input.classes.join(', ')}`,
            ]),
        ...(study === null ? [] : [`study         ${study.id}, run ${study.run}, data ${study.data}`]),
        ...(parts ?? [{ split: null, metrics }]).flatMap(({ split, metrics: ofPart }) =>
          Object.entries(ofPart).map(
            ([name, value]) =>
              `${name.padEnd(13)} ${metricText(name, knownMetric(name)).valueWithUnit(value)}${split === null ? '' : ` on the ${split} part`}`,
          ),
        ),
        `weights       sha256 ${weights.sha256}`,
      ];
      printFitted(lines.join('\n'));
    });
}

function publish(): Command {
  return new Command('publish')
    .description('Puts a finished run into a zoo.')
    .argument('<run>', 'run directory, such as runs/cerebellum.iteration-3')
    .requiredOption('--name <name>', 'name in the zoo')
    .requiredOption('--licence <licence>', 'what others may do with it, such as CC-BY-4.0')
    .option('--description <text>', 'one sentence', 'Segmentation model')
    .option('--limits <text>', 'what it must not be used for; goes on its card')
    .option('--zoo <folder>', 'the zoo', defaultZoo)
    .option('--json', 'print JSON')
    .action(async (run: string, { json, ...options }: Omit<PublishOptions, 'run'> & { json?: true }) => {
      // The model is built to learn the shapes of its weights.
      await openCompute({ backend: 'cpu' });
      const { weights } = await publishModel({ run, ...options });
      closeCompute();
      const model = join(options.zoo, options.name);
      if (json) return printJson({ model, weights });
      printFitted(`Published ${model} (${weights.bytes} bytes of weights, sha256 ${weights.sha256.slice(0, 12)}…)`);
    });
}

function pull(): Command {
  return new Command('pull')
    .description('Copies a model from a zoo, and verifies checksums.')
    .argument('<name>')
    .option('--zoo <place>', 'a folder, or an http(s) address (default: the models that come with the program)')
    .option('--to <folder>', 'where the model folder goes', 'models')
    .option('--json', 'print JSON')
    .action(async (name: string, { zoo = shippedZoo(), to, json }: { zoo?: string; to: string; json?: true }) => {
      const model = await pullModel(zoo, name, to);
      if (json) printJson({ model });
      else printFitted(`Pulled ${model}`);
    });
}

interface PredictOptions {
  out: string;
  masks: MaskFormat;
  pictures?: string;
  backend: string;
  json?: true;
}

function predict(): Command {
  return new Command('predict')
    .description("Segments scans: writes masks on each scan's own grid.")
    .argument('<model>', "the model's folder, or the name of one that comes with the program")
    .argument(
      '<scans...>',
      'scans: NIfTI, NRRD, MetaImage, images, folders of a DICOM series, or nnU-Net files CASE_0000, CASE_0001',
    )
    .option('--out <folder>', 'where the masks go, named after the scans', 'predictions')
    .addOption(
      new Option('--masks <format>', 'nifti (NAME.nii.gz), or dicom (SEG, NAME.dcm; for DICOM series)')
        .choices([...maskFormats])
        .default('nifti'),
    )
    .option('--pictures <folder>', 'draw each mask over the slice of its scan that shows most of it, as NAME.png')
    .option('--backend <name>', 'compute back end', 'auto')
    .option('--json', 'print JSON: each scan with its mask, or why it has none')
    .action(async (named: string, paths: string[], options: PredictOptions) => {
      const folder = modelFolder(named);
      const { out, masks: format, pictures, backend, json } = options;
      const scans = groupChannels(paths, readZooModel(folder));
      const targets = maskPaths(
        scans.map(({ named }) => named),
        out,
        format,
      );
      await openCompute({ backend });
      const predicted: { scan: string; mask?: string; failure?: string }[] = [];
      try {
        const loaded = loadZooModel(folder);
        for (const [index, { images }] of scans.entries()) {
          const path = targets[index]!;
          const scan = images[0]!;
          try {
            if (format === 'dicom') requireSegmentable(scan);
            const volume = await loadScan({ id: stemOf(path), images });
            for (const note of volume.notes ?? []) process.stderr.write(`${scan}: ${note}\n`);
            const mask = await predictScan(loaded, volume);
            await writePrediction({ mask, scan, path, format, model: loaded.description });
            if (pictures !== undefined)
              await writeOverlay(join(pictures, `${stemOf(path)}.png`), { scan: volume, mask });
            predicted.push({ scan, mask: path });
            if (!json) printText(path);
          } catch (error) {
            const reason = messageOf(error);
            process.stderr.write(`${reason.startsWith(scan) ? '' : `${scan}: `}${reason}\n`);
            predicted.push({ scan, failure: reason });
          }
        }
      } finally {
        closeCompute();
      }
      if (json) printJson({ model: folder, predicted });
      const failed = predicted.filter(({ failure }) => failure !== undefined).length;
      if (failed === 0) return;
      process.stderr.write(`${failed} of ${counted(scans.length, 'scan')} not segmented\n`);
      process.exitCode = 1;
    });
}

interface ImportOptions {
  name: string;
  licence: string;
  description: string;
  zoo: string;
  json?: true;
}

function importWeights(): Command {
  return new Command('import')
    .description(
      'Imports weights of a TensorFlow.js or converted Keras layers model as a zoo model, for model.initFrom.',
    )
    .argument('<model.json>')
    .requiredOption('--name <name>', 'name in the zoo')
    .requiredOption('--licence <licence>', 'licence of the weights')
    .option('--description <text>', 'one sentence', 'Imported weights')
    .option('--zoo <folder>', 'the zoo', defaultZoo)
    .option('--json', 'print JSON')
    .action(async (modelJson: string, { json, ...options }: ImportOptions) => {
      const folder = join(options.zoo, options.name);
      const { weights } = importLayersModel({ modelJson, folder, ...options });
      await writeZooIndex(options.zoo);
      if (json) printJson({ model: folder, weights });
      else printFitted(`Imported ${weights.tensors.length} weights as ${folder}`);
    });
}
