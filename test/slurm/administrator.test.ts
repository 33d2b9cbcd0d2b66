import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slurmQueue } from '../../src/launcher/slurm/queue.ts';
import { autopilot, outcome, writeStudy } from '../support/faulty-study.ts';
import { hasAccounting, hasSlurm, slurm, startSlurm, type TestSlurm } from '../support/slurm.ts';
import { eventsOf, restingUntil } from '../support/tiny-run.ts';

const embedded = { epochs: 40, setting: { initialLr: 0.05, warmupEpochs: 1, decayEpochs: 2 } };
const launcher = { kind: 'slurm', pollSeconds: 0.3 };
const accounting = hasSlurm() && hasAccounting();

/** What users cannot see coming: somebody else's job, a node taken out of service, a job held, a Slurm that forgets. */
describe.skipIf(!hasSlurm())('a study on a Slurm that is administered', { timeout: 120_000 }, () => {
  let cluster: TestSlurm;
  let undisturbed: Record<string, string>;
  let [heldJob, heldName] = ['', ''];
  beforeAll(async () => {
    cluster = startSlurm({ accounting });
    const calm = writeStudy({ kind: 'local', shards: 'exact' }, { ...embedded, components: restingUntil('/') });
    await autopilot(['run', join(calm, 'study.yaml'), '--project', calm]).ended;
    undisturbed = outcome(calm).weights;
    expect(Object.values(undisturbed)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  }, 120_000);
  afterAll(() => cluster?.stop());

  function start(more: Record<string, unknown> = {}) {
    const go = join(mkdtempSync(join(tmpdir(), 'disturbed-')), 'go');
    const project = writeStudy({ ...launcher, ...more }, { ...embedded, components: restingUntil(go) });
    const engine = autopilot(['run', join(project, 'study.yaml'), '--project', project]);
    let said = '';
    for (const stream of [engine.child.stdout, engine.child.stderr]) {
      stream?.on('data', (text) => {
        said += text;
      });
    }
    return { project, ended: engine.ended, said: () => said, go: () => writeFileSync(go, '') };
  }

  const events = (project: string) =>
    readdirSync(project).includes('runs')
      ? readdirSync(join(project, 'runs')).flatMap((run) => eventsOf(join(project, 'runs', run)))
      : [];

  const eventually = (what: () => unknown) => expect.poll(what, { timeout: 60_000, interval: 50 });
  const startsOf = (project: string) => events(project).filter(({ type }) => type === 'started');
  const untilCheckpoint = (project: string) =>
    eventually(() => events(project).some(({ type }) => type === 'checkpoint')).toBe(true);
  const jobs = (...wanted: string[]) =>
    slurm('squeue', '--noheader', ...wanted)
      .split('\n')
      .filter(Boolean);

  it('is trained by another attempt, from the last checkpoint, when a more urgent job cancels its own', async () => {
    const { project, ended, go } = start({ partition: 'yield', nodes: 1, extraArguments: ['--nodelist=c1'] });
    await untilCheckpoint(project);
    slurm('sbatch', '--partition=high', '--nodelist=c1', '--exclusive', '--output=/dev/null', '--wrap=sleep 1');
    await eventually(() => startsOf(project)).toHaveLength(2);
    go();
    const { output } = await ended;
    expect(outcome(project), output).toEqual({ weights: undisturbed, finished: 1, attempts: 2 });
    expect(startsOf(project)[1]).toHaveProperty('resumedFromStep');
  });

  it('goes on by itself, from the last checkpoint, when a node of its job is set down', async () => {
    const { project, ended, go } = start({ nodes: 1 });
    await untilCheckpoint(project);
    const [node = ''] = jobs('--states=running', '--partition=low', '--format=%N');
    slurm('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=tested');
    await eventually(() => startsOf(project)).toHaveLength(2);
    go();
    const { output } = await ended;
    slurm('scontrol', 'update', `nodename=${node}`, 'state=resume');
    expect(outcome(project), output).toMatchObject({ weights: undisturbed, finished: 1 });
    expect(startsOf(project)[1]).toHaveProperty('resumedFromStep');
  });

  it('says that its job is held and by which command it is released, and then goes on', async () => {
    const blocker = slurm('sbatch', '--parsable', '--nodes=4', '--exclusive', '--output=/dev/null', '--wrap=sleep 600');
    await eventually(() => jobs('--states=running', '--format=%i')).toEqual([blocker]);
    const { project, ended, said, go } = start();
    go();
    await eventually(() => jobs('--states=pending', '--format=%i')).toHaveLength(1);
    const [job = '', name = ''] = jobs('--states=pending', '--format=%i %j').join().split(' ');
    [heldJob, heldName] = [job, name];
    slurm('scontrol', 'hold', job);
    slurm('scancel', blocker);
    await eventually(said).toMatch(
      new RegExp(`Slurm job ${job} waits: it is held .*: scontrol release ${job} \\(JobHeld`),
    );
    slurm('scontrol', 'release', job);
    const { output } = await ended;
    expect(outcome(project), output).toEqual({ weights: undisturbed, finished: 1, attempts: 1 });
  });

  it.skipIf(!accounting)('knows from accounting how jobs ended that the controller has forgotten', async () => {
    const submit = (does: string) => slurm('sbatch', '--parsable', '--output=/dev/null', `--wrap=${does}`);
    const [good, bad, cancelled] = [submit('exit 0'), submit('exit 3'), submit('sleep 600')];
    await eventually(() => jobs(`--jobs=${good},${bad}`, '--states=all', '--format=%T').sort()).toEqual([
      'COMPLETED',
      'FAILED',
    ]);
    await eventually(() => jobs('--states=running', '--format=%i')).toContain(cancelled);
    slurm('scancel', cancelled);
    await eventually(() => jobs(`--jobs=${cancelled}`, '--states=all', '--format=%T')).toEqual(['CANCELLED']);
    cluster.controllerDown();
    cluster.controllerUp({ forgetful: true });
    await eventually(() => slurm('scontrol', 'ping')).toMatch(/is UP/);
    const queue = slurmQueue();
    const ended = (id: string) => queue.entryOf(id).then((entry) => (entry === 'unreachable' ? entry : { ...entry }));
    expect(await ended(good)).toMatchObject({ known: true, state: 'COMPLETED', exitCode: 0, signal: 0 });
    expect(await ended(bad)).toMatchObject({ known: true, state: 'FAILED', exitCode: 3 });
    expect(await ended(cancelled)).toMatchObject({ known: true, state: 'CANCELLED' });
    expect(await ended('999999')).toEqual({ known: false });
    expect(await queue.findByName(heldName)).toBe(heldJob);
    expect(await queue.findByName('never submitted')).toBeNull();
  });
});
