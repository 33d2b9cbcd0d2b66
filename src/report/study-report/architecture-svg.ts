import { asRecord } from './facts.ts';

interface Level {
  name: string;
  channels: number;
  /** Fraction of the input's side. */
  scale: number;
}

/**
 * The network as boxes, taller for larger images and wider for more channels. Null for a network this program does
 * not know.
 */
export function architectureSvg(model: unknown): string | null {
  const { architecture, channels, depth } = asRecord(model);
  if (typeof channels !== 'number') return null;
  if (architecture === 'fcn')
    return draw('FCN', fcnLevels(channels), [
      [0, 5],
      [1, 4],
      [2, 3],
    ]);
  if (architecture === 'unet' && typeof depth === 'number') {
    const levels = unetLevels(channels, depth);
    const skips = Array.from({ length: depth - 1 }, (_, level): [number, number] => [level, levels.length - 1 - level]);
    return draw('U-Net', levels, skips);
  }
  return null;
}

function fcnLevels(channels: number): Level[] {
  const down = [0, 1, 2].map((level) => ({
    name: level === 2 ? '2 × conv' : 'conv',
    channels: channels * 2 ** level,
    scale: 2 ** -level,
  }));
  const up = [2, 1, 0].map((level) => ({
    name: level === 2 ? 'scores' : 'up-sample + scores',
    channels: 2,
    scale: 2 ** -level,
  }));
  return [...down, ...up];
}

function unetLevels(channels: number, depth: number): Level[] {
  const level = (index: number, name: string) => ({ name, channels: channels * 2 ** index, scale: 2 ** -index });
  const down = Array.from({ length: depth }, (_, index) => level(index, '2 × conv'));
  const up = Array.from({ length: depth - 1 }, (_, index) => level(depth - 2 - index, 'up + 2 × conv'));
  return [...down, ...up];
}

function draw(title: string, levels: Level[], skips: [number, number][]): string {
  const step = 128;
  const width = 40 + step * levels.length;
  const middle = 150;
  const widthOf = ({ channels }: Level) => Math.min(64, 14 + 6 * Math.log2(channels + 1));
  const heightOf = ({ scale }: Level) => Math.max(24, 170 * scale);
  const xOf = (index: number) => 30 + step * index;
  const centreOf = (index: number) => xOf(index) + widthOf(levels[index]!) / 2;
  const box = (level: Level, index: number) => {
    const [wide, high] = [widthOf(level), heightOf(level)];
    return `<rect x="${xOf(index)}" y="${middle - high / 2}" width="${wide.toFixed(1)}" height="${high}" fill="#e3f1f3" stroke="#0f6d78"/>
<text x="${centreOf(index)}" y="${middle + high / 2 + 16}" text-anchor="middle">${level.channels} ch</text>
<text x="${centreOf(index)}" y="${middle + high / 2 + 31}" text-anchor="middle" fill="#4d5f68">${level.name}</text>`;
  };
  const arrows = levels.slice(1).map((_, index) => {
    const start = xOf(index) + widthOf(levels[index]!) + 5;
    return `<path d="M${start} ${middle} H${xOf(index + 1) - 4}" stroke="#22333b" marker-end="url(#tip)"/>`;
  });
  // The first skip connection is the outermost: it runs above all others and above the highest boxes.
  const arcs = skips.map(([from, to], index) => {
    const [leave, arrive] = [from, to].map((at) => middle - heightOf(levels[at]!) / 2 - 3);
    return `<path d="M${centreOf(from)} ${leave} V${40 + 10 * index} H${centreOf(to)} V${arrive}" fill="none" stroke="#d98e04" stroke-dasharray="5 4" marker-end="url(#tip)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 290" width="${width}" height="290" role="img" font-family="system-ui, DejaVu Sans, sans-serif" font-size="12" fill="#22333b">
<title>${title}</title><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#22333b"/></marker></defs>
<rect width="${width}" height="290" fill="#fff"/><text x="20" y="24" font-size="15" font-weight="600">${title}</text>
<g stroke-width="1.5">${arcs.join('')}${arrows.join('')}</g>${levels.map(box).join('\n')}
</svg>`;
}
