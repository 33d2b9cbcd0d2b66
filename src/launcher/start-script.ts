import { join } from 'node:path';
import { shellText } from '../domain/text/shell-text.ts';
import { localRankVariables, rankDevices } from '../protocol/rank-devices.ts';
import type { Job, Program } from './launcher.ts';
import type { NodeLayout } from './node-layout.ts';

/** The path of a job's start script. */
export function startScriptOf({ runDirectory, attempt }: Pick<Job, 'runDirectory' | 'attempt'>): string {
  return join(runDirectory, 'logs', `${attempt}.start.sh`);
}

/** Whether this is a user's command whose several processes must learn their rank and meet. */
export function meets({ program: { start, masterPort } }: Pick<Job, 'program'>): boolean {
  return start !== 'once' && masterPort !== undefined;
}

export interface StartScriptOptions {
  layout: NodeLayout;
  /** The host of rank 0; null if MASTER_ADDR is in the environment already. */
  masterAddress: string | null;
}

/**
 * The POSIX shell script that every process of a user's command starts as: it learns its rank or node from Open MPI,
 * MPICH or Slurm, and then becomes the command.
 */
export function startScript({ program, workers }: Job, { layout, masterAddress }: StartScriptOptions): string {
  const { command, start, masterPort } = program;
  return `${[
    '#!/bin/sh',
    ...(masterAddress === null ? [] : [`export MASTER_ADDR=${shellText(masterAddress)}`]),
    `export MASTER_PORT=${masterPort}`,
    ...(start === 'perNode' ? nodeLines(command, { workers, layout }) : rankLines(program, workers)),
  ].join('\n')}\n`;
}

function rankLines({ command, environment }: Program, workers: number): string[] {
  const localRank = localRankVariables.reduceRight((otherwise, name) => `\${${name}:-${otherwise}}`, '0');
  return [
    `export RANK="\${OMPI_COMM_WORLD_RANK:-\${PMI_RANK:-\${SLURM_PROCID:-0}}}"`,
    `export WORLD_SIZE=${workers}`,
    `export LOCAL_RANK="${localRank}"`,
    '# Slurm names the ranks of this node: 4,5,6,7',
    `here=$(echo "\${SLURM_GTIDS:-0}" | tr , '\\n' | wc -l)`,
    `export LOCAL_WORLD_SIZE="\${OMPI_COMM_WORLD_LOCAL_SIZE:-\${MPI_LOCALNRANKS:-$((here))}}"`,
    ...(environment[rankDevices] === undefined ? [] : deviceLines),
    `exec ${command.map(shellText).join(' ')}`,
  ];
}

/** Leaves the rank one GPU, as `takeOwnDevice` does for the embedded trainer. */
const deviceLines = [
  `devices=$${rankDevices}`,
  `[ "$devices" = localRank ] && devices="\${CUDA_VISIBLE_DEVICES-$(nvidia-smi --query-gpu=index --format=csv,noheader 2> /dev/null | paste -sd , -)}"`,
  `if [ -n "$devices" ]; then`,
  `  number=$(echo "$devices" | tr , '\\n' | wc -l)`,
  `  export CUDA_VISIBLE_DEVICES="$(echo "$devices" | cut -d , -f $((LOCAL_RANK % number + 1)))"`,
  'fi',
];

function nodeLines(command: readonly string[], { workers, layout }: { workers: number; layout: NodeLayout }): string[] {
  const { nodes, perNode } = layout;
  return [
    `node_rank="\${OMPI_COMM_WORLD_RANK:-\${PMI_RANK:-\${SLURM_NODEID:-0}}}"`,
    `workers_here=$((${workers} - node_rank * ${perNode}))`,
    `[ "$workers_here" -gt ${perNode} ] && workers_here=${perNode}`,
    `exec ${command.map((part) => filled(part, nodes)).join(' ')}`,
  ];
}

const shellValues: Record<string, string> = {
  nodeRank: '"$node_rank"',
  workersPerNode: '"$workers_here"',
  masterAddress: '"$MASTER_ADDR"',
};

/** One word of the command; values that only the node knows are left to the shell. */
function filled(part: string, nodes: number): string {
  const pieces = part.replaceAll('{nodes}', String(nodes)).split(/(\{(?:nodeRank|workersPerNode|masterAddress)\})/);
  return pieces.map((piece) => shellValues[piece.slice(1, -1)] ?? (piece === '' ? '' : shellText(piece))).join('');
}

/** The words of a command on this host alone, without a shell. */
export function filledHere(command: readonly string[], workers: number): string[] {
  const values: Record<string, string> = {
    nodes: '1',
    nodeRank: '0',
    workersPerNode: String(workers),
    masterAddress: '127.0.0.1',
  };
  return command.map((part) => part.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
}
