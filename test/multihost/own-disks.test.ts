import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mpiStatus } from '#mpi-node';
import { runCli } from '../cli/run-cli.ts';
import { readStore } from '../support/engine-process.ts';
import { productCommand } from '../support/program.ts';
import { present } from '../support/required.ts';
import { hasSshServer } from '../support/ssh-server.ts';
import { folderOf } from '../support/stored-run.ts';
import { goodModules } from '../trainer/components/modules.ts';

const script = (name: string) => fileURLToPath(new URL(`./${name}.sh`, import.meta.url));
const slices = fileURLToPath(new URL('../../examples/cerebellum/slices', import.meta.url));
const hasMpi = present('mpi', mpiStatus().available && spawnSync('mpirun', ['--version']).status === 0, 'no MPI');
const hasSsh = present('ssh', hasSshServer && existsSync('/usr/bin/rsync'), 'apt-get install openssh-server rsync');

function hasNamespaces(): boolean {
  const made = spawnSync('sh', [
    '-c',
    'ip netns add apdisk && ip netns exec apdisk unshare -um true; s=$?; ip netns del apdisk; exit $s',
  ]);
  if (made.status === 0) return true;
  console.warn(
    '\n*** NOT TESTED: hosts with disks of their own, because network namespaces are not permitted here ***\n',
  );
  return false;
}

