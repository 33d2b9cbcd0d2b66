/*
 * Convolution and matrix product of floats that are rounded to bf16 as they are read, with sums in floats: the blocking
 * of convolution.c, with an innermost step that multiplies words of two. The arguments are those of the float kernels.
 */
#include "gemm.h"
#include "words.h"

#if HAS_BF16
/* Transposes 16 x 16 words: lane l of row i becomes lane i of row l. */
INLINE void turn_words(__m512i *r) {
  __m512i t[16];
  UNROLL
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  UNROLL
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = _mm512_unpacklo_epi64(t[i + j], t[i + 2 + j]);
      r[i + 2 * j + 1] = _mm512_unpackhi_epi64(t[i + j], t[i + 2 + j]);
    }
  UNROLL
  for (int j = 0; j < 4; j++) {
    t[j] = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88);
    t[4 + j] = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd);
    t[8 + j] = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
  }
  UNROLL
  for (int j = 0; j < 4; j++) {
    r[j] = _mm512_shuffle_i32x4(t[j], t[8 + j], 0x88);
    r[8 + j] = _mm512_shuffle_i32x4(t[j], t[8 + j], 0xdd);
    r[4 + j] = _mm512_shuffle_i32x4(t[4 + j], t[12 + j], 0x88);
    r[12 + j] = _mm512_shuffle_i32x4(t[4 + j], t[12 + j], 0xdd);
  }
}

/* out[k][l] = (rows[l][2k], rows[l][2k + 1]) for k < CEIL_DIV(inputs, 2), lanes l beyond `lanes` zero. */
INLINE void pack_turned(const float *rows, usize stride, int inputs, int lanes, float *out) {
  for (int k = 0; k < inputs; k += 2 * VL) {
    __m512i block[VL];
    int first = MIN(VL, inputs - k), second = MAX(0, MIN(VL, inputs - k - VL));
    for (int l = 0; l < VL; l++) {
      const float *q = rows + l * stride + k;
      block[l] = l < lanes ? (__m512i)words_in_line(load_lanes(q, first), second ? load_lanes(q + VL, second) : (vf){0})
                           : _mm512_setzero_si512();
    }
    turn_words(block);
    for (int i = 0; i < MIN(VL, CEIL_DIV(inputs - k, 2)); i++) store(out + (usize)(k / 2 + i) * VL, (vf)block[i]);
  }
}
#endif

/* packed[panel][tap][in / 2][VL] words. Arguments of pack_filter. */
KERNEL(pack_filter_bf16) {
  UNUSED(scratch);
#if HAS_BF16
  const float *w = FPTR(0);
  int KW = INT(1), Ci = INT(2), Co = INT(3), a0 = INT(4), da = INT(5), na = INT(6), b0 = INT(7), db = INT(8),
      nb = INT(9), transpose = INT(10);
  int inputs = transpose ? Co : Ci, outputs = transpose ? Ci : Co, size = CEIL_DIV(inputs, 2);
  int p0 = (int)begin * FILTER_PANELS, p1 = MIN((int)end * FILTER_PANELS, CEIL_DIV(outputs, VL));
  usize panel = (usize)na * nb * size * VL;
  for (int i = 0; i < na; i++)
    for (int j = 0; j < nb; j++) {
      const float *tap = w + (usize)((a0 + i * da) * KW + b0 + j * db) * Ci * Co;
      float *out = FPTR(11) + p0 * panel + (usize)(i * nb + j) * size * VL;
      if (transpose) {
        for (int p = p0; p < p1; p++, out += panel)
          pack_turned(tap + (usize)p * VL * Co, Co, inputs, MIN(VL, outputs - p * VL), out);
        continue;
      }
      /* A few rows at a time, so that each is read from start to end and whole cache lines are written. */
      for (int k0 = 0; k0 < size; k0 += 4)
        for (int p = p0; p < p1; p++)
          for (int k = k0; k < MIN(k0 + 4, size); k++) {
            const float *row = tap + (usize)2 * k * Co + p * VL;
            vf upper = 2 * k + 1 < inputs ? load_lanes(row + Co, outputs - p * VL) : (vf){0};
            store(out + (p - p0) * panel + (usize)k * VL, words_of(load_lanes(row, outputs - p * VL), upper));
          }
    }
  return 0;
#else
  UNUSED(a), UNUSED(begin), UNUSED(end);
  return NOT_ON_THIS_PROCESSOR;
#endif
}

/* Arguments of convolve, an even number of input channels. Scratch: the window of a band in words. */
KERNEL(convolve_bf16) { return HAS_BF16 ? convolve_items(1, a, begin, end, scratch) : NOT_ON_THIS_PROCESSOR; }

/* Arguments of matmul. Scratch: CEIL_DIV(K, 2) words for each row of an item. */
KERNEL(matmul_bf16) { return HAS_BF16 ? matmul_items(1, a, begin, end, scratch) : NOT_ON_THIS_PROCESSOR; }

