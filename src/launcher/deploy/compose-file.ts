import { stringify } from 'yaml';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { count } from '../../domain/text/format.ts';
import { shellText } from '../../domain/text/shell-text.ts';
import { hostNames } from './host-names.ts';

export interface ComposeOptions {
  config: ResolvedStudyConfig;
  /** The study file's name in the image's /study. */
  file: string;
  /** The image that the study's Dockerfile builds. */
  image: string;
  /** Folders outside the study's, mounted read-only. */
  volumes: readonly { from: string; to: string }[];
}

/**
 * A Compose file with one container for each host of `launcher.hostfile`: the first runs the study, ranks are started on
 * the others by ssh, with a key that exists only in the project's own volume.
 */
export function composeFile({ config, file, image, volumes }: ComposeOptions): string {
  const { launcher, name } = config;
  if (launcher.kind !== 'mpi' || launcher.hostfile === undefined) {
    const found = launcher.kind === 'mpi' ? 'launcher.hostfile is missing' : `launcher.kind is ${launcher.kind}`;
    throw new AutopilotError(
      'deploy.hosts',
      `A Compose file has a container for each host of launcher.hostfile, but ${found}. Write "launcher: { kind: mpi, hostfile: hosts }" and the hosts, such as "host-1 slots=2" and "host-2 slots=2", or use --recipe docker for one container.`,
    );
  }
  const [first = '', ...others] = hostNames(launcher.hostfile);
  const all = {
    image,
    shm_size: '512m',
    volumes: ['./project:/project', 'keys:/root/.ssh', ...volumes.map(({ from, to }) => `${from}:${to}:ro`)],
  };
  const engine = {
    ...all,
    hostname: first,
    depends_on: others,
    entrypoint: ['sh', '-ec'],
    // Compose reads a single $ as one of its own variables.
    command: [startLines(others, file).join('\n').replaceAll('$', '$$$$')],
  };
  const ranks = others.map((host): [string, object] => [
    host,
    { ...all, hostname: host, entrypoint: ['sh', '-ec'], command: ['mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e'] },
  ]);
  const services = { [first]: engine, ...Object.fromEntries(ranks) };
  return [
    `# Study ${name}, ${count(config.workers, 'worker')} on ${count(1 + others.length, 'container')}. Build the image first (--recipe docker), save this`,
    "# text as compose.yaml in the study's folder, and run there:",
    `#   docker compose up --abort-on-container-exit --exit-code-from ${first}`,
    stringify({ name: image, services, volumes: { keys: {} } }, { lineWidth: 0, aliasDuplicateObjects: false }),
  ].join('\n');
}

/** Creates the key if it is missing, waits until every other host accepts it, and runs the study. */
function startLines(others: readonly string[], file: string): string[] {
  return [
    'cd ~/.ssh && chmod 700 .',
    '[ -f id_ed25519 ] || ssh-keygen -q -t ed25519 -N "" -f id_ed25519',
    'cp id_ed25519.pub authorized_keys',
    'printf "StrictHostKeyChecking accept-new\\nConnectTimeout 5\\n" > config',
    ...others.map((host) => `until ssh ${host} true; do sleep 1; done`),
    `cd /project && exec autopilot run ${shellText(`/study/${file}`)}`,
  ];
}
