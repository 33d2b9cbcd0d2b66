import { normalFrom, type Random, seededRandom } from '../random.ts';
import type { Dataset, Split } from './dataset.ts';

export interface PhantomOptions {
  /** Pixels along one side. */
  size: number;
  trainSlices: number;
  /** Left out: no validation part. */
  validationSlices?: number | undefined;
  testSlices: number;
  /** Standard deviation of the added noise, before normalization. */
  noise: number;
  seed: number;
}

const classes = ['background', 'atrium'];
const biasAmplitude = 0.35;
const bloodIntensity = 0.95;

/**
 * Synthetic axial chest slices: a body with two dark lungs, heart muscle, and three bright structures of the same
 * intensity, of which only the irregular left atrium (class 1, some 2 to 3 % of the pixels) is labelled. The slices
 * depend on the seed alone; each part has its own random stream.
 */
export function phantom(options: PhantomOptions): Dataset {
  const split = (name: string, count: number) => makeSplit(name, count, options);
  const { trainSlices, validationSlices, testSlices } = options;
  return {
    name: 'phantom',
    height: options.size,
    width: options.size,
    channels: 1,
    classes,
    splits: {
      train: split('train', trainSlices),
      ...(validationSlices === undefined ? {} : { validation: split('validation', validationSlices) }),
      test: split('test', testSlices),
    },
  };
}

function makeSplit(name: string, count: number, { size, noise, seed }: PhantomOptions): Split {
  const random = seededRandom(seed, `phantom/${name}`);
  const pixels = size * size;
  const images = new Float32Array(count * pixels);
  const labels = new Uint8Array(count * pixels);
  for (let slice = 0; slice < count; slice++) {
    const from = slice * pixels;
    drawSlice(random, size, noise, images.subarray(from, from + pixels), labels.subarray(from, from + pixels));
  }
  return { count, images, labels, cases: Array.from({ length: count }, (_, index) => `${name}-${index + 1}`) };
}

function drawSlice(random: Random, size: number, noise: number, image: Float32Array, label: Uint8Array): void {
  const between = (low: number, high: number) => low + (high - low) * random();
  const wobblePhases: [number, number] = [between(0, 2 * Math.PI), between(0, 2 * Math.PI)];
  const fill = (ellipse: Ellipse, intensity: number) => {
    eachInside(ellipse, wobblePhases, size, (pixel) => {
      image[pixel] = intensity;
    });
  };
  const body = { x: between(-0.05, 0.05), y: between(-0.05, 0.05), a: between(0.8, 0.92), b: between(0.68, 0.8) };
  fill({ ...body, angle: between(-0.15, 0.15) }, 0.45);
  for (const side of [-1, 1]) {
    const lung = {
      x: side * between(0.42, 0.55),
      y: between(-0.15, 0.05),
      a: between(0.18, 0.27),
      b: between(0.3, 0.42),
    };
    fill({ ...lung, angle: between(-0.3, 0.3) }, between(0.05, 0.2));
  }
  const heart = { x: between(-0.15, 0.15), y: between(-0.2, 0.2), a: between(0.42, 0.5), b: between(0.36, 0.42) };
  fill({ ...heart, angle: between(-0.6, 0.6) }, 0.6);
  const chamber = () => ({ a: between(0.16, 0.22), b: between(0.13, 0.19), angle: between(0, 3) });
  fill({ x: heart.x - between(0.12, 0.18), y: heart.y + between(-0.15, 0), ...chamber() }, bloodIntensity);
  const atrium = { x: heart.x + between(0.14, 0.2), y: heart.y + between(0.05, 0.16), ...chamber(), wobble: 0.12 };
  fill(atrium, bloodIntensity);
  eachInside(atrium, wobblePhases, size, (pixel) => {
    label[pixel] = 1;
  });
  const aorta = {
    x: between(-0.1, 0.1),
    y: between(0.5, 0.6),
    a: between(0.09, 0.13),
    b: between(0.09, 0.13),
    angle: 0,
  };
  eachInside(aorta, wobblePhases, size, (pixel) => {
    image[pixel] = bloodIntensity;
    label[pixel] = 0;
  });
  applyBias(random, size, image);
  const normal = normalFrom(random);
  for (let pixel = 0; pixel < image.length; pixel++) image[pixel] = image[pixel]! + noise * normal();
  normalize(image);
}

interface Ellipse {
  x: number;
  y: number;
  /** Semi-axes. */
  a: number;
  b: number;
  /** Radians. */
  angle: number;
  /** Relative waviness of the outline. */
  wobble?: number;
}

/** Coordinates run from −1 to 1 along both axes. */
function eachInside(shape: Ellipse, phases: [number, number], size: number, visit: (pixel: number) => void): void {
  const { x, y, a, b, angle, wobble = 0 } = shape;
  for (let pixel = 0; pixel < size * size; pixel++) {
    const dx = coordinate(pixel % size, size) - x;
    const dy = coordinate(Math.floor(pixel / size), size) - y;
    const u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / a;
    const v = (-dx * Math.sin(angle) + dy * Math.cos(angle)) / b;
    const direction = Math.atan2(v, u);
    const edge = 1 + wobble * (Math.sin(2 * direction + phases[0]) + Math.sin(3 * direction + phases[1]));
    if (Math.hypot(u, v) < edge) visit(pixel);
  }
}

/** Multiplies by a smooth field, such as receive coils leave in an image. */
function applyBias(random: Random, size: number, image: Float32Array): void {
  const c = Array.from({ length: 5 }, () => 2 * random() - 1) as [number, number, number, number, number];
  for (let pixel = 0; pixel < image.length; pixel++) {
    const x = coordinate(pixel % size, size);
    const y = coordinate(Math.floor(pixel / size), size);
    const field = c[0] * x + c[1] * y + c[2] * x * y + c[3] * (x * x - 1 / 3) + c[4] * (y * y - 1 / 3);
    image[pixel] = image[pixel]! * Math.exp(biasAmplitude * field);
  }
}

function coordinate(index: number, size: number): number {
  return (2 * index) / (size - 1) - 1;
}

/** Normalizes to zero mean and unit standard deviation. */
function normalize(image: Float32Array): void {
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length) + 1e-6;
  for (let pixel = 0; pixel < image.length; pixel++) image[pixel] = (image[pixel]! - mean) / deviation;
}
