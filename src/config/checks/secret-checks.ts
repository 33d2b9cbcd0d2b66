import { isInClear, isSecretName } from '../../domain/secrets.ts';
import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';

const fix = (name: string) =>
  `It would be kept in the store, in run.json, in reports and archives. Write \${env:${name}}, and set ${name} where autopilot runs`;

/** Finds secrets in clear text, because a config is stored, shown and shared. */
export function secretChecks({ trainer, launcher, notify }: ResolvedStudyConfig): ConfigProblem[] {
  return [
    ...(trainer.kind === 'command' ? inEnvironment('trainer', trainer.environment) : []),
    ...('environment' in launcher ? inEnvironment('launcher', launcher.environment) : []),
    ...(trainer.kind === 'command' ? inCommand(trainer.command, 'trainer') : []),
    ...(notify?.command === undefined ? [] : inCommand(notify.command, 'notify')),
    ...(notify?.webhook === undefined ? [] : inWebhook(notify.webhook)),
    ...('setup' in launcher ? inSetup(launcher.setup) : []),
  ];
}

function inEnvironment(section: string, environment: Record<string, string>): ConfigProblem[] {
  return Object.entries(environment)
    .filter(([name, value]) => isSecretName(name) && isInClear(value))
    .map(([name]) => ({
      path: [section, 'environment', name],
      message: `${section}.environment.${name} is a secret in plain text. ${fix(name)}`,
    }));
}

/** `--api-key=…`, and `--api-key` followed by a word. */
function inCommand(command: readonly string[], section: string): ConfigProblem[] {
  return command.flatMap((part, index) => {
    const [, option = '', name = '', given] =
      /^(--?[\w-]*?(api[-_]?key|token|password|secret))(?:=(.*))?$/is.exec(part) ?? [];
    const value = option === '' ? '' : (given ?? command[index + 1] ?? '');
    if (!isInClear(value) || (given === undefined && value.startsWith('-'))) return [];
    const variable = name.toUpperCase().replace(/\W/g, '_');
    const at = given === undefined ? index + 1 : index;
    return [
      {
        path: [section, 'command', at],
        message: `${section}.command[${at}], the value of ${option}, is a secret in plain text. ${fix(variable)}`,
      },
    ];
  });
}

/** Addresses that are themselves secrets: whoever knows one can post to it. */
const keyAddress =
  /^https?:\/\/([^/]*@|hooks\.slack\.com\/|(\w+\.)?discord(app)?\.com\/api\/webhooks\/|[\w-]+\.webhook\.office\.com\/)|[?&][\w-]*(key|token|secret|sig|password)=(?!\$\{env:)/i;

function inWebhook(address: string): ConfigProblem[] {
  if (!keyAddress.test(address)) return [];
  return [
    { path: ['notify', 'webhook'], message: `notify.webhook has a secret in plain text. ${fix('AUTOPILOT_WEBHOOK')}` },
  ];
}

/** `export WANDB_API_KEY=…` */
function inSetup(setup: readonly string[]): ConfigProblem[] {
  return setup.flatMap((line, index) => {
    const [, name = '', value = ''] = /(?:^|[\s;])(\w+)=["']?([^\s;"']*)/.exec(line) ?? [];
    if (!isSecretName(name) || value === '' || value.startsWith('$')) return [];
    return [
      {
        path: ['launcher', 'setup', index],
        message: `launcher.setup[${index}] sets ${name} to a secret in plain text. Leave the line out, and give launcher.environment.${name}. ${fix(name)}`,
      },
    ];
  });
}
