/*
 * Portable SIMD on top of the GCC/clang vector extensions.
 *
 * The same source is compiled several times. The build sets
 *   VL   lanes of a vector: 4 (wasm, SSE, NEON), 8 (AVX2), 16 (AVX-512)
 *   MRB  rows of a register tile
 *   FN   name mangling, so that one binary can hold several builds
 */
#ifndef AUTOPILOT_VECTOR_H
#define AUTOPILOT_VECTOR_H

#ifdef __wasm__
typedef unsigned long usize;
#else
#include <stddef.h>
typedef size_t usize;
#endif

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#ifndef VL
#define VL 4
#endif
#ifndef MRB
#define MRB 4
#endif
#ifndef FN
#define FN(name) name
#endif

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
#define CEIL_DIV(a, b) (((a) + (b)-1) / (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

typedef float vf __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int vi __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int vi_scalar __attribute__((may_alias));

/* a * b + c, fused if the target supports it. */
#if defined(__wasm__) && defined(RELAXED)
#define FMA(a, b, c) __builtin_wasm_relaxed_madd_f32x4(a, b, c)
#else
#define FMA(a, b, c) ((c) + (a) * (b))
#endif

INLINE vf splat(float a) { return a - (vf){0}; }
INLINE vf load(const float *p) { return *(const vf *)p; }
INLINE void store(float *p, vf v) { *(vf *)p = v; }
INLINE vf bits(vi v) { return (vf)v; }

/* Lane-wise m ? a : b, where each lane of m is all ones or all zeros. */
INLINE vf choose(vi m, vf a, vf b) { return (vf)(((vi)a & m) | ((vi)b & ~m)); }

/* max(x, 0), keeping NaN. */
INLINE vf relu_lanes(vf x) {
#ifdef __wasm__
  return __builtin_wasm_pmax_f32x4(x, (vf){0});
#else
  return choose((vi)((vf){0} > x), (vf){0}, x);
#endif
}

/* The larger of each pair of lanes; NaN if either is NaN. */
INLINE vf max_lanes(vf a, vf b) { return choose((vi)(b > a) | (vi)(b != b), b, a); }
INLINE float max_scalar(float a, float b) { return (b > a || b != b) ? b : a; }
INLINE vf min_lanes(vf a, vf b) { return choose((vi)(b < a) | (vi)(b != b), b, a); }
INLINE float min_scalar(float a, float b) { return (b < a || b != b) ? b : a; }

INLINE float sum_lanes(vf v) {
  float s = 0;
  for (int l = 0; l < VL; l++) s += v[l];
  return s;
}

INLINE void copy_floats(float *d, const float *s, usize n) {
  usize i = 0;
  for (; i + VL <= n; i += VL) store(d + i, load(s + i));
  for (; i < n; i++) d[i] = s[i];
}

INLINE void fill_floats(float *d, float value, usize n) {
  usize i = 0;
  vf v = splat(value);
  for (; i + VL <= n; i += VL) store(d + i, v);
  for (; i < n; i++) d[i] = value;
}

INLINE void zero_floats(float *d, usize n) { fill_floats(d, 0, n); }

/* Load and store only the first n < VL lanes; the others are loaded as zero, and their memory is not touched. */
#if VL == 16 && defined(__AVX512F__)
INLINE vf load_some(const float *p, int n) { return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void store_some(float *p, vf v, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v); }
#elif VL == 8 && defined(__AVX2__)
INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vf load_some(const float *p, int n) { return (vf)_mm256_maskload_ps(p, first_lanes(n)); }
/* Half a vector gets a plain store: a masked one takes about ten times as long on AMD's Zen. */
INLINE void store_some(float *p, vf v, int n) {
  if (n == 4) _mm_storeu_ps(p, _mm256_castps256_ps128((__m256)v));
  else _mm256_maskstore_ps(p, first_lanes(n), (__m256)v);
}
#else
INLINE vf load_some(const float *p, int n) {
  vf v = {0};
  for (int l = 0; l < n; l++) v[l] = p[l];
  return v;
}

INLINE void store_some(float *p, vf v, int n) {
  for (int l = 0; l < n; l++) p[l] = v[l];
}
#endif

/* The same, but `lanes` may also be VL or more: a whole vector. */
INLINE vf load_lanes(const float *p, int lanes) { return lanes >= VL ? load(p) : load_some(p, lanes); }
INLINE void store_lanes(float *p, vf v, int lanes) {
  if (lanes >= VL) store(p, v);
  else store_some(p, v, lanes);
}

/*
 * bf16: the upper half of a float, rounded to nearest, ties to even. Two of them make a word, the lower half first;
 * words are held in vectors of floats. Subnormal floats count as zero.
 */
#if VL == 16 && defined(__AVX512BF16__)
#define HAS_BF16 1
/* c + a.lower * b.lower + a.upper * b.upper in floats. */
INLINE vf dot_words(vf a, vf b, vf c) { return (vf)_mm512_dpbf16_ps((__m512)c, (__m512bh)(__m512)a, (__m512bh)(__m512)b); }
INLINE vf splat_word(const float *p) { return (vf)_mm512_set1_epi32(*(const vi_scalar *)p); }
/* Lane l: (lower[l], upper[l]). */
INLINE vf words_of(vf lower, vf upper) {
  __m512i l = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)lower));
  __m512i u = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)upper));
  return (vf)_mm512_or_si512(l, _mm512_slli_epi32(u, 16));
}
/* Lane l: (floats 2l and 2l + 1 of first and second together). */
INLINE vf words_in_line(vf first, vf second) { return (vf)(__m512)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first); }
#else
#define HAS_BF16 0
#endif
/* Returned by the kernels that this instruction set lacks. */
#define NOT_ON_THIS_PROCESSOR 3

/*
 * The calling convention of every kernel: items [begin, end) of the item space that the caller chose, arguments as
 * doubles (addresses below 2^53 are exact), the calling thread's scratch. Returns 0, or a code that the caller reports.
 * Items write disjoint memory, so results do not depend on how many threads share them.
 */
typedef int (*kernel_fn)(const double *a, long begin, long end, float *scratch);
#define KERNEL(name) int FN(name)(const double *a, long begin, long end, float *scratch)
#define FPTR(i) ((float *)(usize)a[i])
#define INT(i) ((int)a[i])
#define SIZE(i) ((usize)a[i])
#define UNUSED(x) ((void)(x))

#endif
