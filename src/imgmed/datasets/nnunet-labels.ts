import { type CaseList, datasetError, type Region } from './case-list.ts';

type Declared = Record<string, number | string | number[]>;
type Labels = Pick<CaseList, 'labels' | 'undecidedLabels' | 'regions' | 'ignoredLabel'>;

/** nnU-Net's `labels`: name → value (or value → name), name → values of a region, and `ignore` for unlabelled voxels. */
export function nnunetLabels(path: string, declared: Declared): Labels {
  const reversed = Object.entries(declared).every(
    ([key, value]) => /^\d+$/.test(key) && typeof value === 'string' && !/^\d+$/.test(value),
  );
  const entries = Object.entries(declared).map(
    ([key, value]): Region =>
      reversed
        ? { name: String(value), values: [Number(key)] }
        : { name: key, values: Array.isArray(value) ? [...new Set(value)] : [Number(value)] },
  );
  const odd = entries.find(({ values }) => values.length === 0 || !values.every(Number.isInteger));
  if (odd !== undefined) {
    const value = JSON.stringify(declared[odd.name]);
    throw datasetError(path, `label "${odd.name}" has the value ${value}; give it a whole number`);
  }
  const ignore = entries.find(({ name }) => name === 'ignore');
  const shared = ignore && entries.find((entry) => entry !== ignore && entry.values.includes(ignore.values[0]!));
  if (ignore !== undefined && (ignore.values.length > 1 || shared !== undefined)) {
    const what = shared === undefined ? 'has several values' : `shares a value with "${shared.name}"`;
    throw datasetError(path, `label "ignore" ${what}; give it one value of its own`);
  }
  const foreground = entries.filter((entry) => entry !== ignore && !(entry.values.length === 1 && !entry.values[0]));
  const areRegions = foreground.some(({ values }) => values.length > 1);
  const names = new Map<number, string>();
  // Where regions share a value, the smallest one is the most specific.
  for (const { name, values } of [...entries].sort((a, b) => a.values.length - b.values.length))
    for (const value of values) if (!names.has(value)) names.set(value, name);
  const labels = [...names].map(([value, name]) => ({ value, name })).sort((a, b) => a.value - b.value);
  const ignoredLabel = ignore?.values[0] ?? null;
  return {
    labels,
    regions: areRegions ? foreground : [],
    ignoredLabel,
    undecidedLabels: undecided(foreground, areRegions, ignoredLabel),
  };
}

function undecided(foreground: readonly Region[], areRegions: boolean, ignored: number | null): string | null {
  const classes = apart(foreground).map(({ name, values }) => `${JSON.stringify(name)}: [${values.join(', ')}]`);
  const named = `name classes that share no voxels under "classes" in the prep config, for example classes: { ${classes.join(', ')} }`;
  const judged = '"autopilot eval --labels dataset.json"';
  const names = foreground.filter(({ values }) => values.length > 1).map(({ name }) => name);
  const parts = [
    ...(areRegions
      ? [`the labels ${names.join(', ')} are regions, which share voxels; ${named}; ${judged} judges the regions`]
      : []),
    ...(ignored === null
      ? []
      : [
          `label ${ignored} is "ignore", but training leaves no voxel out; remove such cases, or ${areRegions ? `add unlabelled: [${ignored}] to the classes` : `name classes under "classes" in the prep config, for example classes: { ${[...classes, `unlabelled: [${ignored}]`].join(', ')} }`}: what is not named becomes background; ${judged} leaves its voxels out`,
        ]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

/** Splits regions into classes that share no values; what remains of a region is named `rest of` it. */
function apart(regions: readonly Region[]): Region[] {
  const groups = new Map<string, Region>();
  for (const value of [...new Set(regions.flatMap(({ values }) => values))].sort((a, b) => a - b)) {
    const own = regions.filter(({ values }) => values.includes(value));
    const key = own.map(({ name }) => name).join('\n');
    const smallest = own.reduce((least, region) => (region.values.length < least.values.length ? region : least));
    const group = groups.get(key) ?? { name: smallest.name, values: [] };
    group.values.push(value);
    group.name = group.values.length === smallest.values.length ? smallest.name : `rest of ${smallest.name}`;
    groups.set(key, group);
  }
  return [...groups.values()];
}
