import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { namedComponents } from '../../config/checks/component-checks.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { count } from '../../domain/text/format.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { composeFile } from './compose-file.ts';

export const recipeKinds = ['apptainer', 'compose', 'docker'] as const;
export type RecipeKind = (typeof recipeKinds)[number];

export interface RecipeOptions {
  config: ResolvedStudyConfig;
  /** Absolute path of the study file's folder, which the image contains besides autopilot. */
  directory: string;
  /** The study file's name. */
  file: string;
  /** Node's version, which the image pins. */
  node: string;
  /** Autopilot's own folder, with its package.json, which the image installs as npm packs it. */
  root: string;
}

/** A container recipe for a study: Node, autopilot as it is installed here and, unless the launcher is local, MPI. */
export function containerRecipe(kind: RecipeKind, options: RecipeOptions): string {
  switch (kind) {
    case 'docker':
      return dockerfile(options);
    case 'compose':
      return composeFile({ ...options, image: imageName(options), volumes: mounts(options) });
    case 'apptainer':
      return apptainer(options);
  }
}

const imageName = ({ config }: RecipeOptions) => config.name.toLowerCase();

/** Whether the study has several hosts, which reach each other by ssh. */
const hasHosts = ({ config: { launcher } }: RecipeOptions) =>
  launcher.kind === 'mpi' && launcher.hostfile !== undefined;

/** The lock file of a clone; null for an installed package, which has none. */
const lockOf = (root: string) => (existsSync(join(root, 'package-lock.json')) ? join(root, 'package-lock.json') : null);

function packages(options: RecipeOptions): string[] {
  const mpi = options.config.launcher.kind === 'local' ? [] : ['libopenmpi-dev', 'openmpi-bin'];
  const ssh = hasHosts(options) ? ['openssh-client', 'openssh-server'] : [];
  // better-sqlite3 is compiled where no prebuilt file can be downloaded.
  return ['ca-certificates', 'g++', 'make', 'python3', ...mpi, ...ssh];
}

/** Installs from the folder `packed`: the tarball of `npm pack` and a clone's lock file, which pins the versions. */
function installLines(options: RecipeOptions): string[] {
  const lock = lockOf(options.root) === null ? '' : ' && cp /opt/packed/package-lock.json /opt/autopilot/';
  return [
    `apt-get update && apt-get install -y --no-install-recommends ${packages(options).join(' ')} && rm -rf /var/lib/apt/lists/*`,
    `mkdir /opt/autopilot && tar -xzf /opt/packed/grescale-autopilot-*.tgz -C /opt/autopilot --strip-components=1${lock}`,
    'cd /opt/autopilot && npm_config_nodedir=/usr/local npm install --omit=dev --no-save && ln -s /opt/autopilot/bin/autopilot.js /usr/local/bin/autopilot',
  ];
}

/** The commands that create the folder `packed`. */
function packLine(root: string): string {
  const lock = lockOf(root);
  const pack = `npm pack --ignore-scripts --pack-destination packed ${shellText(root)}`;
  return `mkdir -p packed && { grep -qsx project .dockerignore || printf '\\nproject\\n' >> .dockerignore; } && ${pack}${lock === null ? '' : ` && cp ${shellText(lock)} packed/`}`;
}

/** Mounts for the study's files outside its folder, at the paths in the config: absolute, or relative to /study. */
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

/** A reminder to install what the study's command needs, which autopilot does not know. */
function commandLines({ config }: RecipeOptions): string[] {
  return config.trainer.kind === 'command'
    ? [`# Install here what the study's command needs: ${config.trainer.command.join(' ')}`]
    : [];
}

function dockerfile(options: RecipeOptions): string {
  const { config, file, node, root } = options;
  const image = imageName(options);
  const volumes = mounts(options).map(({ from, to }) => ` -v ${shellText(`${from}:${to}:ro`)}`);
  return [
    `# Study ${config.name}, ${count(config.workers, 'worker')}. In the study's folder, with this text as Dockerfile there:`,
    `#   ${packLine(root)}`,
    `#   docker build -t ${image} .`,
    `# Run: docker run --rm -v "$PWD/project:/project"${volumes.join('')} ${image}`,
    `# The same for podman or buildah. Another base, with Node and npm in /usr/local: --build-arg BASE=IMAGE`,
    `ARG BASE=docker.io/library/node:${node}-bookworm-slim`,
    'FROM $BASE',
    'COPY packed /opt/packed',
    ...installLines(options).map((line) => `RUN ${line}`),
    ...commandLines(options),
    'COPY . /study',
    'RUN rm -r /study/packed',
    // Named in reports.
    `ENV AUTOPILOT_CONTAINER=${image}`,
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
    `# Study ${config.name}, ${count(config.workers, 'worker')}. In the study's folder, with this text as ${config.name}.def there:`,
    `#   ${packLine(root)}`,
    `#   apptainer build ${config.name}.sif ${config.name}.def`,
    `# Run: apptainer run --bind "$PWD/project:/project"${binds.join('')} ${config.name}.sif`,
    'Bootstrap: docker',
    `From: node:${node}-bookworm-slim`,
    '',
    '%files',
    '    packed /opt/packed',
    `    ${directory} /study`,
    '',
    '%post',
    ...[...installLines(options), ...commandLines(options)].map((line) => `    ${line}`),
    '    rm -rf /study/packed && mkdir -p /project',
    '',
    '%runscript',
    `    cd /project && exec autopilot run ${shellText(`/study/${file}`)} "$@"`,
    '',
  ].join('\n');
}
