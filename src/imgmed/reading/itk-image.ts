import type { FloatTypes, Image, IntTypes, PixelTypes } from 'itk-wasm';
import { identityDirection, type Triple, type Volume, type VoxelArray } from '../volume/volume.ts';
import { exactNumbers } from './wide-integers.ts';

/** ITK's image as a volume: axes beyond the third and vector components become channels. */
export function fromItkImage(image: Image): Volume {
  const { dimension, components } = image.imageType;
  const size = image.size.map(Number);
  const spatial = Math.min(dimension, 3);
  const channels = size.slice(3).reduce((product, length) => product * length, 1);
  const direction = [...identityDirection];
  for (let row = 0; row < spatial; row++) {
    for (let column = 0; column < spatial; column++) {
      direction[row * 3 + column] = Number(image.direction[row * dimension + column]);
    }
  }
  const data = plainNumbers(image.data);
  return {
    size: tripleOf(size, 1),
    spacingMm: tripleOf(image.spacing, 1),
    originMm: tripleOf(image.origin, 0),
    direction,
    channels: channels * components,
    data: components > 1 ? planar(data, components) : data,
  };
}

/** A volume as ITK's image; more than one channel becomes a fourth axis. */
export function toItkImage(volume: Volume): Image {
  const four = volume.channels > 1;
  const dimension = four ? 4 : 3;
  const direction = new Float64Array(dimension * dimension);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      direction[row * dimension + column] = volume.direction[row * 3 + column]!;
    }
  }
  if (four) direction[15] = 1;
  return {
    imageType: {
      dimension,
      componentType: componentTypeOf(volume.data),
      pixelType: 'Scalar' as (typeof PixelTypes)['Scalar'],
      components: 1,
    },
    name: 'volume',
    origin: four ? [...volume.originMm, 0] : [...volume.originMm],
    spacing: four ? [...volume.spacingMm, 1] : [...volume.spacingMm],
    direction,
    size: four ? [...volume.size, volume.channels] : [...volume.size],
    metadata: new Map(),
    data: ownBuffer(volume.data),
  };
}

const componentTypes = {
  Uint8Array: 'uint8',
  Int8Array: 'int8',
  Uint16Array: 'uint16',
  Int16Array: 'int16',
  Uint32Array: 'uint32',
  Int32Array: 'int32',
  Float32Array: 'float32',
  Float64Array: 'float64',
} as const;

type Component = (typeof IntTypes)[keyof typeof IntTypes] | (typeof FloatTypes)[keyof typeof FloatTypes];

function componentTypeOf(data: VoxelArray): Component {
  return componentTypes[data.constructor.name as keyof typeof componentTypes] as Component;
}

/** ITK hands the whole underlying buffer over, so a view into a larger one is copied. */
function ownBuffer(data: VoxelArray): VoxelArray {
  return data.byteLength === data.buffer.byteLength ? data : data.slice();
}

function tripleOf(values: readonly number[], missing: number): Triple {
  return [values[0] ?? missing, values[1] ?? missing, values[2] ?? missing];
}

function plainNumbers(data: Image['data']): VoxelArray {
  if (data === null) throw new Error('it holds no voxels');
  return exactNumbers(data as VoxelArray | BigInt64Array | BigUint64Array);
}

/** Interleaved components (RGBRGB…) as planes (RR…GG…BB…). */
export function planar<T extends VoxelArray>(data: T, components: number): T {
  const result = data.slice() as T;
  const count = data.length / components;
  for (let component = 0; component < components; component++) {
    for (let index = 0; index < count; index++) {
      result[component * count + index] = data[index * components + component]!;
    }
  }
  return result;
}
