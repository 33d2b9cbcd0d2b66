import { refusal } from '../refusal.ts';
import type { VoxelArray } from '../volume/volume.ts';

/** 64-bit integers as 32-bit ones if all fit, else as doubles; refused beyond 2⁵³, where doubles have gaps. */
export function exactNumbers(stored: VoxelArray | BigInt64Array | BigUint64Array): VoxelArray {
  if (!(stored instanceof BigInt64Array || stored instanceof BigUint64Array)) return stored;
  let [low, high] = [0n, 0n];
  for (const value of stored) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const [least, most] = [Number(low), Number(high)];
  if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most)) {
    throw refusal(
      `it holds 64-bit integers from ${low} to ${high}, which cannot be represented exactly; convert it to 32 bits`,
    );
  }
  const small = least >= -(2 ** 31) && most < 2 ** 31;
  const result = small ? new Int32Array(stored.length) : new Float64Array(stored.length);
  for (let index = 0; index < stored.length; index++) result[index] = Number(stored[index]);
  return result;
}
