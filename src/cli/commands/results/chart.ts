import { Command, Option } from 'commander';
import { attemptChart, chartText, guidelineChart, mermaid } from '../../../../machines/chart/index.ts';
import { resolveGuideline } from '../../../../machines/guideline/index.ts';
import { loadStudyConfig } from '../../../config/load.ts';
import type { Guideline } from '../../../domain/guideline.ts';
import { readGuideline } from '../../../report/replay/file.ts';
import { printFitted, printJson, printText } from '../../output.ts';

interface Options {
  format: 'mermaid' | 'text';
  guideline?: string;
  run?: boolean;
  json?: boolean;
}

/** `autopilot chart [study.yaml]`: a flowchart drawn from the state machine and the guideline's data. */
export function command(): Command {
  return new Command('chart')
    .description('Prints the flowchart of a guideline, or of one training run.')
    .argument('[study]', 'a study.yaml, for its guideline')
    .addOption(new Option('--format <format>', 'how to draw it').choices(['mermaid', 'text']).default('text'))
    .option('--guideline <name|file>', 'a shipped guideline, or a file with one')
    .option('--run', 'the chart of one training run')
    .option('--json', 'print the states and arrows as JSON')
    .action((study: string | undefined, options: Options) => {
      const chart = options.run ? attemptChart() : guidelineChart(guidelineOf(study, options.guideline));
      if (options.json) printJson(chart);
      else if (options.format === 'mermaid') printText(mermaid(chart));
      else printFitted(chartText(chart));
    });
}

function guidelineOf(study: string | undefined, name: string | undefined): Guideline {
  if (name !== undefined) return readGuideline(name);
  return resolveGuideline(study === undefined ? 'thesis' : loadStudyConfig(study).config.guideline);
}
