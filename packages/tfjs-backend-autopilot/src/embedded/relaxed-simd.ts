import { setFlagsFromString } from 'node:v8';

/** A module with a function that uses i32x4.relaxed_trunc_f32x4: valid only if relaxed SIMD is on. */
const probe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]);

/** Whether this engine compiles relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(probe);
}

/**
 * Enables relaxed SIMD in Node 20, where V8 has it behind a flag. Newer engines have it on and no such flag; older ones
 * lack the feature, so both are left alone. Returns whether the flag enabled it.
 */
export function enableRelaxedSimd(): boolean {
  if (hasRelaxedSimd() || Number(process.versions.node.split('.')[0]) !== 20) return false;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return hasRelaxedSimd();
}
