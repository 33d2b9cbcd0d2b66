// Takes one study from its file to its first launch with the compiled engine, in a process of its own.
// usage: node engine-launch-child.mjs FOLDER_OF_STUDY PROJECT; prints milliseconds as JSON.
const started = performance.now();
const [folder, project] = process.argv.slice(2);
const { loadStudyConfig } = await import('../dist/src/config/load.js');
const { openStore } = await import('../dist/db/index.js');
const { runStudy } = await import('../dist/src/engine/study/run-study.js');
const loaded = performance.now();
const { config } = loadStudyConfig(folder);
const store = openStore({ path: `${project}/autopilot.db` });
const stop = new AbortController();
let launched = Number.NaN;
const launcher = {
  name: 'local',
  async start() {
    launched = performance.now();
    stop.abort('measured');
    const exited = Promise.resolve({ state: 'exited', code: 0 });
    return { handle: {}, exited, stop: async () => {}, kill: async () => {} };
  },
  attach: async () => null,
  describe: () => '',
};
await runStudy({ config, directory: project, store, launcher, signal: stop.signal, retryDelayMs: () => 0 });
store.close();
// performance.now() counts from the start of the process.
console.log(JSON.stringify({ engine: launched - loaded, modules: loaded - started, process: launched }));