/** Three hosts that talk by ssh and MPI over a network; `folder` is each one's own where a test says so. */
describe.skipIf(!hasMpi || !hasSsh || !hasNamespaces())('hosts with disks of their own', { timeout: 240_000 }, () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'disks-')));
  const shell = join(base, 'shell');
  const [hostKey, key, config] = [join(base, 'host-key'), join(base, 'key'), join(base, 'sshd_config')];
  const daemons: ChildProcess[] = [];

  beforeAll(() => {
    spawnSync(script('down'), ['disk']);
    const up = spawnSync(script('up'), [base, 'disk'], { encoding: 'utf8' });
    expect(up.status, up.stderr).toBe(0);
    for (const path of [hostKey, key]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    const options = ['Port 2222', `HostKey ${hostKey}`, `AuthorizedKeysFile ${key}.pub`, 'StrictModes no', 'UsePAM no'];
    writeFileSync(config, `${[...options, 'PidFile none', 'Subsystem sftp internal-sftp'].join('\n')}\n`);
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const quiet =
      '-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -o LogLevel=ERROR';
    writeFileSync(shell, `#!/bin/sh\nexec ssh -o Port=2222 -i ${key} ${quiet} "$@"\n`);
    chmodSync(shell, 0o755);
  });
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGKILL');
      await ended;
    }
  });
  afterAll(() => {
    spawnSync(script('down'), ['disk']);
    rmSync(base, { recursive: true, force: true });
  });

  /** Starts a real sshd on every host; `own` are folders of which all but the first host see an empty one of their own. */
  async function hosts(own: readonly string[]): Promise<{ diskOf: (host: number, path: string) => string }> {
    const disks = mkdtempSync(join(base, 'disks-'));
    const diskOf = (host: number, path: string) => join(disks, `host-${host}`, path);
    for (const host of [1, 2, 3]) {
      const mounts =
        host === 1
          ? []
          : own.map((path) => `mkdir -p ${diskOf(host, path)} && mount --bind ${diskOf(host, path)} ${path} && `);
      const line = `${mounts.join('')}exec /usr/sbin/sshd -D -e -f ${config}`;
      const daemon = spawn(join(base, 'on'), [`disk${host}`, 'sh', '-c', line], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      daemons.push(daemon);
      await new Promise<void>((resolve, reject) => {
        createInterface({ input: daemon.stderr }).on('line', (text) => text.includes('Server listening') && resolve());
        daemon.once('exit', (code) => reject(new Error(`sshd of host ${host} ended with ${code}`)));
      });
    }
    return { diskOf };
  }

  /** A study with a module of its own and real slices, and the folder its runs go to. */
  function study(deploy: object, launcher: object = {}): { folder: string; project: string; loss: string } {
    const place = mkdtempSync(join(base, 'study-'));
    const [folder, project] = [join(place, 'study'), join(place, 'project')];
    mkdirSync(folder);
    mkdirSync(project);
    cpSync(slices, join(folder, 'slices'), { recursive: true });
    const loss = join(folder, 'loss.mjs');
    writeFileSync(loss, goodModules.loss);
    const mpi = {
      kind: 'mpi',
      hostfile: join(base, 'hostfile'),
      network: '10.77.0.0/24',
      extraArguments: ['--mca', 'plm', 'rsh', '--mca', 'plm_rsh_agent', shell, '--mca', 'btl', 'self,tcp'],
    };
    writeFileSync(
      join(folder, 'study.yaml'),
      stringify({
        name: 'apart',
        workers: 3,
        epochs: 2,
        launcher: { ...mpi, ...launcher },
        deploy: { shell, ...deploy },
        data: { kind: 'slices', path: 'slices' },
        model: { architecture: 'fcn', channels: 2, normalization: 'none' },
        setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 1 },
        components: { loss: { module: 'loss.mjs' } },
        budget: { iterations: 1 },
        baseline: { runs: [{ dice: 0.5, meanAccuracy: 0.5, meanIoU: 0.5 }] },
        attempts: 1,
        compute: { threads: 1 },
      }),
    );
    return { folder, project, loss };
  }

  /** `autopilot run` on the first host. */
  async function run(folder: string, project: string): Promise<string> {
    const command = [...productCommand('cli/main'), 'run', folder, '--project', project, '--json'];
    const child = spawn(join(base, 'on'), ['disk1', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => {
      said += String(text);
    });
    child.stderr.on('data', (text) => {
      said += String(text);
    });
    await once(child, 'close');
    return said;
  }

  const iteration = (project: string) =>
    readStore(project, (store) => store.runsOf('apart').find(({ key }) => key === 'iteration-0'));

  function weightsIn(project: string): string {
    const text = readFileSync(join(folderOf(project, 'apart.iteration-0'), 'events.ndjson'), 'utf8');
    const finished = text.split('\n').find((line) => line.includes('"type":"finished"'));
    return finished === undefined ? 'not finished' : JSON.parse(finished).weightsHash;
  }

  /** The same study with local workers. */
  async function localWeights(): Promise<string> {
    const { folder, project } = study({}, {});
    const text = readFileSync(join(folder, 'study.yaml'), 'utf8');
    const local = text.replace(/^launcher:\n(?: .*\n)+/m, 'launcher:\n  kind: local\n  shards: exact\n');
    writeFileSync(join(folder, 'study.yaml'), local.replace(/^deploy:\n(?: .*\n)+/m, ''));
    const done = await runCli(['run', folder, '--project', project, '--json']);
    expect(done.stderr).toBe('');
    return weightsIn(project);
  }

  it.each(['rsync', 'scp'])(
    'get what a study needs by %s over ssh, and train to the weights of local workers',
    async (copy) => {
      const { folder, project, loss } = study({ copy });
      const { diskOf } = await hosts([folder, project]);
      const said = await run(folder, project);
      expect(iteration(project), said).toMatchObject({ state: 'finished', workers: 3 });
      for (const host of [2, 3]) {
        expect(readFileSync(diskOf(host, loss), 'utf8')).toBe(goodModules.loss);
        expect(readdirSync(diskOf(host, join(folder, 'slices'))).sort()).toEqual(
          readdirSync(slices)
            .filter((name) => name !== 'LICENCE')
            .sort(),
        );
        const directory = folderOf(project, 'apart.iteration-0');
        // Their heartbeats came back to the first host while they trained.
        expect(readdirSync(diskOf(host, directory))).toEqual(
          expect.arrayContaining(['deploy.json', 'run.json', 'heartbeats']),
        );
        const beats = readdirSync(join(directory, 'heartbeats'), { recursive: true }).map(String);
        expect(beats.filter((name) => name.endsWith(`rank-${host - 1}.json`))).toHaveLength(1);
      }
      expect(weightsIn(project)).toBe(await localWeights());
    },
  );

  it('may put it below a folder of their own', async () => {
    const root = join(base, 'scratch');
    mkdirSync(root);
    const { folder, project, loss } = study({ copy: 'rsync', directory: root });
    const { diskOf } = await hosts([root, project]);
    const said = await run(folder, project);
    expect(iteration(project), said).toMatchObject({ state: 'finished' });
    for (const host of [2, 3]) expect(readFileSync(join(diskOf(host, root), loss), 'utf8')).toBe(goodModules.loss);
  });

  it('refuse to train with another file than the study’s, each in its own name', async () => {
    const { folder, project, loss } = study({ copy: 'none' });
    const { diskOf } = await hosts([folder]);
    for (const host of [2, 3]) {
      cpSync(folder, diskOf(host, folder), { recursive: true });
      appendFileSync(diskOf(host, loss), host === 3 ? '// an older one\n' : '');
    }
    const said = await run(folder, project);
    expect(iteration(project), said).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining(
        `On disk3: ${loss} (module) is not the file that the study was launched with, so nothing is trained here.`,
      ),
    });
  });

  it('say that they do not see the run directory, and what to set', async () => {
    const { folder, project } = study({ copy: 'none' });
    await hosts([folder, project]);
    const said = await run(folder, project);
    expect(iteration(project), said).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /disk[23] does not see \/.*apart\.iteration-0\.[0-9a-f]{8}\. It has to be on a file system .* set deploy\.copy to rsync or scp/,
      ),
    });
  });
});
