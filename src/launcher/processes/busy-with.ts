import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { heartbeatDirectory, readHeartbeats, stackFiles, stackSignal } from '../../protocol/heartbeat-file.ts';
import { processesOf, signalAll } from './attempt-processes.ts';

/** Milliseconds that a process has to write its stacks: one stopped by a signal writes none. */
const patienceMs = 2000;

export interface BusyWithOptions {
  runDirectory: string;
  attempt: string;
  /** Sends `stackSignal` to processes on other hosts; left out: only those on this host are asked. */
  askElsewhere?: () => Promise<void>;
}

/**
 * Where each process of an attempt is, according to its stacks (Python: faulthandler); null if none listens. Only for
 * an attempt that is about to end.
 */
export async function busyWith({ runDirectory, attempt, askElsewhere }: BusyWithOptions): Promise<string | null> {
  const here = processesOf(attempt);
  const listening = stackFiles(runDirectory, attempt).flatMap(({ file, host, pid }) => {
    const known = host === hostname() ? here.some((one) => one.pid === pid) : askElsewhere !== undefined;
    return known ? [{ file, host, pid, before: readFileSync(file, 'utf8').length }] : [];
  });
  if (listening.length === 0) return null;
  if (listening.some(({ host }) => host !== hostname())) await askElsewhere?.();
  else
    signalAll(
      here.filter(({ pid }) => listening.some((one) => one.pid === pid)),
      stackSignal,
    );
  const written = ({ file, before }: (typeof listening)[number]) => readFileSync(file, 'utf8').slice(before);
  for (let waitedMs = 0; waitedMs < patienceMs && !listening.every((one) => isWhole(written(one))); waitedMs += 50) {
    await delay(50);
  }
  const beats = readHeartbeats(heartbeatDirectory(runDirectory, attempt));
  const each = listening.map((one) => {
    const { pid, host } = one;
    const rank = beats.find((beat) => beat.pid === pid && beat.host === host)?.rank;
    const who = rank === undefined ? `process ${pid} on ${host}` : `rank ${rank} (pid ${pid} on ${host})`;
    return `${who} ${placeIn(written(one)) ?? 'does not say where it is'}`;
  });
  return `${each.sort().join('; ')} (stacks: ${heartbeatDirectory(runDirectory, attempt)})`;
}

function isWhole(stacks: string): boolean {
  return /\n {2}File .* in <module>\n/.test(stacks);
}

/** From faulthandler's output: where the main thread is, and where the script called it. */
export function placeIn(stacks: string): string | null {
  const threads = stacks.split(/^(?=(?:Current thread|Thread) 0x)/m);
  const main = threads.find(isWhole) ?? threads.find((thread) => thread.includes('  File '));
  const frames = [...(main ?? '').matchAll(/^ {2}File "(.*)", line (\d+) in (.*)$/gm)].map(
    ([, path = '', line = '', name = '']) => ({ path, name, at: `${basename(path)}:${line}` }),
  );
  const [top] = frames;
  if (top === undefined) return null;
  const own = frames.find(({ path }) => !/\/(site-packages|dist-packages|lib\/python[\d.]+)\//.test(path));
  const from = own === undefined || own === top ? '' : `, called at ${own.at}`;
  const where = top.name === '<module>' ? top.at : `${top.name} (${top.at})`;
  return `is in ${where}${from}`;
}
