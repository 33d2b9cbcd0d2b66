import { vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';

/** What a command prints on standard output, run in this process; what it throws is thrown. */
export async function said(...argv: string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await runProgram(argv);
  } finally {
    write.mockRestore();
  }
  return text;
}
