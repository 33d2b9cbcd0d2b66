import { Command } from 'commander';
import { importAutoCnnp } from './import-auto-cnnp.ts';

export function command(): Command {
  return new Command('import').description('Takes over a study from another form.').addCommand(importAutoCnnp());
}
