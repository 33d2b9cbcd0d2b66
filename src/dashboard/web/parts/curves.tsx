import type { ChangeView } from './address.ts';
import type { Curve } from './chart-options.ts';

/** How curves are drawn; `smooth`: weight of preceding values, 0 to 0.95; `from` and `to`: epochs, empty for all. */
export const curveDefaults = { smooth: '0', log: '', from: '', to: '' };
export type CurveView = typeof curveDefaults;

interface CurveFieldsProps {
  view: CurveView;
  change: ChangeView<CurveView>;
}

/** Fields that change how all curves of a page are drawn. */
export function CurveFields({ view, change }: CurveFieldsProps) {
  return (
    <form class="fields curves" aria-label="How curves are drawn" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Smoothing: {view.smooth}</span>
        <input
          type="range"
          min="0"
          max="0.95"
          step="0.05"
          value={view.smooth}
          onInput={(event) => change({ smooth: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>From epoch</span>
        <input
          type="number"
          min="0"
          value={view.from}
          onInput={(event) => change({ from: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>To epoch</span>
        <input type="number" min="1" value={view.to} onInput={(event) => change({ to: event.currentTarget.value })} />
      </label>
      <label class="field beside">
        <input
          type="checkbox"
          checked={view.log === 'loss'}
          onChange={(event) => change({ log: event.currentTarget.checked ? 'loss' : '' })}
        />
        <span>Logarithmic loss</span>
      </label>
      {(view.from !== '' || view.to !== '') && (
        <button type="button" class="secondary" onClick={() => change({ from: '', to: '' })}>
          All epochs
        </button>
      )}
      <p class="quiet">Drag across a plot to zoom in on those epochs; double-click to show all.</p>
    </form>
  );
}

/** Prepares series for a view: limited to its epochs, with a smoothed curve above a faint line of the measured one. */
export function drawn(series: readonly Curve[], { smooth, from, to }: Omit<CurveView, 'log'>): Curve[] {
  const weight = Math.min(0.95, Math.max(0, Number(smooth) || 0));
  const [low, high] = [Number(from) || Number.NEGATIVE_INFINITY, Number(to) || Number.POSITIVE_INFINITY];
  return series.flatMap((one) => {
    // Smoothed before it is cut, so that zooming in shows the same curve.
    const inside = (values: Curve['values']) => values.filter(([x]) => x >= low && x <= high);
    if (weight === 0) return [{ ...one, values: inside(one.values) }];
    return [
      { ...one, values: inside(one.values), faint: true },
      { ...one, values: inside(smoothed(one.values, weight)) },
    ];
  });
}

/** Exponential moving average, with its start corrected as Adam's moments are; gaps stay gaps. */
export function smoothed(values: Curve['values'], weight: number): Curve['values'] {
  let [sum, seen] = [0, 0];
  return values.map(([x, value]) => {
    if (value === null) return [x, null];
    sum = weight * sum + (1 - weight) * value;
    seen += 1;
    return [x, sum / (1 - weight ** seen)];
  });
}
