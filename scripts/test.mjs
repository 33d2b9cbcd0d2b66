// `npm test`: sets everything up, then runs every test, including the Python client's (from test/clients).
// Arguments go to vitest: `npm test -- test/db`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const scratch = mkdtempSync(join(tmpdir(), 'autopilot-test-'));
const report = join(scratch, 'vitest.json');
const vitest = spawnSync(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  // Processes that tests start run the compiled program, as users have it (test/support/program.ts).
  { cwd: root, stdio: 'inherit', env: { ...process.env, AUTOPILOT_TEST_COMPILED: '1' } },
);
const counts = readCounts();
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(vitest.status === 0 && counts.failed === 0 ? 0 : 1);

function readCounts() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A file that cannot be loaded has failed but has no tests to count.
    const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
    const failed = numFailedTests + broken.length;
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
