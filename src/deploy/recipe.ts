import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { namedComponents } from '../config/component-checks.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { shellText } from '../domain/shell-text.ts';

export const recipeKinds = ['apptainer', 'docker'] as const;
export type RecipeKind = (typeof recipeKinds)[number];

export interface RecipeOptions {
  config: ResolvedStudyConfig;
  /** Absolute path of the study file's folder: what the image holds besides autopilot. */
  directory: string;
  /** The study file's name. */
  file: string;
  /** Node's version, which the image pins. */
  node: string;
  /** Autopilot's own folder, with its package.json: what the image installs. */
  root: string;
}

/** The text of a container recipe for a study: Node, autopilot as it is installed here and, where ranks talk, MPI. */
export function containerRecipe(kind: RecipeKind, options: RecipeOptions): string {
  return kind === 'docker' ? dockerfile(options) : apptainer(options);
}

/** What of autopilot an image needs; npm brings the rest, as a clone's lock file says: an installed package has none. */
const ownParts = (root: string) =>
  ['package.json', 'package-lock.json', 'packages', 'bin', 'dist'].filter(
    (part) => part !== 'package-lock.json' || existsSync(join(root, part)),
  );

function packages({ config }: RecipeOptions): string[] {
  const mpi = config.launcher.kind === 'local' ? [] : ['libopenmpi-dev', 'openmpi-bin'];
  // better-sqlite3 is compiled where no prebuilt file can be downloaded.
  return ['ca-certificates', 'g++', 'make', 'python3', ...mpi];
}

function installLines(options: RecipeOptions): string[] {
  return [
    `apt-get update && apt-get install -y --no-install-recommends ${packages(options).join(' ')} && rm -rf /var/lib/apt/lists/*`,
    'cd /opt/autopilot && npm_config_nodedir=/usr/local npm install --omit=dev --no-save && ln -s /opt/autopilot/bin/autopilot.js /usr/local/bin/autopilot',
  ];
}

/** The study's files outside its folder are mounted, not copied: where the config names them, absolute or from /study. */
function mounts({ config, directory }: RecipeOptions): { from: string; to: string }[] {
  const { data, model } = config;
  const paths = [
    ...(data.kind === 'slices' ? [data.path] : []),
    ...(model.initFrom === undefined ? [] : [model.initFrom]),
    ...namedComponents(config).map((its) => dirname(its.config.module)),
  ];
  const outside = [...new Set(paths)].filter((path) => relative(directory, path).startsWith('..'));
  return outside.flatMap((from) => {
    const named = resolve('/study', relative(directory, from));
    return [...new Set([from, named])].map((to) => ({ from, to }));
  });
}

/** A command needs more than autopilot knows of. */
function commandLines({ config }: RecipeOptions): string[] {
  return config.trainer.kind === 'command'
    ? [`# Install here what the study's command needs: ${config.trainer.command.join(' ')}`]
    : [];
}

function dockerfile(options: RecipeOptions): string {
  const { config, file, node, root } = options;
  const image = config.name.toLowerCase();
  const volumes = mounts(options).map(({ from, to }) => ` -v ${shellText(`${from}:${to}:ro`)}`);
  return [
    `# Study ${config.name}, ${config.workers} workers. Build in the study's folder, with BuildKit:`,
    `#   docker build --build-context autopilot=${shellText(root)} -t ${image} .`,
    `# Run: docker run --rm -v "$PWD/project:/project"${volumes.join('')} ${image}`,
    `FROM node:${node}-bookworm-slim`,
    ...ownParts(root).map((part) => `COPY --from=autopilot ${part} /opt/autopilot/${part}`),
    ...installLines(options).map((line) => `RUN ${line}`),
    ...commandLines(options),
    'COPY . /study',
    'WORKDIR /project',
    'ENTRYPOINT ["autopilot"]',
    `CMD ${JSON.stringify(['run', `/study/${file}`])}`,
    '',
  ].join('\n');
}

function apptainer(options: RecipeOptions): string {
  const { config, directory, file, node, root } = options;
  const binds = mounts(options).map(({ from, to }) => ` --bind ${shellText(`${from}:${to}:ro`)}`);
  return [
    `# Study ${config.name}, ${config.workers} workers. Build: apptainer build ${config.name}.sif ${config.name}.def`,
    `# Run: apptainer run --bind "$PWD/project:/project"${binds.join('')} ${config.name}.sif`,
    'Bootstrap: docker',
    `From: node:${node}-bookworm-slim`,
    '',
    '%files',
    ...ownParts(root).map((part) => `    ${join(root, part)} /opt/autopilot/${part}`),
    `    ${directory} /study`,
    '',
    '%post',
    ...[...installLines(options), ...commandLines(options)].map((line) => `    ${line}`),
    '    mkdir -p /project',
    '',
    '%runscript',
    `    cd /project && exec autopilot run ${shellText(`/study/${file}`)} "$@"`,
    '',
  ].join('\n');
}
