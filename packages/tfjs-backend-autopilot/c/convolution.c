/*
 * Direct convolution, NHWC, filters [KH][KW][Ci][Co].
 *
 * The gradient with respect to the input uses the same kernel: with stride S the pixels of dx fall into S*S phases, and
 * within a phase dx is an ordinary convolution of dy with every S-th tap of the turned filter. So the arguments of
 * `convolve` describe its taps and where its outputs go; forward, gradient and transposed convolution differ in them.
 */
#include "gemm.h"
#include "words.h"

/*
 * Packs a filter, an item per FILTER_PANELS panels of VL outputs: packed[panel][tap][in][VL].
 * 0 w, 1 KW, 2 Ci, 3 Co, 4 first row, 5 row step, 6 rows, 7 first column, 8 column step, 9 columns,
 * 10 transpose (outputs are Ci), 11 packed
 */
KERNEL(pack_filter) {
  UNUSED(scratch);
  const float *w = FPTR(0);
  int KW = INT(1), Ci = INT(2), Co = INT(3), a0 = INT(4), da = INT(5), na = INT(6), b0 = INT(7), db = INT(8),
      nb = INT(9), transpose = INT(10);
  int inputs = transpose ? Co : Ci, outputs = transpose ? Ci : Co;
  int p0 = (int)begin * FILTER_PANELS, p1 = MIN((int)end * FILTER_PANELS, CEIL_DIV(outputs, VL));
  usize panel = (usize)na * nb * inputs * VL;
  for (int i = 0; i < na; i++)
    for (int j = 0; j < nb; j++) {
      const float *tap = w + (usize)((a0 + i * da) * KW + b0 + j * db) * Ci * Co;
      float *out = FPTR(11) + p0 * panel + (usize)(i * nb + j) * inputs * VL;
      if (transpose) {
        for (int p = p0; p < p1; p++, out += panel) {
          const float *q = tap + (usize)p * VL * Co;
          int lanes = MIN(VL, outputs - p * VL);
          if (lanes < VL) zero_floats(out, (usize)inputs * VL);
          for (int l = 0; l < lanes; l++)
            for (int k = 0; k < inputs; k++) out[k * VL + l] = q[(usize)l * Co + k];
        }
        continue;
      }
      /* A few rows at a time, so that each is read from start to end and whole cache lines are written. */
      for (int k0 = 0; k0 < inputs; k0 += 8)
        for (int p = p0; p < p1; p++)
          for (int k = k0; k < MIN(k0 + 8, inputs); k++)
            store(out + (p - p0) * panel + k * VL, load_lanes(tap + (usize)k * Co + p * VL, outputs - p * VL));
    }
  return 0;
}

/*
 * y[n, Y0 + i*SY, X0 + j*SX, o] = act(bias[o] + sum_{a,b,c} x[n, i*sy - top + a*dy, j*sx - left + b*dx, c] w[a,b,c,o])
 * for i < OH, j < OW. An item is a band of rows of one image, times a group of panels.
 * 0 x, 1 H, 2 W, 3 Ci, 4 packed, 5 bias or 0, 6 relu, 7 y, 8 OH, 9 OW, 10 Co, 11 KH, 12 KW, 13 sy, 14 sx, 15 dy, 16 dx,
 * 17 top, 18 left, 19 height of y, 20 width of y, 21 Y0, 22 X0, 23 SY, 24 SX, 25 rows of a band, 26 panels of a group
 * Scratch: the window of one band.
 */
