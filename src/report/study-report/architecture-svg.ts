import { asRecord } from './facts.ts';

interface Level {
  name: string;
  channels: number;
  /** Fraction of the input's side. */
  scale: number;
}

/**
 * The network as boxes: as high as its image is large, as wide as it has channels. Null for a network this program
 * does not know.
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
  const box = ({ channels, scale, name }: Level, index: number) => {
    const high = Math.max(24, 170 * scale);
    const wide = Math.min(64, 14 + 6 * Math.log2(channels + 1));
    const x = 30 + step * index;
    return `<rect x="${x}" y="${middle - high / 2}" width="${wide.toFixed(1)}" height="${high}" fill="#e3f1f3" stroke="#0f6d78"/>
<text x="${x + wide / 2}" y="${middle + high / 2 + 16}" text-anchor="middle">${channels} ch</text>
<text x="${x + wide / 2}" y="${middle + high / 2 + 31}" text-anchor="middle" fill="#4d5f68">${name}</text>`;
  };
  const arrows = levels
    .slice(1)
    .map(
      (_, index) =>
        `<path d="M${100 + step * index} ${middle} h${step - 76}" stroke="#22333b" marker-end="url(#tip)"/>`,
    );
  const arcs = skips.map(([from, to], index) => {
    const top = 46 - 14 * index + 28;
    return `<path d="M${50 + step * from} ${middle - 85 * levels[from]!.scale - 2} V${top} H${50 + step * to} V${middle - 85 * levels[to]!.scale - 4}" fill="none" stroke="#d98e04" stroke-dasharray="5 4" marker-end="url(#tip)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 290" width="${width}" height="290" role="img" font-family="system-ui, DejaVu Sans, sans-serif" font-size="12" fill="#22333b">
<title>${title}</title><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#22333b"/></marker></defs>
<rect width="${width}" height="290" fill="#fff"/><text x="20" y="24" font-size="15" font-weight="600">${title}</text>
<g stroke-width="1.5">${arcs.join('')}${arrows.join('')}</g>${levels.map(box).join('\n')}
</svg>`;
}
