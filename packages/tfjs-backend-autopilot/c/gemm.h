/*
 * Register-tiled products, the core of convolution and matrix product.
 *
 * Weights come in panels of VL output columns: B[panel][k][VL] (see pack_filter), the last panel padded with zeros.
 */
#ifndef AUTOPILOT_GEMM_H
#define AUTOPILOT_GEMM_H
#include "vector.h"

/* Panels per item of the filter-packing kernels: 32 output channels, so that rows are read in whole cache lines. */
#define FILTER_PANELS (32 / VL)

/* The inputs of an output pixel: `segments` runs of `depth` floats each, run r starting at offsets[r]. */
typedef struct {
  int segments, depth;
  const int *offsets;
} taps;

/* a * b + c of floats, or of words of bf16 if the constant `words` is set: then both products of a word are added. */
INLINE vf multiply_add(const int words, vf a, vf b, vf c) {
#if HAS_BF16
  if (words) return dot_words(a, b, c);
#endif
  UNUSED(words);
  return FMA(a, b, c);
}
INLINE vf broadcast(const int words, const float *p) {
#if HAS_BF16
  if (words) return splat_word(p);
#endif
  UNUSED(words);
  return splat(*p);
}

/*
 * C[m][v*VL + l] = act((add ? C : 0) + bias + sum_r sum_k A[m*lda + offsets[r] + k] * B[r*depth + k][v][l]), where rows
 * and panels are constants. With `words`, A and B are words of bf16. With `add`, a long sum is made of sums of blocks,
 * whose rounding errors grow with the block and not with the whole.
 */
INLINE void product_tile(const int words, const int rows, const int panels, const float *A, usize lda, const taps *t, const float *B,
                         usize panel_stride, const float *bias, int relu, int add, float *C, usize ldc,
                         int columns) {
  vf acc[16][2];
  UNROLL
  for (int m = 0; m < rows; m++) acc[m][0] = acc[m][1] = (vf){0};
  for (int r = 0; r < t->segments; r++) {
    const float *p = A + t->offsets[r];
    const float *b = B + (usize)r * t->depth * VL;
    for (int k = 0; k < t->depth; k++, b += VL) {
      vf b0 = load(b), b1 = b0;
      if (panels > 1) b1 = load(b + panel_stride);
      UNROLL
      for (int m = 0; m < rows; m++) {
        vf s = broadcast(words, p + m * lda + k);
        acc[m][0] = multiply_add(words, s, b0, acc[m][0]);
        if (panels > 1) acc[m][1] = multiply_add(words, s, b1, acc[m][1]);
      }
    }
  }
  UNROLL
  for (int v = 0; v < panels; v++) {
    int rest = columns - v * VL;
    if (rest <= 0) break;
    vf offset = {0};
    if (bias) offset = rest >= VL ? load(bias + v * VL) : load_some(bias + v * VL, rest);
    UNROLL
    for (int m = 0; m < rows; m++) {
      vf x = acc[m][v] + offset;
      if (add) x += load_lanes(C + m * ldc + v * VL, rest);
      if (relu) x = relu_lanes(x);
      if (rest >= VL) store(C + m * ldc + v * VL, x);
      else store_some(C + m * ldc + v * VL, x, rest);
    }
  }
}

/* G[m][v*VL + l] (+)= sum_q X[q*ldx + m] * D[q*ldd + v*VL + l], q over lines x width pixels, or pairs with `words`. */
INLINE void outer_tile(const int words, const int rows, const int panels, const float *X, usize line_x, usize ldx, const float *D,
                       usize line_d, usize ldd, int lines, int width, int accumulate, float *G, usize ldg) {
  vf acc[16][2];
  UNROLL
  for (int m = 0; m < rows; m++) {
    acc[m][0] = acc[m][1] = (vf){0};
    if (accumulate) {
      acc[m][0] = load(G + m * ldg);
      if (panels > 1) acc[m][1] = load(G + m * ldg + VL);
    }
  }
  for (int r = 0; r < lines; r++) {
    const float *x = X + r * line_x, *d = D + r * line_d;
    for (int q = 0; q < width; q++, x += ldx, d += ldd) {
      vf d0 = load(d), d1 = d0;
      if (panels > 1) d1 = load(d + VL);
      UNROLL
      for (int m = 0; m < rows; m++) {
        vf s = broadcast(words, x + m);
        acc[m][0] = multiply_add(words, s, d0, acc[m][0]);
        if (panels > 1) acc[m][1] = multiply_add(words, s, d1, acc[m][1]);
      }
    }
  }
  UNROLL
  for (int m = 0; m < rows; m++) {
    store(G + m * ldg, acc[m][0]);
    if (panels > 1) store(G + m * ldg + VL, acc[m][1]);
  }
}

typedef void (*product_fn)(const float *, usize, const taps *, const float *, usize, const float *, int, int, float *,
                           usize, int);
typedef void (*outer_fn)(const float *, usize, usize, const float *, usize, usize, int, int, int, float *, usize);

