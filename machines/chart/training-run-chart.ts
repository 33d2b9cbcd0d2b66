import { trainingRunMachine } from '../training-run/machine.ts';
import type { Chart } from './chart.ts';
import { machineChart } from './machine-chart.ts';

/** The chart of one run: launch, the schedule's three phases, evaluation. */
export function trainingRunChart(): Chart {
  return machineChart({ title: 'Training run', machine: trainingRunMachine });
}
