import { relative } from 'node:path';
import type { ResolvedStudyConfig } from '../config/resolve.ts';

export const recipeKinds = ['apptainer', 'docker'] as const;
export type RecipeKind = (typeof recipeKinds)[number];

export interface RecipeOptions {
  config: ResolvedStudyConfig;
  /** Absolute path of the study file's folder: what the image holds besides autopilot. */
  directory: string;
  /** The study file's name. */
  file: string;
  /** Versions that the image pins. */
  node: string;
  autopilot: string;
}

/** The text of a container recipe for a study: Node, autopilot and, where the launcher needs it, the host's MPI family. */
export function containerRecipe(kind: RecipeKind, options: RecipeOptions): string {
  return kind === 'docker' ? dockerfile(options) : apptainer(options);
}

function packages({ config }: RecipeOptions): string[] {
  const mpi = config.launcher.kind === 'local' ? [] : ['g++', 'libopenmpi-dev', 'make', 'openmpi-bin', 'python3'];
  return ['ca-certificates', ...mpi];
}

function installLines(options: RecipeOptions): string[] {
  return [
    `apt-get update && apt-get install -y --no-install-recommends ${packages(options).join(' ')} && rm -rf /var/lib/apt/lists/*`,
    `npm install --global grescale-autopilot@${options.autopilot}`,
  ];
}

/** Data outside the study's folder is mounted, not copied. */
function mounts({ config, directory }: RecipeOptions): string[] {
  if (config.data.kind !== 'slices') return [];
  return relative(directory, config.data.path).startsWith('..') ? [config.data.path] : [];
}

function dockerfile(options: RecipeOptions): string {
  const { config, file, node } = options;
  const volumes = mounts(options).map((path) => ` -v ${path}:${path}:ro`);
  return [
    `# Study ${config.name}, ${config.workers} workers. Build in the study's folder: docker build -t ${config.name.toLowerCase()} .`,
    `# Run: docker run --rm -v "$PWD/project:/project"${volumes.join('')} ${config.name.toLowerCase()}`,
    `FROM node:${node}-bookworm-slim`,
    ...installLines(options).map((line) => `RUN ${line}`),
    'COPY . /study',
    'WORKDIR /project',
    `ENTRYPOINT ["autopilot"]`,
    `CMD ["run", "/study/${file}"]`,
    '',
  ].join('\n');
}

function apptainer(options: RecipeOptions): string {
  const { config, directory, file, node } = options;
  const binds = mounts(options).map((path) => ` --bind ${path}`);
  return [
    `# Study ${config.name}, ${config.workers} workers. Build: apptainer build ${config.name}.sif ${config.name}.def`,
    `# Run: apptainer run --bind "$PWD/project:/project"${binds.join('')} ${config.name}.sif`,
    'Bootstrap: docker',
    `From: node:${node}-bookworm-slim`,
    '',
    '%files',
    `    ${directory} /study`,
    '',
    '%post',
    ...installLines(options).map((line) => `    ${line}`),
    '',
    '%runscript',
    `    cd /project && exec autopilot run /study/${file} "$@"`,
    '',
  ].join('\n');
}
