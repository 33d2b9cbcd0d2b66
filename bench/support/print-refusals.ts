// Loaded before a benchmark: a refusal, its own or the project's, or a mistake in its options ends it with the message
// alone and exit code 2.
import { AutopilotError } from '../../src/domain/errors.ts';
import { Refusal } from './refusal.ts';

process.on('uncaughtException', (error) => {
  const isUsage =
    error instanceof Refusal ||
    error instanceof AutopilotError ||
    String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS_');
  console.error(isUsage ? error.message : error);
  process.exit(isUsage ? 2 : 1);
});
