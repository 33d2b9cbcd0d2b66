import type { QueueEntry } from './queue.ts';

/** Slurm's reasons for a wait that ends by itself: for room, for its turn, or for a time that autopilot chose. */
const itsTurn = new Set(['', 'None', 'Priority', 'Resources', 'BeginTime', 'Cleaning', 'NodesCleaning', 'Prolog']);

const remedies: [pattern: RegExp, remedy: (jobId: string) => string][] = [
  [/held/i, (jobId) => `it is held until released: scontrol release ${jobId}`],
  [/BadConstraints|PartitionNodeLimit|PartitionTimeLimit|PartitionConfig/i, () => wrongRequest],
  [/Down|Drain|NotAvail|PartitionInactive/i, () => 'nodes or a partition it needs are out of service'],
  [/Limit|^(QOS|Assoc)/i, () => 'a limit of your account or its quality of service is reached'],
];

const wrongRequest =
  'no node can ever give it what launcher asks for (partition, nodes, memory, gres, constraint, time)';

/** What keeps a job in the queue apart from waiting its turn, and the remedy; null otherwise. */
export function waitsBecause(entry: QueueEntry, jobId: string): string | null {
  if (entry === 'unreachable' || !entry.known || entry.state !== 'PENDING' || itsTurn.has(entry.reason)) return null;
  const remedy = remedies.find(([pattern]) => pattern.test(entry.reason))?.[1](jobId);
  return `Slurm job ${jobId} waits: ${remedy === undefined ? entry.reason : `${remedy} (${entry.reason})`}`;
}