#define TILE(kind, words, m, v)                                                                                       \
  NOINLINE void FN(kind##product_##m##_##v)(const float *A, usize lda, const taps *t, const float *B,                 \
                                            usize panel_stride, const float *bias, int relu, int add, float *C,       \
                                            usize ldc, int columns) {                                                 \
    product_tile(words, m, v, A, lda, t, B, panel_stride, bias, relu, add, C, ldc, columns);                          \
  }                                                                                                                   \
  NOINLINE void FN(kind##outer_##m##_##v)(const float *X, usize line_x, usize ldx, const float *D, usize line_d,      \
                                          usize ldd, int lines, int width, int accumulate, float *G, usize ldg) {     \
    outer_tile(words, m, v, X, line_x, ldx, D, line_d, ldd, lines, width, accumulate, G, ldg);                        \
  }
#if HAS_BF16
#define TILES(m) TILE(, 0, m, 1) TILE(, 0, m, 2) TILE(word_, 1, m, 1) TILE(word_, 1, m, 2)
#else
#define TILES(m) TILE(, 0, m, 1) TILE(, 0, m, 2)
#endif
TILES(1) TILES(2) TILES(3) TILES(4)
#if MRB > 4
TILES(5) TILES(6)
#endif
#if MRB > 6
TILES(7) TILES(8)
#endif
#if MRB > 8
TILES(9) TILES(10) TILES(11) TILES(12)
#endif

#define ROW(kind, m) {FN(kind##_##m##_1), FN(kind##_##m##_2)}
#define ROWS4(kind) ROW(kind, 1), ROW(kind, 2), ROW(kind, 3), ROW(kind, 4)
#if MRB > 8
#define ALL_ROWS(kind)                                                                                              \
  ROWS4(kind), ROW(kind, 5), ROW(kind, 6), ROW(kind, 7), ROW(kind, 8), ROW(kind, 9), ROW(kind, 10), ROW(kind, 11), \
      ROW(kind, 12)
#elif MRB > 6
#define ALL_ROWS(kind) ROWS4(kind), ROW(kind, 5), ROW(kind, 6), ROW(kind, 7), ROW(kind, 8)
#elif MRB > 4
#define ALL_ROWS(kind) ROWS4(kind), ROW(kind, 5), ROW(kind, 6)
#else
#define ALL_ROWS(kind) ROWS4(kind)
#endif
static const product_fn FN(products)[][2] = {ALL_ROWS(product)};
static const outer_fn FN(outers)[][2] = {ALL_ROWS(outer)};
#if HAS_BF16
static const product_fn FN(word_products)[][2] = {ALL_ROWS(word_product)};
static const outer_fn FN(word_outers)[][2] = {ALL_ROWS(word_outer)};
#define WORD_PRODUCTS FN(word_products)
#else
#define WORD_PRODUCTS FN(products)
#endif

/* One row of `pixels` output pixels for `panels` (1 or 2) panels from panel p on, which are `stride` floats apart. With
   `words`, A and the panels are words of bf16. */
INLINE void product_row(const int words, int pixels, const float *A, usize lda, const taps *t, const float *packed, usize stride, int p,
                        int panels, int columns, const float *bias, int relu, int add, float *C, usize ldc) {
  const float *B = packed + p * stride;
  if (bias) bias += p * VL;
  C += p * VL;
  for (int m = 0; m < pixels;) {
    int rows = MIN(MRB, pixels - m);
    (words ? WORD_PRODUCTS : FN(products))[rows - 1][panels - 1](A + m * lda, lda, t, B, stride, bias, relu, add, C + m * ldc, ldc,
                                       columns - p * VL);
    m += rows;
  }
}

/* G[k][o] for k in [0, depth), o in panels [p0, p1) of VL columns each. */
INLINE void outer_block(int depth, const float *X, usize line_x, usize ldx, const float *D, usize line_d, usize ldd,
                        int lines, int width, int accumulate, float *G, usize ldg, int p0, int p1) {
  for (int p = p0; p < p1;) {
    int panels = p + 1 < p1 ? 2 : 1;
    for (int k = 0; k < depth;) {
      int rows = MIN(MRB, depth - k);
      FN(outers)[rows - 1][panels - 1](X + k, line_x, ldx, D + p * VL, line_d, ldd, lines, width, accumulate,
                                       G + (usize)k * ldg + p * VL, ldg);
      k += rows;
    }
    p += panels;
  }
}

/*
 * dst[rows][columns][channels] = the window of the image src[height][width][channels] whose corner is at (y0, x0);
 * pixels outside the image are zero.
 */
INLINE void copy_window(const float *src, int height, int width, int channels, int y0, int x0, int rows, int columns,
                        float *dst) {
  int left = MIN(MAX(0, -x0), columns), from = MAX(0, x0), inside = MAX(0, MIN(width - from, columns - left));
  int right = columns - left - inside;
  for (int i = 0; i < rows; i++, dst += (usize)columns * channels) {
    int y = y0 + i;
    if (y < 0 || y >= height || inside == 0) {
      zero_floats(dst, (usize)columns * channels);
      continue;
    }
    zero_floats(dst, (usize)left * channels);
    copy_floats(dst + (usize)left * channels, src + ((usize)y * width + from) * channels, (usize)inside * channels);
    zero_floats(dst + (usize)(left + inside) * channels, (usize)right * channels);
  }
}
#endif
