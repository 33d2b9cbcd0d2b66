import { planar } from '../reading/itk-image.ts';
import { refusal } from '../refusal.ts';
import { identityDirection, type Volume, type VoxelArray } from '../volume/volume.ts';

/** Pixels as a raster file stores them: samples interleaved, page after page. */
export interface Picture {
  width: number;
  height: number;
  pages: number;
  samples: number;
  data: VoxelArray;
  /** If set, the last sample of each pixel is its opacity, and this value means fully opaque. */
  opaque?: number;
  palette?: Uint8Array;
}

/** A picture as a volume of 1 mm pixels: rasters give no reliable size. Opacity is dropped, transparency refused. */
export function pictureVolume(picture: Picture): Volume {
  const { width, height, pages, opaque, palette } = picture;
  const { data, samples } = opaque === undefined ? picture : withoutOpacity(picture, opaque);
  const values = samples === 1 ? data : planar(data, samples);
  return {
    size: [width, height, pages],
    spacingMm: [1, 1, 1],
    originMm: [0, 0, 0],
    direction: [...identityDirection],
    channels: samples,
    data: values,
    ...(palette === undefined ? {} : { palette }),
  };
}

function withoutOpacity({ data, samples }: Picture, opaque: number): Pick<Picture, 'data' | 'samples'> {
  const left = samples - 1;
  const pixels = data.length / samples;
  const kept = data.slice(0, pixels * left);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (data[pixel * samples + left] !== opaque) {
      throw refusal(
        'some of its pixels are transparent, and nothing says what lies behind them; save it without transparency',
      );
    }
    for (let sample = 0; sample < left; sample++) kept[pixel * left + sample] = data[pixel * samples + sample]!;
  }
  return { data: kept, samples: left };
}
