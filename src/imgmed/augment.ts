import { normalNumber, type Random } from './random.ts';

export interface AugmentOptions {
  /** Rotation angle drawn from −r … r degrees. */
  rotationDegrees: number;
  /** Range of the magnification factor. */
  zoom: [number, number];
  /** Shift of 0 … t pixels along either x or y (thesis Table 2.1). */
  translationPx: number;
  flips: readonly ('horizontal' | 'vertical')[];
  /** Standard deviation of added noise. */
  noise: number;
}

/** A slice: pixels row by row, channels last; labels are class numbers. */
export interface Slice {
  height: number;
  width: number;
  channels: number;
  image: Float32Array;
  labels: Uint8Array;
}

/**
 * A randomly rotated, zoomed, shifted, mirrored and noisy copy of a slice. Image and labels move together, the image
 * with linear interpolation, labels with the nearest pixel. Outside the slice, the image repeats its edge and labels
 * are class 0.
 */
export function augmentSlice(slice: Slice, options: AugmentOptions, random: Random): Slice {
  const { height, width } = slice;
  const angle = ((random() * 2 - 1) * options.rotationDegrees * Math.PI) / 180;
  const zoom = options.zoom[0] + random() * (options.zoom[1] - options.zoom[0]);
  const along = random() < 0.5 ? 'x' : 'y';
  const shift = random() * options.translationPx;
  const [shiftX, shiftY] = along === 'x' ? [shift, 0] : [0, shift];
  const mirrorX = random() < 0.5 && options.flips.includes('horizontal') ? -1 : 1;
  const mirrorY = random() < 0.5 && options.flips.includes('vertical') ? -1 : 1;
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const image = new Float32Array(slice.image.length);
  const labels = new Uint8Array(slice.labels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x - centreX - shiftX;
      const dy = y - centreY - shiftY;
      const sourceX = (cos * dx + sin * dy) * mirrorX + centreX;
      const sourceY = (cos * dy - sin * dx) * mirrorY + centreY;
      const pixel = y * width + x;
      labels[pixel] = nearestLabel(slice, sourceX, sourceY);
      interpolate(slice, sourceX, sourceY, image, pixel);
    }
  }
  if (options.noise > 0) {
    for (let index = 0; index < image.length; index++) image[index]! += options.noise * normalNumber(random);
  }
  return { ...slice, image, labels };
}

function nearestLabel({ labels, width, height }: Slice, x: number, y: number): number {
  const [column, row] = [Math.floor(x + 0.5), Math.floor(y + 0.5)];
  if (column < 0 || row < 0 || column >= width || row >= height) return 0;
  return labels[row * width + column]!;
}

/** Bilinear interpolation with edge pixels repeated outside; writes all channels of `pixel`. */
function interpolate(
  { image, width, height, channels }: Slice,
  x: number,
  y: number,
  target: Float32Array,
  pixel: number,
): void {
  const cx = Math.min(width - 1, Math.max(0, x));
  const cy = Math.min(height - 1, Math.max(0, y));
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [fx, fy] = [cx - x0, cy - y0];
  for (let channel = 0; channel < channels; channel++) {
    const at = (row: number, column: number) => image[(row * width + column) * channels + channel]!;
    const top = at(y0, x0) * (1 - fx) + at(y0, x1) * fx;
    const bottom = at(y1, x0) * (1 - fx) + at(y1, x1) * fx;
    target[pixel * channels + channel] = top * (1 - fy) + bottom * fy;
  }
}