INLINE int convolve_items(const int words, const double *a, long begin, long end, float *scratch) {
  int H = INT(1), W = INT(2), Ci = INT(3), relu = INT(6), OH = INT(8), OW = INT(9), Co = INT(10), KH = INT(11),
      KW = INT(12), sy = INT(13), sx = INT(14), dy = INT(15), dx = INT(16), top = INT(17), left = INT(18), DH = INT(19),
      DW = INT(20), band = INT(25), group = INT(26);
  const float *packed = FPTR(4), *bias = FPTR(5);
  int all = CEIL_DIV(Co, VL), groups = CEIL_DIV(all, group), bands = CEIL_DIV(OH, band);
  int columns = (OW - 1) * sx + (KW - 1) * dx + 1;
  int direct_x = -left >= 0 && -left + columns <= W;
  /* Floats, or words, per pixel. */
  int size = words ? Ci / 2 : Ci;
  int offsets[KH * KW + 1];
  taps t = {KH * KW, size, offsets};
  if (dx == 1) t.segments = KH, t.depth = KW * size;
  usize stride = (usize)t.segments * t.depth * VL;
  for (long item = begin; item < end; item++) {
    int g = (int)(item % groups), b = (int)(item / groups % bands), n = (int)(item / groups / bands);
    int i0 = b * band, rows = MIN(band, OH - i0), y0 = i0 * sy - top;
    int lines = (rows - 1) * sy + (KH - 1) * dy + 1;
    const float *image = FPTR(0) + (usize)n * H * W * Ci, *src = scratch;
    usize line = (usize)columns * size;
    if (!words && direct_x && y0 >= 0 && y0 + lines <= H) {
      line = (usize)W * Ci;
      src = image + (usize)y0 * line - (long)left * Ci;
    } else if (words) {
      word_window(image, H, W, Ci, y0, -left, lines, columns, scratch);
    } else {
      copy_window(image, H, W, Ci, y0, -left, lines, columns, scratch);
    }
    for (int s = 0; s < t.segments; s++)
      offsets[s] = dx == 1 ? (int)(s * dy * line) : (int)(s / KW * dy * line) + s % KW * dx * size;
    float *out = FPTR(7) + (((usize)n * DH + INT(21) + (usize)i0 * INT(23)) * DW + INT(22)) * Co;
    for (int p = g * group; p < MIN(all, (g + 1) * group);) {
      int panels = p + 1 < MIN(all, (g + 1) * group) ? 2 : 1;
      for (int i = 0; i < rows; i++)
        product_row(words, OW, src + (usize)i * sy * line, (usize)sx * size, &t, packed, stride, p, panels, Co, bias, relu, 0,
                    out + (usize)i * INT(23) * DW * Co, (usize)INT(24) * Co);
      p += panels;
    }
  }
  return 0;
}
KERNEL(convolve) { return convolve_items(0, a, begin, end, scratch); }

/*
 * Partial filter gradients, o padded to whole panels:
 * g[part][a,b,c,o] = sum over the part's rows of dy[n,i,j,o] x[n, i*sy-top+a*dy, j*sx-left+b*dx, c].
 * An item is a part (a fixed range of output rows over all images) times a group of panels.
 * 0 x, 1 H, 2 W, 3 Ci, 4 dy, 5 N, 6 OH, 7 OW, 8 Co, 9 KH, 10 KW, 11 sy, 12 sx, 13 dy, 14 dx, 15 top, 16 left,
 * 17 g, 18 rows of a part, 19 rows of a band, 20 panels of a group
 * Scratch: the window of a band, then OW * rows * group * VL floats of dy, then MRB * OW * rows of x.
 */
KERNEL(filter_gradient) {
  int H = INT(1), W = INT(2), Ci = INT(3), N = INT(5), OH = INT(6), OW = INT(7), Co = INT(8), KH = INT(9), KW = INT(10),
      sy = INT(11), sx = INT(12), dy = INT(13), dx = INT(14), top = INT(15), left = INT(16), part = INT(18),
      band = INT(19), group = INT(20);
  int all = CEIL_DIV(Co, VL), groups = CEIL_DIV(all, group);
  int columns = (OW - 1) * sx + (KW - 1) * dx + 1, direct_x = -left >= 0 && -left + columns <= W;
  usize ldg = (usize)all * VL, size = (usize)KH * KW * Ci * ldg;
  usize window = (usize)((band - 1) * sy + (KH - 1) * dy + 1) * columns * Ci;
  int runs = dx == 1 ? KH : KH * KW, depth = dx == 1 ? KW * Ci : Ci;
  for (long item = begin; item < end; item++) {
    int g = (int)(item % groups), p0 = g * group, p1 = MIN(all, p0 + group), width = (p1 - p0) * VL;
    long row0 = item / groups * part, row1 = MIN(row0 + part, (long)N * OH);
    float *out = FPTR(17) + (usize)(item / groups) * size + p0 * VL;
    int accumulate = 0;
    for (long row = row0; row < row1;) {
      int n = (int)(row / OH), i0 = (int)(row % OH), rows = MIN(band, OH - i0);
      if (row + rows > row1) rows = (int)(row1 - row);
      int y0 = i0 * sy - top, lines = (rows - 1) * sy + (KH - 1) * dy + 1;
      const float *image = FPTR(0) + (usize)n * H * W * Ci, *src = scratch;
      usize line = (usize)columns * Ci;
      if (direct_x && y0 >= 0 && y0 + lines <= H) {
        line = (usize)W * Ci;
        src = image + (usize)y0 * line - (long)left * Ci;
      } else {
        copy_window(image, H, W, Ci, y0, -left, lines, columns, scratch);
      }
      const float *d = FPTR(4) + ((usize)n * OH + i0) * OW * Co + p0 * VL;
      int pixels = rows * OW;
      float *packed_d = scratch + window, *packed_x = packed_d + (usize)pixels * width;
      int wide = width >= 4 * VL && Ci >= 32;
      if (wide) {
        for (int p = p0; p < p1; p += 2) {
          int lanes = MIN(2, p1 - p) * VL, valid = MIN(lanes, Co - p * VL);
          float *o = packed_d + (usize)(p - p0) * VL * pixels;
          const float *q = d + (p - p0) * VL;
          for (int k = 0; k < pixels; k++, o += lanes, q += Co) {
            copy_floats(o, q, valid);
            for (int l = valid; l < lanes; l++) o[l] = 0;
          }
        }
        for (int r = 0; r < runs; r++) {
          const float *tap = dx == 1 ? src + (usize)r * dy * line : src + (usize)(r / KW) * dy * line + r % KW * dx * Ci;
          float *gr = out + (usize)r * depth * ldg;
          for (int k = 0; k < depth;) {
            int m = MIN(MRB, depth - k);
            float *o = packed_x;
            for (int i = 0; i < rows; i++) {
              const float *q = tap + (usize)i * sy * line + k;
              for (int j = 0; j < OW; j++, q += (usize)sx * Ci, o += m)
                for (int c = 0; c < m; c++) o[c] = q[c];
            }
            for (int p = p0; p < p1; p += 2) {
              int panels = MIN(2, p1 - p);
              FN(outers)[m - 1][panels - 1](packed_x, 0, m, packed_d + (usize)(p - p0) * VL * pixels, 0, panels * VL, 1,
                                            pixels, accumulate, gr + (usize)k * ldg + (p - p0) * VL, ldg);
            }
            k += m;
          }
        }
      } else {
        usize ldd = Co;
        if (width != Co - p0 * VL && p1 == all && Co % VL) {
          int valid = Co - p0 * VL;
          for (int q = 0; q < pixels; q++)
            for (int l = 0; l < width; l++) packed_d[(usize)q * width + l] = l < valid ? d[(usize)q * Co + l] : 0;
          d = packed_d;
          ldd = width;
        }
        for (int r = 0; r < runs; r++) {
          const float *tap = dx == 1 ? src + (usize)r * dy * line : src + (usize)(r / KW) * dy * line + r % KW * dx * Ci;
          outer_block(depth, tap, (usize)sy * line, (usize)sx * Ci, d, (usize)OW * ldd, ldd, rows, OW, accumulate,
                      out + (usize)r * depth * ldg, ldg, 0, p1 - p0);
        }
      }
      accumulate = 1;
      row += rows;
    }
  }
  return 0;
}

