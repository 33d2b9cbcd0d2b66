/**
 * Sums arrays into the first one in the order of MPI's recursive doubling: with k not a power of two, the first pairs
 * fold, then neighbours at distance 1, 2, 4, … Float addition is not associative; this order gives MPI's bits.
 */
export function treeSum(parts: readonly Float32Array[]): Float32Array {
  let power = 1;
  while (power * 2 <= parts.length) power *= 2;
  const extra = parts.length - power;
  const left = parts.filter((_, index) => index >= 2 * extra || index % 2 === 0);
  for (let index = 0; index < extra; index++) addTo(parts[2 * index]!, parts[2 * index + 1]!);
  for (let distance = 1; distance < left.length; distance *= 2) {
    for (let index = 0; index < left.length; index += 2 * distance) addTo(left[index]!, left[index + distance]!);
  }
  return parts[0]!;
}

function addTo(target: Float32Array, other: Float32Array): void {
  for (let index = 0; index < target.length; index++) target[index] = target[index]! + other[index]!;
}
