import { commandStart } from '../config/command-start.ts';
import type { ResolvedStudyConfig } from '../config/resolve.ts';
import { hashOf } from '../domain/hash.ts';
import type { Program } from '../launcher/launcher.ts';
import type { RunSpec } from '../protocol/run-spec.ts';
import { ownProgram } from './own-program.ts';

export interface TrainerProgramOptions {
  trainer: ResolvedStudyConfig['trainer'];
  launcher: Pick<ResolvedStudyConfig['launcher'], 'kind'>;
  spec: RunSpec;
  runDirectory: string;
  /** Hash of the deployed program; null before it is deployed, to show what would be started. */
  deployed: string | null;
}

/** What to start for a run, by the kind of its trainer. */
export function trainerProgram({ trainer, launcher, spec, runDirectory, deployed }: TrainerProgramOptions): Program {
  if (trainer.kind !== 'command') {
    const entry = trainer.kind === 'embedded' ? 'worker/main' : 'simulated/main';
    return {
      command: ownProgram(entry),
      directory: runDirectory,
      environment: deployed === null ? {} : { AUTOPILOT_PROGRAM: deployed },
      start: trainer.kind === 'simulated' ? 'once' : 'perRank',
    };
  }
  const masterPort = freePort(`${runDirectory} ${spec.attempt}`);
  const fill = placeholders({
    masterPort: String(masterPort),
    workers: String(spec.workers),
    runDirectory,
    seed: String(spec.seed),
    attempt: String(spec.attempt),
  });
  return {
    command: trainer.command.map(fill),
    directory: trainer.directory,
    environment: Object.fromEntries(Object.entries(trainer.environment).map(([name, value]) => [name, fill(value)])),
    start: commandStart(trainer, launcher),
    masterPort,
  };
}

/** Another one for each attempt, below the ports that systems give to outgoing connections. */
function freePort(attempt: string): number {
  return 20_000 + (Number.parseInt(hashOf(attempt).slice(0, 8), 16) % 10_000);
}

/** Replaces `{name}` by its value; other braces (JSON, say) stay as they are. */
function placeholders(values: Record<string, string>): (text: string) => string {
  return (text) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
