import { CommanderError } from 'commander';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { printable } from '../domain/text/printable.ts';
import { exitCodes } from './exit-codes.ts';

export interface Failure {
  text: string;
  exitCode: number;
}

export interface FailureOptions {
  json: boolean;
  /** Adds the stack. */
  verbose: boolean;
}

/** Turns anything thrown into an exit code and the text to print on stderr (stdout with `json`). */
export function failureOf(thrown: unknown, { json, verbose }: FailureOptions): Failure {
  const exitCode = exitCodeOf(thrown);
  if (json) {
    const stack = verbose && thrown instanceof Error ? { stack: thrown.stack } : {};
    return {
      text: JSON.stringify({ error: { code: codeOf(thrown), message: messageOf(thrown), ...stack } }),
      exitCode,
    };
  }
  const message = printable(messageOf(thrown).replace(/^error: /, ''));
  if (verbose && thrown instanceof Error) return { text: stackOf(thrown), exitCode };
  if (thrown instanceof AutopilotError || thrown instanceof CommanderError) return { text: message, exitCode };
  const broken = brokenDisk(thrown);
  if (broken !== null)
    return { text: `${message}: ${broken} Then run the command again; stored data is safe.`, exitCode };
  if (codeOfError(thrown) === 'ERR_MODULE_NOT_FOUND') {
    const why = 'The installation is incomplete, or the open-file limit (ulimit -n) is too low.';
    return {
      text: `${message}: a part of autopilot is not found. ${why} Install it again, or raise the limit.`,
      exitCode,
    };
  }
  const place = placeOf(thrown);
  if (place !== null) {
    return {
      text: `${printable(place)} cannot be used: ${message}. Name another place, or check its permissions.`,
      exitCode,
    };
  }
  return {
    text: `${message}\nThis was not expected. Run the command again with --verbose to see where it happened.`,
    exitCode,
  };
}

/** Cause and remedy of an error by which the disk or a system limit can fail any operation; null for other errors. */
function brokenDisk(thrown: unknown): string | null {
  if (!(thrown instanceof Error && 'code' in thrown && 'syscall' in thrown)) return null;
  return brokenDisks[String(thrown.code)] ?? null;
}
const brokenDisks: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space.',
  EDQUOT: 'your disk quota is used up. Free some space, or ask for more.',
  EFBIG: 'the file is larger than allowed here (ulimit -f). Raise the limit.',
  EIO: 'the disk or its network mount failed. Check it (dmesg).',
  ESTALE: 'the network mount is gone. Mount it again.',
  EMFILE: 'too many files are open (ulimit -n). Raise the limit.',
  ENFILE: 'too many files are open on this machine. Close other programs.',
};

function codeOfError(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}

/** The file or folder that the system refused, if the user can name another; else null. */
function placeOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error && 'code' in thrown && 'path' in thrown)) return null;
  return typeof thrown.path === 'string' && refusals.includes(String(thrown.code)) ? thrown.path : null;
}
const refusals = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EROFS', 'ENAMETOOLONG', 'ELOOP'];

function codeOf(thrown: unknown): string {
  if (thrown instanceof AutopilotError) return thrown.code;
  return thrown instanceof CommanderError ? 'usage' : 'unexpected';
}

function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.code === 'interrupted' ? exitCodes.interrupted : exitCodes.usage;
  const isUsage = thrown instanceof AutopilotError && thrown.code.startsWith('usage');
  return isUsage ? exitCodes.usage : exitCodes.error;
}

function stackOf(thrown: Error): string {
  const own = thrown.stack ?? thrown.message;
  return thrown.cause instanceof Error ? `${own}\nCaused by: ${stackOf(thrown.cause)}` : own;
}
