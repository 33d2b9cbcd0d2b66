import { commandStart } from '../command-start.ts';
import type { ConfigProblem } from '../problem.ts';
import type { ResolvedStudyConfig } from '../resolve.ts';

/** Finds placements and memory limits that would have no effect or that another field contradicts. */
export function placementChecks({ placement, memory, trainer, launcher }: ResolvedStudyConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const say = (path: string[], message: string) => problems.push({ path, message });
  const { devices } = placement;
  if (trainer.kind === 'simulated' && devices !== 'all') {
    say(['placement', 'devices'], 'placement.devices: the simulated trainer uses no GPU; leave it out');
  }
  if (memory.heapMb !== undefined && trainer.kind !== 'embedded') {
    const fix =
      trainer.kind === 'command'
        ? `for a Node program set trainer.environment: { NODE_OPTIONS: --max-old-space-size=${memory.heapMb} }`
        : 'leave it out';
    say(['memory', 'heapMb'], `memory.heapMb limits the embedded trainer, but trainer.kind is ${trainer.kind}; ${fix}`);
  }
  if (trainer.kind !== 'command') return problems;
  const start = commandStart(trainer, launcher);
  if (devices === 'localRank' && start !== 'perRank') {
    say(
      ['placement', 'devices'],
      `placement.devices is localRank, but trainer.command is started ${start === 'once' ? 'once' : 'once per node'} and places its workers itself; name the GPUs it may use ("devices: [0, 1]"), or leave it out`,
    );
  }
  if (devices !== 'all' && trainer.environment.CUDA_VISIBLE_DEVICES !== undefined) {
    say(
      ['placement', 'devices'],
      'placement.devices and trainer.environment.CUDA_VISIBLE_DEVICES say the same thing; leave one of them out',
    );
  }
  return problems;
}
