import type { ResolvedStudyConfig } from '../config/resolve.ts';
import type { Program } from '../launcher/launcher.ts';
import type { RunSpec } from '../protocol/run-spec.ts';
import { ownProgram } from './own-program.ts';

export interface TrainerProgramOptions {
  trainer: ResolvedStudyConfig['trainer'];
  spec: RunSpec;
  runDirectory: string;
  /** Hash of the deployed program; null before it is deployed, to show what would be started. */
  deployed: string | null;
}

/** What to start for a run, by the kind of its trainer. */
export function trainerProgram({ trainer, spec, runDirectory, deployed }: TrainerProgramOptions): Program {
  if (trainer.kind !== 'command') {
    const entry = trainer.kind === 'embedded' ? 'worker/main' : 'simulated/main';
    return {
      command: ownProgram(entry),
      directory: runDirectory,
      environment: deployed === null ? {} : { AUTOPILOT_PROGRAM: deployed },
      startsWorkers: trainer.kind === 'simulated',
    };
  }
  const fill = placeholders({
    workers: String(spec.workers),
    runDirectory,
    seed: String(spec.seed),
    attempt: String(spec.attempt),
  });
  return {
    command: trainer.command.map(fill),
    directory: trainer.directory,
    environment: Object.fromEntries(Object.entries(trainer.environment).map(([name, value]) => [name, fill(value)])),
    // A command that is told how many workers there are starts them itself, as torchrun does.
    startsWorkers: trainer.command.some((part) => part.includes('{workers}')),
  };
}

/** Replaces `{name}` by its value; other braces (JSON, say) stay as they are. */
function placeholders(values: Record<string, string>): (text: string) => string {
  return (text) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