#if HAS_BF16
/* window[line][i] = (x[i], x[i + sx * Ci]) along each line: a pixel paired with the one that the next output reads. */
INLINE void pair_window(const float *image, int H, int W, int Ci, int y0, int x0, int lines, int columns, int sx, float *row,
                        float *window) {
  usize length = (usize)columns * Ci, shift = (usize)sx * Ci;
  zero_floats(row + length, shift);
  for (int i = 0; i < lines; i++, window += length) {
    copy_window(image, H, W, Ci, y0 + i, x0, 1, columns, row);
    words_between(row, row + shift, length, window);
  }
}

/* out[panel pair][line][q / 2][lanes] = (d[q], d[q + 1]) of `width` pixels per line; zero beyond the line and Co. */
INLINE void pair_gradients(const float *d, int Co, int lines, int width, int p0, int p1, float *out) {
  for (int p = p0; p < p1; p += 2)
    for (int i = 0; i < lines; i++)
      for (int q = 0; q < width; q += 2)
        for (int v = p; v < MIN(p + 2, p1); v++, out += VL) {
          const float *at = d + ((usize)i * width + q) * Co + v * VL;
          int lanes = Co - v * VL;
          store(out, words_of(load_lanes(at, lanes), q + 1 < width ? load_lanes(at + Co, lanes) : (vf){0}));
        }
}
#endif

/*
 * Arguments of filter_gradient. Scratch: a line of the window plus one pixel step in floats, the window in words, dy's
 * words, then VL words for each pair of pixels of a band.
 */
KERNEL(filter_gradient_bf16) {
#if HAS_BF16
  int H = INT(1), W = INT(2), Ci = INT(3), N = INT(5), OH = INT(6), OW = INT(7), Co = INT(8), KH = INT(9), KW = INT(10),
      sy = INT(11), sx = INT(12), dy = INT(13), dx = INT(14), top = INT(15), left = INT(16), part = INT(18),
      band = INT(19), group = INT(20);
  int all = CEIL_DIV(Co, VL), groups = CEIL_DIV(all, group), half = CEIL_DIV(OW, 2);
  int columns = (OW - 1) * sx + (KW - 1) * dx + 1;
  usize ldg = (usize)all * VL, size = (usize)KH * KW * Ci * ldg, line = (usize)columns * Ci;
  int runs = dx == 1 ? KH : KH * KW, depth = dx == 1 ? KW * Ci : Ci;
  float *window = scratch + line + (usize)sx * Ci;
  float *gradients = window + (usize)((band - 1) * sy + (KH - 1) * dy + 1) * line;
  for (long item = begin; item < end; item++) {
    int p0 = (int)(item % groups) * group, p1 = MIN(all, p0 + group), accumulate = 0;
    long row0 = item / groups * part, row1 = MIN(row0 + part, (long)N * OH);
    float *out = FPTR(17) + (usize)(item / groups) * size;
    for (long row = row0; row < row1;) {
      int n = (int)(row / OH), i0 = (int)(row % OH), rows = MIN(band, OH - i0);
      if (row + rows > row1) rows = (int)(row1 - row);
      int lines = (rows - 1) * sy + (KH - 1) * dy + 1, pairs = rows * half;
      pair_window(FPTR(0) + (usize)n * H * W * Ci, H, W, Ci, i0 * sy - top, -left, lines, columns, sx, scratch, window);
      pair_gradients(FPTR(4) + ((usize)n * OH + i0) * OW * Co, Co, rows, OW, p0, p1, gradients);
      float *packed = gradients + (usize)pairs * (p1 - p0) * VL;
      for (int r = 0; r < runs; r++) {
        const float *tap = window + (dx == 1 ? (usize)r * dy * line : (usize)(r / KW) * dy * line + r % KW * dx * Ci);
        for (int k = 0; k < depth;) {
          int m = MIN(MRB, depth - k);
          float *o = packed;
          for (int i = 0; i < rows; i++) {
            const float *q = tap + (usize)i * sy * line + k;
            /* Stores whole vectors; the next store overwrites the excess. */
            for (int j = 0; j < half; j++, q += (usize)2 * sx * Ci, o += m) store(o, load(q));
          }
          for (int p = p0; p < p1; p += 2) {
            int panels = MIN(2, p1 - p);
            FN(word_outers)[m - 1][panels - 1](packed, 0, m, gradients + (usize)(p - p0) * VL * pairs, 0, panels * VL, 1, pairs,
                                               accumulate, out + (usize)(r * depth + k) * ldg + p * VL, ldg);
          }
          k += m;
        }
      }
      accumulate = 1;
      row += rows;
    }
  }
  return 0;
#else
  UNUSED(a), UNUSED(begin), UNUSED(end), UNUSED(scratch);
  return NOT_ON_THIS_PROCESSOR;
#endif
}
