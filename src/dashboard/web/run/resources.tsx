import { count } from '../../../domain/text/format.ts';
import type { ResourceName } from '../../run-view.ts';
import type { AnswerAt } from '../../views.ts';
import { Chart } from '../parts/chart.tsx';
import { type Curve, lineOption } from '../parts/chart-options.ts';
import { bytes } from '../parts/format.ts';

const charts: { field: ResourceName; caption: string; format?: (value: number) => string }[] = [
  { field: 'stepsPerSecond', caption: 'Steps per second' },
  { field: 'cpuPercent', caption: 'Processor use, percent of one core' },
  { field: 'memoryBytes', caption: 'Memory', format: bytes },
  { field: 'networkReceiveBytes', caption: 'Received over the network between samples', format: bytes },
  { field: 'networkTransmitBytes', caption: 'Sent over the network between samples', format: bytes },
  { field: 'gpuPercent', caption: 'GPU use, percent' },
  { field: 'gpuMemoryBytes', caption: 'GPU memory', format: bytes },
];

/** Resource use of the ranks' machines during training; nothing if none was recorded. */
export function Resources({ resources }: Pick<AnswerAt<`/runs/${string}`>, 'resources'>) {
  if (resources.length === 0) return null;
  const known = charts.filter(({ field }) =>
    resources.some(({ values }) => values[field].some((value) => value !== null)),
  );
  return (
    <>
      <h2>Resources</h2>
      <div class="charts">
        {known.map(({ field, caption, format }) => {
          const curves = resources.map(({ rank, seconds, values }) => ({
            name: `rank ${rank}`,
            values: seconds.map((second, index): Curve['values'][number] => [second, values[field][index] ?? null]),
          }));
          return (
            <Chart
              key={field}
              option={lineOption(curves, { axisName: 'seconds', format, zero: true })}
              caption={caption}
              summary={`${caption} over time, ${count(curves.length, 'rank')}`}
            />
          );
        })}
      </div>
    </>
  );
}
