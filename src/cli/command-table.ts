import type { CommandTable } from './command-entry.ts';

/** Every command, in the order of `autopilot --help`. To add one, add a file in `commands/` and an entry here. */
export const commandTable: CommandTable = {
  run: {
    summary: 'run a study, or continue it',
    load: () => import('./commands/studies/run.ts'),
    examples: ['run my-study', 'run my-study --dry-run', 'run study.yaml --json > events.ndjson'],
  },
  resume: {
    summary: 'continue an interrupted study',
    load: () => import('./commands/studies/resume.ts'),
    examples: ['resume my-study', 'resume my-study --config study.yaml'],
  },
  trust: {
    summary: 'let a study made elsewhere start its programs',
    load: () => import('./commands/studies/trust.ts'),
    examples: ['trust my-study'],
  },
  pause: {
    summary: 'pause a study: start no new runs',
    load: () => import('./commands/studies/pause.ts'),
    examples: ['pause my-study --now --reason "the cluster is needed"'],
  },
  stop: {
    summary: 'stop one run at its next checkpoint',
    load: () => import('./commands/studies/stop.ts'),
    examples: ['stop my-study.iteration-3'],
  },
  cancel: {
    summary: 'end a study and keep its results',
    load: () => import('./commands/studies/cancel.ts'),
    examples: ['cancel my-study --reason "wrong data"'],
  },
  ask: {
    summary: 'say what to train next, for jobs started elsewhere',
    load: () => import('./commands/studies/ask.ts'),
    examples: ['ask my-study --json'],
  },
  tell: {
    summary: "record a run's result after ask",
    load: () => import('./commands/studies/tell.ts'),
    examples: ['tell my-study --run iteration-1 --metrics dice=0.81', 'tell my-study --file runs.csv'],
  },
  deploy: {
    summary: 'print a container recipe for a study',
    load: () => import('./commands/studies/deploy.ts'),
    examples: ['deploy my-study --recipe docker'],
  },
  init: {
    summary: 'write a commented study.yaml',
    load: () => import('./commands/studies/init.ts'),
    examples: ['init my-study', 'init my-study --yes --trainer simulated --workers 18'],
  },
  plan: {
    summary: 'show what a study would do, and where each value comes from',
    load: () => import('./commands/studies/plan.ts'),
    examples: ['plan my-study', 'plan my-study --json', 'plan - < study.yaml'],
  },
  history: {
    summary: "print a study's iterations as the thesis's table",
    load: () => import('./commands/results/history.ts'),
    examples: ['history my-study', 'history my-study --csv > iterations.csv'],
  },
  show: {
    summary: 'print one iteration or run: curves, setting, decision',
    load: () => import('./commands/results/show.ts'),
    examples: ['show my-study 3', 'show my-study baseline'],
  },
  compare: {
    summary: 'train one task under several policies and draw the metric against workers',
    load: () => import('./commands/studies/compare.ts'),
    examples: ['compare compare.yaml --dry-run'],
  },
  scale: {
    summary: 'find out how many workers train a task without loss, and what each number gains',
    load: () => import('./commands/studies/scale.ts'),
    examples: ['scale my-study --workers 2,4,8'],
  },
  export: {
    summary: 'write a study as CSV, JSON, Markdown, LaTeX or one archive',
    load: () => import('./commands/results/export.ts'),
    examples: ['export my-study --format csv', 'export my-study --archive my-study.tar.gz'],
  },
  import: {
    summary: 'restore a study from an archive, or convert one from another format',
    load: () => import('./commands/studies/import.ts'),
    examples: ['import my-study.tar.gz', 'import auto-cnnp config.xml --output study.yaml'],
  },
  stats: {
    summary: 'show how each action fared across all studies',
    load: () => import('./commands/results/stats.ts'),
    examples: ['stats --json'],
  },
  schedule: {
    summary: 'print a learning-rate schedule as plot, CSV, JSON or SVG',
    load: () => import('./commands/schedule.ts'),
    examples: ['schedule my-study', 'schedule --workers 18 --epochs 30 --initial-lr 0.1 --svg rate.svg'],
  },
  replay: {
    summary: 'run a table of results through the guideline and compare decisions',
    load: () => import('./commands/results/replay.ts'),
    examples: ['replay results.yaml'],
  },
  chart: {
    summary: 'print the flowchart of a guideline or a run',
    load: () => import('./commands/results/chart.ts'),
    examples: ['chart'],
  },
  data: {
    summary: 'check a folder of scans and masks',
    load: () => import('./commands/images/data.ts'),
    examples: ['data check scans', 'data check scans --html findings.html'],
  },
  image: {
    summary: 'describe, convert, reshape, resize or augment single images',
    load: () => import('./commands/images/image.ts'),
    examples: [
      'image info scan.nii.gz',
      'image convert scan.nii.gz --as png --out slices',
      'image reshape colour.jpg --grey --out grey',
      'image resize slices/*.png --size 350,350 --out small',
      'image augment slice.png --mask mask.png --copies 4 --out augmented',
    ],
  },
  prep: {
    summary: 'make training slices from a folder of scans',
    load: () => import('./commands/images/prep.ts'),
    examples: ['prep prep.yaml'],
  },
  eval: {
    summary: 'compare predicted masks with true ones',
    load: () => import('./commands/images/eval.ts'),
    examples: ['eval predicted true --json'],
  },
  report: {
    summary: 'write a report of what was done and how to repeat it',
    load: () => import('./commands/results/report.ts'),
    examples: ['report my-study', 'report my-study --out report.html'],
  },
  models: {
    summary: 'keep, share and use trained models',
    load: () => import('./commands/images/models.ts'),
    examples: [
      'models list',
      'models show cerebellum-t1',
      'models publish runs/my-study.iteration-3 --name brain-unet --licence CC-BY-4.0',
      'models pull brain-unet --zoo https://example.org/zoo --to models',
      'models predict cerebellum-t1 scan.nii.gz',
      'models import vgg16/model.json --name vgg16 --licence CC-BY-4.0',
    ],
  },
  dashboard: {
    summary: 'serve a live page of studies and runs',
    load: () => import('./commands/results/dashboard.ts'),
    examples: ['dashboard --port 8080'],
  },
  doctor: {
    summary: 'check this machine and say what is missing',
    load: () => import('./commands/doctor.ts'),
    examples: ['doctor', 'doctor --workers 18'],
  },
  completion: {
    summary: 'print a shell completion script for commands and options',
    load: () => import('./commands/completion.ts'),
    examples: ['completion zsh > ~/.zfunc/_autopilot'],
  },
};
