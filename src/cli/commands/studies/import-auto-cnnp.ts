import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { importSystemConfig } from '../../../config/autocnnp/import-system-config.ts';
import { studyText } from '../../../config/autocnnp/study-text.ts';
import { AutopilotError, messageOf } from '../../../domain/errors.ts';
import { readPlainText } from '../../../protocol/files/read-plain-file.ts';
import { printFitted, printJson } from '../../output.ts';

interface Options {
  output: string;
  force?: true;
  json?: true;
}

/** `autopilot import auto-cnnp FILE` */
export function importAutoCnnp(): Command {
  return new Command('auto-cnnp')
    .description('Writes a study.yaml from an Auto-CNNp training config file (XML), and says what became of each tag.')
    .argument('<config>', 'the XML file')
    .option('-o, --output <file>', 'the study config to write', 'study.yaml')
    .option('--force', 'replace it if it exists')
    .option('--json', 'print JSON')
    .action((file: string, { output, force, json }: Options) => {
      const imported = importSystemConfig(textOf(file), file);
      if (existsSync(output) && !force) {
        throw new AutopilotError(
          'autocnnp.exists',
          `${output} already exists; name another with --output, or replace it with --force.`,
        );
      }
      writeFileSync(output, studyText(imported, file));
      if (json) printJson({ output, ...imported });
      else
        printFitted(
          [
            `Wrote ${output}.`,
            '',
            ...imported.lines.map(({ tag, state, note }) => `${state.padEnd(8)}${tag}\n        ${note}`),
          ].join('\n'),
        );
    });
}

function textOf(file: string): string {
  try {
    return readPlainText(file);
  } catch (cause) {
    throw new AutopilotError('autocnnp.file', `${file} cannot be read: ${messageOf(cause)}. Check the path.`, {
      cause,
    });
  }
}
