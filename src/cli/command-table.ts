import type { CommandTable } from './command-entry.ts';

/** Every command, in the order of `autopilot --help`: a new one is a file in `commands/` and a line here. */
export const commandTable: CommandTable = {
  run: { summary: 'run a study, or go on with it', load: () => import('./commands/run.ts') },
  resume: { summary: 'go on with an interrupted study', load: () => import('./commands/resume.ts') },
  trust: {
    summary: 'let a study that was made elsewhere start its programs',
    load: () => import('./commands/trust.ts'),
  },
  pause: { summary: 'start no new run of a running study', load: () => import('./commands/pause.ts') },
  stop: { summary: 'stop one run at its next checkpoint', load: () => import('./commands/stop.ts') },
  cancel: { summary: 'end a study; what it found stays', load: () => import('./commands/cancel.ts') },
  ask: { summary: 'say what to train next, for jobs started elsewhere', load: () => import('./commands/ask.ts') },
  tell: { summary: 'record the result of such a run', load: () => import('./commands/tell.ts') },
  deploy: { summary: 'print a container recipe for a study', load: () => import('./commands/deploy.ts') },
  init: { summary: 'write a commented study.yaml', load: () => import('./commands/init.ts') },
  plan: {
    summary: 'show what a study would do, and where each value comes from',
    load: () => import('./commands/plan.ts'),
  },
  history: { summary: "print a study's iterations as the thesis's table", load: () => import('./commands/history.ts') },
  show: {
    summary: 'print one iteration or run: curves, setting, decision',
    load: () => import('./commands/show.ts'),
  },
  compare: {
    summary: 'train one task under several policies and draw metric against workers',
    load: () => import('./commands/compare.ts'),
  },
  scale: {
    summary: 'find out how many workers train a task without loss, and what each number brings',
    load: () => import('./commands/scale.ts'),
  },
  export: {
    summary: 'write a study as CSV, JSON, Markdown, LaTeX or one archive',
    load: () => import('./commands/export.ts'),
  },
  import: {
    summary: 'restore a study from an archive, or take one over from another form',
    load: () => import('./commands/import.ts'),
  },
  stats: { summary: 'say which actions helped over all studies', load: () => import('./commands/stats.ts') },
  schedule: {
    summary: 'print a learning-rate schedule as plot, CSV, JSON or SVG',
    load: () => import('./commands/schedule.ts'),
  },
  replay: {
    summary: 'run a table of results through the guideline and compare decisions',
    load: () => import('./commands/replay.ts'),
  },
  chart: { summary: 'print the flowchart of a guideline or a run', load: () => import('./commands/chart.ts') },
  data: { summary: 'check a folder of scans and masks', load: () => import('./commands/data.ts') },
  image: {
    summary: 'convert, reshape, resize or augment single images, or say what they hold',
    load: () => import('./commands/image.ts'),
  },
  prep: { summary: 'make training slices from a folder of scans', load: () => import('./commands/prep.ts') },
  eval: { summary: 'compare predicted masks with true ones', load: () => import('./commands/eval.ts') },
  report: {
    summary: 'write what was done and how to repeat it, for a reader',
    load: () => import('./commands/report.ts'),
  },
  models: { summary: 'keep, share and use trained models', load: () => import('./commands/models.ts') },
  dashboard: { summary: 'serve a live page of studies and runs', load: () => import('./commands/dashboard.ts') },
  doctor: { summary: 'check this machine and say what is missing', load: () => import('./commands/doctor.ts') },
  completion: {
    summary: 'print a script that completes commands and options in bash',
    load: () => import('./commands/completion.ts'),
  },
};
