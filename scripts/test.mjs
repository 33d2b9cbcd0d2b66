// `npm test`: sets everything up, then runs every test: vitest's, and the Python client's where python3 is installed.
// Arguments go to vitest (`npm test -- test/db`), and then only vitest runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const chosen = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'autopilot-test-'));
const report = join(scratch, 'vitest.json');
const vitest = spawnSync(
  process.execPath,
  [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...chosen],
  { cwd: root, stdio: 'inherit' },
);
const counts = readCounts();
if (chosen.length === 0) addPythonTests();
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(vitest.status === 0 && counts.failed === 0 ? 0 : 1);

function readCounts() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function addPythonTests() {
  const python = spawnSync('python3', ['-m', 'unittest', 'discover', '-s', 'tests'], {
    cwd: join(root, 'clients', 'python'),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (python.error) {
    console.log('python3 is not installed: the Python client was not tested.');
    return;
  }
  process.stderr.write(python.stderr);
  const ran = Number(/Ran (\d+) test/.exec(python.stderr)?.[1] ?? 0);
  const number = (word) => Number(new RegExp(`${word}=(\\d+)`).exec(python.stderr)?.[1] ?? 0);
  const failed = number('failures') + number('errors') + (python.status === 0 || ran > 0 ? 0 : 1);
  counts.skipped += number('skipped');
  counts.failed += failed;
  counts.passed += ran - failed - number('skipped');
}
