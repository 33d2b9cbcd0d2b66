/** A metric in 0..1 as the thesis prints it: percent with two digits. */
export function percent(value) {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : `${(100 * value).toFixed(2)} %`;
}

/** A difference of metrics in points, with its sign. */
export function points(value) {
  if (value === undefined || !Number.isFinite(value)) return '';
  const text = (100 * Math.abs(value)).toFixed(2);
  return value < 0 ? `−${text}` : `+${text}`;
}

/** A number with three significant digits. */
export function brief(value) {
  if (typeof value !== 'number') return String(value ?? '–');
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '–';
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function moment(milliseconds) {
  return milliseconds ? new Date(milliseconds).toLocaleString() : '–';
}

export function bytes(value) {
  if (!value) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** step).toPrecision(3))} ${units[step]}`;
}

/** NaN and infinities travel as strings; a plot leaves a gap for them. */
export function plottable(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
