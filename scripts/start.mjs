// `npm start`: sets everything up, then runs the example study on this machine. Arguments go to `autopilot run`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

setup();
const child = spawn(
  process.execPath,
  [join('bin', 'autopilot.js'), 'run', join('examples', 'cerebellum', 'study.yaml'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
// Ctrl-C reaches the child directly: it stops its runs and says how to resume; this process exits with its code.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => {
  console.log(
    '\nautopilot on your PATH, with nothing to fetch: npm install --global .   (here: npm run autopilot -- history)',
  );
  process.exit(code ?? (signal ? 130 : 1));
});
