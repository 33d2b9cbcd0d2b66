import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import type { LauncherConfig } from '../../config/sections/launcher.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { referencesIn, withReferences } from '../../domain/secrets.ts';

/** Refuses a config that refers to unset or empty environment variables, before anything is trained. */
export function requireReferences({
  trainer,
  launcher,
  notify,
}: Pick<ResolvedStudyConfig, 'trainer' | 'launcher' | 'notify'>): void {
  const texts = [
    ...(trainer.kind === 'command' ? [...trainer.command, ...Object.values(trainer.environment)] : []),
    ...('environment' in launcher ? Object.values(launcher.environment) : []),
    ...[notify?.webhook ?? [], notify?.command ?? []].flat(),
  ];
  const missing = [...new Set(texts.flatMap(referencesIn))].filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  throw new AutopilotError(
    'config.secret',
    `The config refers to ${missing.map((name) => `\${env:${name}}`).join(', ')}, which is unset or empty. Set it where autopilot runs: ${missing.map((name) => `export ${name}=…`).join('; ')}`,
  );
}

/** The text with its references to environment variables filled in. */
export function filledFromEnvironment(text: string): string {
  return withReferences(text, process.env);
}

/** The launcher's config with the references in its ranks' environment filled in. */
export function launcherWithSecrets(launcher: LauncherConfig): LauncherConfig {
  if (!('environment' in launcher)) return launcher;
  const environment = Object.entries(launcher.environment).map(([name, value]) => [name, filledFromEnvironment(value)]);
  return { ...launcher, environment: Object.fromEntries(environment) };
}
