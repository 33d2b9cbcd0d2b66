import { perStep, phaseAt, type ScheduleSpec, scheduleFrom } from '../../../schedules/index.ts';

/** `epoch,phase,lr` at the start of every epoch and at the end; with more steps per epoch, `step` and a row each. */
export function scheduleCsv(spec: ScheduleSpec, stepsPerEpoch = 1): string {
  const rate = perStep(scheduleFrom(spec), stepsPerEpoch);
  const rows = Array.from({ length: spec.epochs * stepsPerEpoch + 1 }, (_, step) => {
    const epoch = step / stepsPerEpoch;
    const cells = [epoch, phaseAt(spec, epoch), rate(step)];
    return (stepsPerEpoch === 1 ? cells : [step, ...cells]).join(',');
  });
  const header = stepsPerEpoch === 1 ? 'epoch,phase,lr' : 'step,epoch,phase,lr';
  return `${[header, ...rows].join('\n')}\n`;
}
