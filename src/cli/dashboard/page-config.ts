import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { loadStudyConfig } from '../../config/load.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { configFileName, readConfigSource } from '../../config/source.ts';
import { AutopilotError } from '../../domain/errors.ts';

/** Sections that name no program, no module, no host and no file but those looked at below. */
export const harmless: ReadonlySet<string> = new Set([
  ...['name', 'trainer', 'workers', 'batchPerWorker', 'epochs', 'seed', 'task', 'model', 'data', 'loss', 'setting'],
  ...['start', 'baseline', 'decision', 'guideline', 'goal', 'budget', 'cost', 'launcher', 'concurrentRuns', 'attempts'],
  ...['trainAhead', 'timeouts', 'strategy', 'checkpoints', 'divergence', 'memory', 'placement'],
]);

/**
 * Why a config must be started in a shell: who has the page's token may have things trained, and may run no program
 * of their choice. Only what is named here passes, and it is looked at before anything that the config names is.
 * `isAllowed`: does a path lie below a root?
 */
function shellOnly(given: unknown, isAllowed: (path: string) => boolean): string[] {
  const fields = isFields(given) ? given : {};
  const { trainer, launcher, guideline } = fields;
  const why = Object.keys(fields).flatMap((name) => (harmless.has(name) ? [] : [`${name} may name programs`]));
  const kind = (section: unknown) => (isFields(section) && typeof section.kind === 'string' ? section.kind : null);
  if (kind(trainer) === 'command') why.push('trainer.kind is command');
  if (launcher !== undefined && kind(launcher) !== 'local') why.push(`launcher.kind is ${kind(launcher)}`);
  if (guideline !== undefined && typeof guideline !== 'string') why.push('guideline is none that comes with autopilot');
  const { data, model } = {
    data: isFields(fields.data) ? fields.data : {},
    model: isFields(fields.model) ? fields.model : {},
  };
  if ('prep' in data) why.push('data.prep names folders');
  for (const [name, path] of [['data.path', data.path] as const, ['model.initFrom', model.initFrom] as const]) {
    if (path === undefined) continue;
    if (typeof path !== 'string' || !isAbsolute(path) || !isAllowed(path))
      why.push(`${name} ${JSON.stringify(path)} is no absolute path below a root`);
  }
  return why.map((reason) => `${reason}: start it with "autopilot run" in a shell`);
}

/** A config as the page sends it: read by the schema that every config is read by, with file and line in what it lacks. */
export function readPageConfig(
  text: string,
  isAllowed: (path: string) => boolean,
): { problems: string[] } | { config: ResolvedStudyConfig; given: unknown } {
  const folder = mkdtempSync(join(tmpdir(), 'autopilot-page-'));
  const file = join(folder, configFileName);
  try {
    writeFileSync(file, text);
    const given = readConfigSource(file).value;
    const problems = shellOnly(given, isAllowed);
    return problems.length > 0 ? { problems } : { config: loadStudyConfig(file).config, given };
  } catch (thrown) {
    if (!(thrown instanceof AutopilotError)) throw thrown;
    const lines = thrown.message.split('\n');
    return { problems: lines.length > 1 ? lines.slice(1) : lines };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
