import { commandStart, type ProgramStart } from '../../config/command-start.ts';
import type { ResolvedStudyConfig } from '../../config/resolve.ts';
import { processesFor } from '../../config/sections/processes.ts';
import { hashOf } from '../../domain/hash.ts';
import type { Program } from '../../launcher/launcher.ts';
import { ownProgram } from '../../protocol/own-program.ts';
import type { RunSpec } from '../../protocol/run-spec.ts';
import { secretVariable } from '../../protocol/secret.ts';
import { nodeOptions, rankResources } from './rank-resources.ts';
import { filledFromEnvironment } from './secrets.ts';

export interface TrainerProgramOptions {
  config: Pick<ResolvedStudyConfig, 'trainer' | 'placement' | 'memory' | 'compute'> & {
    launcher: Pick<ResolvedStudyConfig['launcher'], 'kind'>;
  };
  spec: RunSpec;
  runDirectory: string;
  /** Hash of the deployed program; null before deployment, to show what would be started. */
  deployed: string | null;
  /** The attempt's secret; null before there is an attempt, to show what would be started. */
  secret: string | null;
  /** GPUs that the attempt has to itself; null if none were assigned. */
  devices?: readonly number[] | null;
  /** Threads of a command's processes if the study sets none; null leaves them to the command. */
  share?: number | null;
}

/** The program to start for a run, depending on its kind of trainer. */
export function trainerProgram({
  config,
  spec,
  runDirectory,
  deployed,
  secret,
  devices: given = null,
  share = null,
}: TrainerProgramOptions): Program {
  const signed = secret === null ? {} : { [secretVariable]: secret };
  const { trainer, launcher } = config;
  if (trainer.kind !== 'command') {
    const [entry, start] = (
      trainer.kind === 'embedded' ? ['trainer/worker/main', 'perRank'] : ['trainer/simulated/main', 'once']
    ) as [string, ProgramStart];
    return {
      command: ownProgram(entry, nodeOptions(config)),
      directory: runDirectory,
      environment: {
        ...rankResources({ config, start, given, share }),
        ...(deployed === null ? {} : { AUTOPILOT_PROGRAM: deployed }),
        ...signed,
      },
      start,
    };
  }
  const masterPort = freePort(`${runDirectory} ${spec.attempt}`);
  const filled = placeholders({
    masterPort: String(masterPort),
    workers: String(spec.workers),
    processes: String(processesFor(trainer, spec.workers)),
    runDirectory,
    seed: String(spec.seed),
    attempt: String(spec.attempt),
  });
  // For display only, references are not filled in.
  const fill = (text: string) => (secret === null ? filled(text) : filledFromEnvironment(filled(text)));
  const start = commandStart(trainer, launcher);
  const own = Object.entries(trainer.environment).map(([name, value]) => [name, fill(value)]);
  return {
    command: trainer.command.map(fill),
    directory: trainer.directory,
    environment: { ...rankResources({ config, start, given, share }), ...Object.fromEntries(own), ...signed },
    start,
    masterPort,
  };
}

/** A port derived from the attempt, below the range that systems use for outgoing connections. */
function freePort(attempt: string): number {
  return 20_000 + (Number.parseInt(hashOf(attempt).slice(0, 8), 16) % 10_000);
}

/** Replaces `{name}` with its value; other braces (JSON, say) stay as they are. */
function placeholders(values: Record<string, string>): (text: string) => string {
  return (text) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
