import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  decayShapes,
  lrPerEpoch,
  lrScalings,
  phases,
  policyNames,
  type ScheduleSpec,
} from '../../../schedules/index.ts';
import { loadStudyConfig } from '../../config/load.ts';
import { most } from '../../config/sections/bounds.ts';
import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { scheduleCsv } from '../../report/schedule-plot/csv.ts';
import { schedulePlot } from '../../report/schedule-plot/schedule-plot.ts';
import { scheduleSvg } from '../../report/schedule-plot/svg.ts';
import { fitted } from '../../report/tables/text-width.ts';
import { textOptions } from '../output.ts';
import { type ScheduleFlags, scheduleSpecOf } from '../schedule-spec.ts';
import { wholeNumber } from '../whole-number.ts';

interface Output {
  csv?: boolean;
  json?: boolean;
  svg?: string;
  stepsPerEpoch?: number;
}

/** `autopilot schedule`: a learning-rate schedule as a plot, a table, JSON or a picture. */
export function command(): Command {
  return new Command('schedule')
    .description("Shows a learning-rate schedule: a study's, or one from options.")
    .argument(
      '[config]',
      'the study config, or a folder with a study.yaml; not needed with --workers, --epochs and --initial-lr',
    )
    .addOption(new Option('--policy <name>', 'the policy (default: greScale)').choices(policyNames))
    .option('--workers <k>', 'processes that train together', wholeNumber({ limit: most.workers }))
    .option('--epochs <E>', 'epochs of the training', wholeNumber({ limit: most.epochs }))
    .option('--initial-lr <rate>', 'rate of one worker; the peak is workers times this', number)
    .option('--warmup <W>', 'epochs of warmup', number)
    .option('--decay <D>', 'epochs of decay (default: 3/7 of those after warmup)', number)
    .option('--decay-coefficient <c>', 'the last rate is the peak times exp(-c)', number)
    .addOption(new Option('--decay-shape <name>', 'form of the decay').choices(decayShapes))
    .addOption(new Option('--scaling <name>', 'constant: how it grows with the workers').choices(lrScalings))
    .option('--milestones <epochs>', 'staircase: epochs at which the rate falls, such as 12,24,32', numbers)
    .option('--factor <f>', 'staircase: what it falls by', number)
    .option('--power <p>', 'polynomial: its power', number)
    .option('--final-lr <rate>', 'polynomial, cosine: the last rate', number)
    .option('--maximum-lr <rate>', 'cyclic: the highest rate', number)
    .option('--cycle <epochs>', 'cyclic: length of a cycle', number)
    .option('--csv', 'print CSV: epoch, phase, rate')
    .option('--steps-per-epoch <n>', 'CSV: a row for every step', wholeNumber({ limit: most.batch }))
    .option('--json', 'print JSON: the schedule, its phases, the rate at every epoch')
    .option('--svg <file>', 'write a picture')
    .action((path: string | undefined, options: ScheduleFlags & Output & { verbose?: boolean }) => {
      const { csv, json, svg, stepsPerEpoch, verbose: _, ...flags } = options;
      const spec = scheduleSpecOf(flags, needsStudy(path, flags) ? studyFlags(path ?? '.', flags) : {});
      const text = explained(() => render(spec, { ...options }));
      if (svg !== undefined) writePicture(svg, spec);
      process.stdout.write(svg !== undefined && !csv && !json ? `Wrote ${svg}.\n` : text);
    });
}

function render(spec: ScheduleSpec, { csv, json, stepsPerEpoch }: Output): string {
  if (json)
    return `${JSON.stringify({ schedule: spec, phases: phases(spec), lrPerEpoch: lrPerEpoch(spec) }, null, 2)}\n`;
  const rows = spec.epochs * (stepsPerEpoch ?? 1);
  if (csv && rows > most.slices) {
    const why = `${rows} rows, but at most ${most.slices} are printed`;
    throw new AutopilotError('schedule.rows', `--csv would print ${why}. Lower --steps-per-epoch.`);
  }
  if (csv) return scheduleCsv(spec, stepsPerEpoch);
  const { width } = textOptions();
  return `${fitted(schedulePlot(spec, { width: Math.min(72, width - axisWidth) }), width)}\n`;
}

/** Columns that the axis labels beside a plot take up. */
const axisWidth = 12;

function needsStudy(path: string | undefined, { workers, epochs, initialLr }: ScheduleFlags): boolean {
  return path !== undefined || workers === undefined || epochs === undefined || initialLr === undefined;
}

/** A study's schedule as flags, without its decay length if flags change its epochs or its warmup. */
function studyFlags(path: string, flags: ScheduleFlags): ScheduleFlags {
  const { config } = loadStudyConfig(path);
  const { setting, workers, epochs } = config;
  const { initialLr, warmupEpochs: warmup, decayEpochs, decayCoefficient, decayShape } = setting;
  const study = { workers, epochs, initialLr, warmup, decayCoefficient, decayShape };
  return flags.epochs === undefined && flags.warmup === undefined ? { ...study, decay: decayEpochs } : study;
}

/** Reports an impossible schedule as the user's error: schedules throw plain RangeErrors that say how to fix it. */
function explained<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new AutopilotError('schedule.impossible', thrown.message, { cause: thrown });
    throw thrown;
  }
}

function writePicture(file: string, spec: ScheduleSpec): void {
  try {
    writeFileSync(file, scheduleSvg(spec));
  } catch (thrown) {
    throw new AutopilotError(
      'schedule.write',
      `--svg ${file} cannot be written: ${messageOf(thrown)}. Name another file.`,
      {
        cause: thrown,
      },
    );
  }
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Math.abs(value) <= most.time) return value;
  throw new InvalidArgumentError(`Give a number up to ${most.time}.`);
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(',').map(number);
}
