import { spawn } from 'node:child_process';
import { namedComponents } from '../../config/checks/component-checks.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { AutopilotError } from '../../domain/errors.ts';
import { ownProgram } from '../../protocol/own-program.ts';

/**
 * Loads the study's own modules in a separate process and checks them against their contracts, before anything is
 * stored or started. Throws an error naming the module if one is incomplete, throws, hangs or returns the wrong shapes.
 */
export async function checkComponents(config: ResolvedStudyConfig, { seconds = 60 } = {}): Promise<void> {
  if (config.trainer.kind !== 'embedded' || namedComponents(config).length === 0) return;
  const { task, components, model, data, loss, strategy, workers, seed, setting } = config;
  const optimizer = components.optimizer === undefined ? setting.optimizer : 'custom';
  const composition = {
    task,
    components,
    model,
    data,
    loss,
    strategy,
    workers,
    seed,
    setting: { optimizer },
    compute: { shards: 'fused' },
  };
  const [executable = '', ...parameters] = ownProgram('trainer/components/check-main');
  const child = spawn(executable, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
  let [output, complaints, late] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, seconds * 1000);
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(composition));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(timer);
  const lines = output
    .split('\n')
    .flatMap((line) => (line.startsWith('@{') ? [JSON.parse(line.slice(1)) as Line] : []));
  const last = lines.at(-1) ?? {};
  if (last.ok) return;
  if (last.message !== undefined) throw new AutopilotError(last.code ?? 'component.failed', last.message);
  const where = last.at ?? 'components';
  if (late) {
    const fix =
      last.method === undefined
        ? 'move what it waits for (a download, a server, an endless loop) out of its top level'
        : 'what it waits for (a download, a server, an endless loop) must be available before the study starts';
    const what = last.method === undefined ? where : `${where}: ${last.method}`;
    throw new AutopilotError('component.hangs', `${what} did not return within ${seconds} s; ${fix}`);
  }
  throw new AutopilotError(
    'component.failed',
    `${where} made its process exit: ${complaints.trim().split('\n').at(-1) ?? 'no reason given'}`,
  );
}

interface Line {
  at?: string;
  method?: string;
  ok?: boolean;
  code?: string;
  message?: string;
}
