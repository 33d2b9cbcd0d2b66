/**
 * Who may import whom. A folder may import itself and the folders that its line names; nothing else. The order is
 * top to bottom: no line names a folder above it, which is what keeps imports pointing one way.
 */
export const mayImport: Record<string, string[]> = {
  'src/index.ts': ['src', 'machines', 'schedules', 'db'],
  // What a user's own module imports: the `define…` helpers.
  'src/components.ts': ['src/trainer'],
  'src/cli': ['src', 'machines', 'schedules', 'db'],
  'src/dashboard': ['src/report', 'src/monitor', 'src/config', 'src/protocol', 'src/domain', 'machines', 'db'],
  'src/compare': ['src/scale', 'src/engine', 'src/report', 'src/config', 'src/domain', 'schedules', 'db'],
  'src/scale': ['src/engine', 'src/config', 'src/domain', 'db'],
  'src/report': ['src/config', 'src/protocol', 'src/domain', 'machines', 'schedules', 'db'],
  'src/engine': [
    'src/launcher',
    'src/monitor',
    'src/protocol',
    'src/config',
    'src/domain',
    'machines',
    'schedules',
    'db',
  ],
  'src/zoo': ['src/trainer', 'src/imgmed', 'src/protocol', 'src/config', 'src/domain'],
  'src/trainer': [
    'src/launcher/deploy',
    'src/segeval',
    'src/imgmed',
    'src/monitor',
    'src/protocol',
    'src/config',
    'src/domain',
    'schedules',
    'packages/tfjs-backend-autopilot',
    'packages/mpi-node',
  ],
  'src/launcher': ['src/protocol', 'src/config', 'src/domain'],
  'src/segeval': ['src/imgmed', 'src/domain'],
  'src/imgmed': ['src/protocol', 'src/domain'],
  'src/monitor': ['src/protocol', 'src/domain'],
  'src/protocol': ['src/domain', 'schedules'],
  'src/config': ['src/domain', 'schedules'],
  machines: ['src/domain'],
  db: ['src/domain'],
  schedules: [],
  'src/domain': [],
};

/** The engine's own folders import packages sparingly: what a folder may not import from node_modules or Node. */
export const mayNotImport: Record<string, (specifier: string) => boolean> = {
  // Pure: no Node module, no package but the statechart library.
  schedules: () => true,
  machines: (specifier) => specifier !== 'xstate',
  // Hashing is arithmetic, in a browser too.
  'src/domain': (specifier) => !specifier.startsWith('@noble/hashes/'),
  // The engine knows no terminal, no trainer and no web server.
  'src/engine': (specifier) => /^(commander|picocolors|@clack|hono|@hono|@tensorflow)/.test(specifier),
};
