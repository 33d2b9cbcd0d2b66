import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { openStore } from '../../../db/index.ts';
import type { Job, Work } from '../../dashboard/work.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { guidelineKind } from '../../engine/plans/guideline-kind.ts';
import { isHeld } from '../../engine/study/lease.ts';
import { storedStudy } from '../../engine/study/stored-study.ts';
import { makeFolder } from '../../protocol/files/make-folder.ts';
import { confined } from '../../protocol/files/within.ts';
import { composeStudy } from '../../report/composed-study/composed-study.ts';
import { epochSeconds } from '../../report/composed-study/study-price.ts';
import { composedStudyText } from '../../report/composed-study/text.ts';
import { initConfigText, initDefaults } from '../init/config.ts';
import { withStore } from '../project.ts';
import { storeFileName } from '../project-option.ts';
import { knownIn } from '../study/known-trainings.ts';
import { configFields, exampleFolder, examples, knownModels, trainedRuns } from './choices.ts';
import { pageJobs } from './jobs.ts';
import { readPageConfig } from './page-config.ts';
import { commandOf } from './tools.ts';

const { launcher: _, ...firstDraft } = initDefaults;
const planWidth = 100;
/** Maximum number of a folder's entries that are offered. */
const mostNames = 500;

/** Starts studies and commands in processes of their own, with their output in `PROJECT/page-jobs`. */
export function dashboardWork(projectFolder: string, rootFolders: readonly string[]): Work {
  const project = resolve(projectFolder);
  const roots = rootFolders.map((root) => resolve(root));
  for (const root of roots) requireFolder(root);
  const jobs = pageJobs(project);

  const isAllowed = (path: string) =>
    roots.some((root) => resolve(path) === root || confined(root, resolve(path)) !== null);
  const isReadable = (path: string) => isAllowed(path) || confined(exampleFolder(), resolve(path)) !== null;
  const at = (path: string): string => {
    if (path.startsWith('/') && isAllowed(path)) return resolve(path);
    throw new AutopilotError('work.outside', `${path} is not below any of the roots: ${roots.join(', ')}.`);
  };
  const startJob = (study: string, title: string, args: () => string[]): Job =>
    jobs.start({ kind: 'study', study }, () => ({
      title,
      args: [...args(), '--project', project],
      pictures: null,
    }));

  return {
    roots,
    jobs: jobs.list,
    picture: jobs.picture,
    stop: jobs.stop,
    close: jobs.close,
    choices: async () => ({
      draft: firstDraft,
      fields: configFields(),
      examples: examples(),
      models: await knownModels(project),
      runs: withStore(project, (store) => trainedRuns(store, project)),
    }),
    folder(path) {
      if (!path.startsWith('/') || !isAllowed(path)) return [];
      const folder = resolve(path);
      const entries = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
        ? readdirSync(folder, { withFileTypes: true }).slice(0, mostNames)
        : [];
      return entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort();
    },
    draft: (draft) => initConfigText({ ...draft, command: [], launcher: 'local' }),
    check(text) {
      const read = readPageConfig(text, isReadable);
      if ('problems' in read) return read;
      const { config, given } = read;
      const taken = withStore(project, (store) => store.study(config.name));
      if (taken) return { problems: [`A study ${config.name} already exists; give this one another name`] };
      const seconds = withStore(project, (store) => epochSeconds(config, store));
      const storedBaseline = knownIn(project, guidelineKind, { config, fresh: false }).baseline;
      const options = { width: planWidth, colors: pc.createColors(false) };
      const plan = composedStudyText(composeStudy(config, given, { seconds, storedBaseline }), options);
      return { plan: plan.slice(0, plan.indexOf('\nparallelism definition')).trim() };
    },
    startStudy(text) {
      const read = readPageConfig(text, isReadable);
      if ('problems' in read) throw new AutopilotError('work.config', read.problems.join('\n'));
      const { name } = read.config;
      const folder = join(project, 'studies');
      const file = join(folder, `${name}.yaml`);
      if (existsSync(file) || withStore(project, (store) => store.study(name))) {
        throw new AutopilotError('work.taken', `A study ${name} already exists; give this one another name.`);
      }
      return startJob(name, `Study ${name}`, () => {
        makeFolder(folder);
        writeFileSync(file, text, { flag: 'wx' });
        return ['run', file];
      });
    },
    continueStudy(name) {
      const lease = withStore(project, (store) => store.leaseOf(storedStudy(store, name).id));
      if (lease && isHeld(lease, Date.now())) {
        throw new AutopilotError('work.held', `A process is already working on study ${name}.`);
      }
      // Resume only a study that the page started and whose config still passes: any other may run programs.
      const file = join(project, 'studies', `${name}.yaml`);
      const read = existsSync(file) ? readPageConfig(readFileSync(file, 'utf8'), isReadable) : { problems: [] };
      if ('problems' in read) {
        throw new AutopilotError(
          'work.shell',
          `Study ${name} was started in a shell; continue with: autopilot resume ${name}`,
        );
      }
      return startJob(name, `Study ${name}, resumed`, () => ['resume', name]);
    },
    startTool: (tool) => jobs.start(tool, (folder) => commandOf(tool, folder, { project, at })),
  };
}

/** Creates the project's store if there is none yet, as the page needs one to show. */
export function ensureStore(project: string): void {
  makeFolder(resolve(project));
  openStore({ path: join(resolve(project), storeFileName) }).close();
}

function requireFolder(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new AutopilotError('work.root', `--root ${root} is not a folder. Name one that exists.`);
}