/*
 * Adds partial results in order and drops the padding of the columns: out[r][c] = sum_s in[s][r][c].
 * 0 in, 1 parts, 2 rows, 3 columns, 4 padded columns, 5 out, 6 rows of an item
 */
KERNEL(add_parts) {
  UNUSED(scratch);
  int parts = INT(1), C = INT(3), P = INT(4);
  usize rows = SIZE(2), chunk = SIZE(6), size = rows * P;
  for (usize r = begin * chunk; r < MIN(rows, (usize)end * chunk); r++) {
    const float *in = FPTR(0) + r * P;
    float *out = FPTR(5) + r * C;
    int c = 0;
    for (; c + VL <= C; c += VL) {
      vf s = load(in + c);
      for (int k = 1; k < parts; k++) s += load(in + k * size + c);
      store(out + c, s);
    }
    for (; c < C; c++) {
      float s = in[c];
      for (int k = 1; k < parts; k++) s += in[k * size + c];
      out[c] = s;
    }
  }
  return 0;
}

/*
 * C[n] = act(A[n] B[n] + bias), A row major [M][K]. 0 a, 1 batch stride of a, 2 packed b, 3 batch stride of b,
 * 4 bias or 0, 5 relu, 6 c, 7 M, 8 K, 9 columns, 10 rows of an item
 */
INLINE int matmul_items(const int words, const double *a, long begin, long end, float *scratch) {
  UNUSED(scratch);
  int M = INT(7), K = INT(8), C = INT(9), rows = INT(10), blocks = CEIL_DIV(M, rows), all = CEIL_DIV(C, VL);
  int offset = 0;
  int size = words ? CEIL_DIV(K, 2) : K;
  taps t = {1, size, &offset};
  for (long item = begin; item < end; item++) {
    long n = item / blocks;
    int m0 = (int)(item % blocks) * rows, m1 = MIN(M, m0 + rows);
    const float *A = FPTR(0) + n * SIZE(1) + (usize)m0 * K;
    float *out = FPTR(6) + ((usize)n * M + m0) * C;
    if (words) {
      for (int m = m0; m < m1; m++) word_line(A + (usize)(m - m0) * K, K, scratch + (usize)(m - m0) * size);
      A = scratch;
    }
    for (int p = 0; p < all; p += 2)
      product_row(words, m1 - m0, A, size, &t, FPTR(2) + n * SIZE(3), (usize)size * VL, p, MIN(2, all - p), C, FPTR(4), INT(5), 0, out, C);
  }
  return 0;
}
KERNEL(matmul) { return matmul_items(0, a, begin, end, scratch); }
