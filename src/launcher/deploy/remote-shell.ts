import { spawn } from 'node:child_process';

export interface ShellResult {
  /** Null when the program could not be started. */
  code: number | null;
  output: string;
  /** The last line of standard error. */
  complaint: string;
}

/** Runs a program with `input` on its standard input; never throws for what the program does. */
export function runProgram(command: readonly string[], input = ''): Promise<ShellResult> {
  const [executable = '', ...parameters] = command;
  return new Promise((resolve) => {
    const child = spawn(executable, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [output, complaints] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.once('error', (error) => resolve({ code: null, output, complaint: error.message }));
    child.once('close', (code) => resolve({ code, output, complaint: complaints.trim().split('\n').at(-1) ?? '' }));
    // The program may end before it has read everything.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** `ssh -p 2222` as words. */
export function shellWords(shell: string): string[] {
  return shell.trim().split(/\s+/);
}

/** Runs a line of POSIX shell on a host. */
export function onHost(shell: string, host: string, line: string, input = ''): Promise<ShellResult> {
  return runProgram([...shellWords(shell), host, line], input);
}
