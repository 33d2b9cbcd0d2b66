/*
 * Winograd F(4x4, 3x3) (Lavin & Gray 2015): 3x3, stride 1, one pixel of zero padding. Channels are padded to whole
 * vectors in the transformed domain only (CiP, CoP below).
 *
 * A row of tiles covers four rows of the output. Tile rows are numbered across all images, so that an item can hold
 * several rows of one image or several small images. The relative error is about 5e-6 instead of 1e-7.
 */
#include "gemm.h"

/*
 * Floats from one of the 36 planes of a transformed block to the next: an odd number of cache lines, so that the 36
 * addresses that a transform touches do not map to the same few cache sets.
 */
INLINE usize plane_stride(usize floats) { return (CEIL_DIV(floats, 16) | 1) * 16; }

/*
 * Maximum number of channels summed in one go: the rounding error that this adds to Winograd's grows with its square
 * root. For more channels, blocks are summed and the sums of blocks added.
 */
#define SUM_CHANNELS (VL == 4 ? 64 : 128)

/* copy_window with each pixel padded from C to P channels. */
INLINE void padded_window(const float *src, int height, int width, int C, int P, int y0, int x0, int rows, int columns,
                          float *dst) {
  if (C == P) {
    copy_window(src, height, width, C, y0, x0, rows, columns, dst);
    return;
  }
  zero_floats(dst, (usize)rows * columns * P);
  for (int i = MAX(0, -y0); i < rows && y0 + i < height; i++)
    for (int j = MAX(0, -x0); j < columns && x0 + j < width; j++)
      copy_floats(dst + ((usize)i * columns + j) * P, src + ((usize)(y0 + i) * width + x0 + j) * C, C);
}

/* o = B^T d */
INLINE void input_transform(const vf *d, vf *o) {
  vf m4 = splat(-4.f), m5 = splat(-5.f), p4 = splat(4.f);
  o[0] = FMA(p4, d[0], FMA(m5, d[2], d[4]));
  vf t1 = FMA(m4, d[2], d[4]), t2 = FMA(m4, d[1], d[3]);
  o[1] = t1 + t2;
  o[2] = t1 - t2;
  vf t3 = d[4] - d[2], t4 = d[3] - d[1];
  t4 = t4 + t4;
  o[3] = t3 + t4;
  o[4] = t3 - t4;
  o[5] = FMA(p4, d[1], FMA(m5, d[3], d[5]));
}

/* o = A^T m */
INLINE void output_transform(const vf *m, vf *o) {
  vf s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
  o[0] = m[0] + s1 + s2;
  o[1] = d1 + (d2 + d2);
  o[2] = FMA(splat(4.f), s2, s1);
  o[3] = FMA(splat(8.f), d2, d1) + m[5];
}

/* o = A y */
INLINE void gradient_transform(const vf *y, vf *o) {
  vf e = y[0] + y[2], f = y[1] + y[3], g = FMA(splat(4.f), y[2], y[0]), h = FMA(splat(8.f), y[3], y[1] + y[1]);
  o[0] = y[0];
  o[1] = e + f;
  o[2] = e - f;
  o[3] = g + h;
  o[4] = g - h;
  o[5] = y[3];
}

/* o = G g */
INLINE void filter_transform(const vf *g, vf *o) {
  vf q = splat(1.f / 6), s = g[0] + g[2];
  o[0] = splat(.25f) * g[0];
  o[1] = -q * (s + g[1]);
  o[2] = q * (g[1] - s);
  vf b = splat(1.f / 24) * g[0] + q * g[2], c = splat(1.f / 12) * g[1];
  o[3] = b + c;
  o[4] = b - c;
  o[5] = g[2];
}

/* o = G^T u */
INLINE void filter_untransform(const vf *u, vf *o) {
  vf p = u[1] + u[2], b = u[2] - u[1], c = u[3] + u[4], d = u[3] - u[4];
  o[0] = splat(.25f) * u[0] - splat(1.f / 6) * p + splat(1.f / 24) * c;
  o[1] = splat(1.f / 6) * b + splat(1.f / 12) * d;
  o[2] = splat(1.f / 6) * (c - p) + u[5];
}

/*
 * U[36][panel][in][VL] (planes plane_stride apart) = G w G^T, an item per FILTER_PANELS panels of outputs.
 * 0 w, 1 inputs, 2 outputs, 3 turned (w is [9][outputs][inputs] of the forward convolution, its taps rotated by 180
 * degrees), 4 U
 * Scratch: 9 * inputs * FILTER_PANELS * VL, the taps of an item as [panel][in][9][VL]
 */
KERNEL(winograd_filter) {
  const float *w = FPTR(0);
  int inputs = INT(1), outputs = INT(2), turned = INT(3), panels = CEIL_DIV(outputs, VL);
  float *U = FPTR(4);
  usize plane = plane_stride((usize)panels * inputs * VL), panel = (usize)9 * inputs * VL;
  for (long item = begin; item < end; item++) {
    int p0 = (int)item * FILTER_PANELS, p1 = MIN(p0 + FILTER_PANELS, panels);
    if (turned && p1 * VL > outputs) zero_floats(scratch, (p1 - p0) * panel);
    for (int tap = 0; tap < 9; tap++)
      if (turned) {
        for (int o = p0 * VL; o < MIN(p1 * VL, outputs); o++) {
          const float *row = w + ((usize)(8 - tap) * outputs + o) * inputs;
          float *g = scratch + (o / VL - p0) * panel + tap * VL + o % VL;
          for (int c = 0; c < inputs; c++) g[c * 9 * VL] = row[c];
        }
      } else {
        for (int c = 0; c < inputs; c++)
          for (int p = p0; p < p1; p++)
            store(scratch + (p - p0) * panel + (c * 9 + tap) * VL,
                  load_lanes(w + ((usize)tap * inputs + c) * outputs + p * VL, outputs - p * VL));
      }
    for (int k = 0; k < (p1 - p0) * inputs; k++) {
      const float *taps = scratch + (usize)k * 9 * VL;
      float *out = U + ((usize)p0 * inputs + k) * VL;
      vf t[6][3], column[6];
      for (int b = 0; b < 3; b++) {
        vf g[3];
        for (int i = 0; i < 3; i++) g[i] = load(taps + (i * 3 + b) * VL);
        filter_transform(g, column);
        for (int i = 0; i < 6; i++) t[i][b] = column[i];
      }
      for (int i = 0; i < 6; i++) {
        filter_transform(t[i], column);
        for (int j = 0; j < 6; j++) store(out + (i * 6 + j) * plane, column[j]);
      }
    }
  }
  return 0;
}

/*
 * V[36][..][C], planes `plane` floats apart, from tile t0 on: the transformed tiles of one tile row, whose
 * 6 x (4*tw + 2) window is `window`.
 */
INLINE void transform_row(const float *window, int tw, int C, int t0, usize plane, float *V) {
  usize line = (usize)(4 * tw + 2) * C;
  for (int t = 0; t < tw; t++) {
    const float *corner = window + (usize)t * 4 * C;
    for (int c = 0; c < C; c += VL) {
      vf x[6][6], in[6], out[6];
      for (int j = 0; j < 6; j++) {
        for (int i = 0; i < 6; i++) in[i] = load(corner + i * line + (usize)j * C + c);
        input_transform(in, out);
        for (int i = 0; i < 6; i++) x[i][j] = out[i];
      }
      for (int i = 0; i < 6; i++) {
        input_transform(x[i], out);
        for (int j = 0; j < 6; j++) store(V + (i * 6 + j) * plane + (usize)(t0 + t) * C + c, out[j]);
      }
    }
  }
}

/*
 * y = act(x * w + bias). An item is `rows` tile rows.
 * 0 x, 1 N, 2 H, 3 W, 4 Ci, 5 U, 6 bias or 0, 7 relu, 8 y, 9 Co, 10 rows
 * Scratch: 6 * (4*tw + 2) * CiP + 36 planes each of rows * tw * CiP and of rows * tw * CoP
 */
KERNEL(winograd_convolve) {
  int N = INT(1), H = INT(2), W = INT(3), Ci = INT(4), relu = INT(7), Co = INT(9), block = INT(10);
  const float *U = FPTR(5), *bias = FPTR(6);
  int th = CEIL_DIV(H, 4), tw = CEIL_DIV(W, 4), PW = 4 * tw + 2, panels = CEIL_DIV(Co, VL), offset = 0;
  int CiP = CEIL_DIV(Ci, VL) * VL, CoP = panels * VL;
  int depth = CEIL_DIV(Ci, CEIL_DIV(Ci, SUM_CHANNELS));
  usize plane_u = plane_stride((usize)panels * Ci * VL);
  for (long item = begin; item < end; item++) {
    int r0 = (int)item * block, r1 = MIN(r0 + block, N * th), T = (r1 - r0) * tw;
    usize plane_v = plane_stride((usize)T * CiP), plane_m = plane_stride((usize)T * CoP);
    float *V = scratch + (usize)6 * PW * CiP, *M = V + 36 * plane_v;
    for (int r = r0; r < r1; r++) {
      padded_window(FPTR(0) + (usize)(r / th) * H * W * Ci, H, W, Ci, CiP, r % th * 4 - 1, -1, 6, PW, scratch);
      transform_row(scratch, tw, CiP, (r - r0) * tw, plane_v, V);
    }
    for (int e = 0; e < 36; e++)
      for (int p = 0; p < panels; p += 2)
        for (int k = 0; k < Ci; k += depth) {
          taps t = {1, MIN(depth, Ci - k), &offset};
          product_row(0, T, V + e * plane_v + k, CiP, &t, U + e * plane_u + k * VL, (usize)Ci * VL, p, MIN(2, panels - p), CoP, 0,
                      0, k > 0, M + e * plane_m, CoP);
        }
    for (int q = 0; q < T; q++) {
      int r = r0 + q / tw, i0 = r % th * 4, j0 = q % tw * 4, hi = MIN(4, H - i0), wj = MIN(4, W - j0);
      float *out = FPTR(8) + (((usize)(r / th) * H + i0) * W + j0) * Co;
      for (int c = 0; c < Co; c += VL) {
        int lanes = MIN(VL, Co - c);
        vf z[4][6], in[6], o[4], b = {0};
        for (int j = 0; j < 6; j++) {
          for (int i = 0; i < 6; i++) in[i] = load(M + (i * 6 + j) * plane_m + (usize)q * CoP + c);
          output_transform(in, o);
          for (int i = 0; i < 4; i++) z[i][j] = o[i];
        }
        if (bias) b = load_lanes(bias + c, lanes);
        for (int i = 0; i < hi; i++) {
          output_transform(z[i], o);
          for (int j = 0; j < wj; j++) {
            vf v = o[j] + b;
            if (relu) v = relu_lanes(v);
            store_lanes(out + ((usize)i * W + j) * Co + c, v, lanes);
          }
        }
      }
    }
  }
  return 0;
}

/*
 * Partial filter gradients g[part][9][Ci][Co]. An item is a part of `part` tile rows, processed `rows` at a time, times
 * a group of panels of outputs.
 * 0 x, 1 N, 2 H, 3 W, 4 Ci, 5 dy, 6 Co, 7 g, 8 part, 9 rows, 10 panels of a group
 * Scratch: 6 * (4*tw + 2) * CiP + 36 planes each of rows * tw * CiP, of rows * tw * CgP and of Ci * CgP, where CgP is
 * the padded number of channels of a group
 */
KERNEL(winograd_filter_gradient) {
  int N = INT(1), H = INT(2), W = INT(3), Ci = INT(4), Co = INT(6), part = INT(8), block = INT(9);
  int th = CEIL_DIV(H, 4), tw = CEIL_DIV(W, 4), PW = 4 * tw + 2, total = N * th;
  int CiP = CEIL_DIV(Ci, VL) * VL, all = CEIL_DIV(Co, VL), group = INT(10), groups = CEIL_DIV(all, group);
  for (long item = begin; item < end; item++) {
    int p0 = (int)(item % groups) * group, panels = MIN(group, all - p0), C0 = p0 * VL, Cg = MIN(Co - C0, panels * VL);
    int CgP = panels * VL, first = (int)(item / groups) * part, last = MIN(first + part, total);
    usize size = (usize)Ci * CgP, plane_g = plane_stride(size);
    float *G = scratch + (usize)6 * PW * CiP, *V = G + 36 * plane_g;
    for (int r0 = first; r0 < last; r0 += block) {
      int r1 = MIN(r0 + block, last), T = (r1 - r0) * tw;
      usize plane_v = plane_stride((usize)T * CiP), plane_z = plane_stride((usize)T * CgP);
      float *Z = V + 36 * plane_v;
      for (int r = r0; r < r1; r++) {
        padded_window(FPTR(0) + (usize)(r / th) * H * W * Ci, H, W, Ci, CiP, r % th * 4 - 1, -1, 6, PW, scratch);
        transform_row(scratch, tw, CiP, (r - r0) * tw, plane_v, V);
      }
      for (int q = 0; q < T; q++) {
        int r = r0 + q / tw, i0 = r % th * 4, j0 = q % tw * 4, hi = MIN(4, H - i0), wj = MIN(4, W - j0);
        const float *d = FPTR(5) + (((usize)(r / th) * H + i0) * W + j0) * Co + C0;
        for (int c = 0; c < Cg; c += VL) {
          int lanes = MIN(VL, Cg - c);
          vf z[6][4], in[4], o[6];
          for (int j = 0; j < 4; j++) {
            for (int i = 0; i < 4; i++) in[i] = i < hi && j < wj ? load_lanes(d + ((usize)i * W + j) * Co + c, lanes) : (vf){0};
            gradient_transform(in, o);
            for (int i = 0; i < 6; i++) z[i][j] = o[i];
          }
          for (int i = 0; i < 6; i++) {
            gradient_transform(z[i], o);
            for (int j = 0; j < 6; j++) store(Z + (i * 6 + j) * plane_z + (usize)q * CgP + c, o[j]);
          }
        }
      }
      for (int e = 0; e < 36; e++)
        outer_block(Ci, V + e * plane_v, 0, CiP, Z + e * plane_z, 0, CgP, 1, T, r0 > first, G + e * plane_g, CgP, 0, panels);
    }
    float *out = FPTR(7) + (usize)(item / groups) * 9 * Ci * Co + C0;
    for (usize c = 0; c < size; c += VL) {
      int row = (int)(c / CgP), column = (int)(c % CgP), lanes = MIN(VL, Cg - column);
      vf t[3][6], in[6], o[3];
      for (int j = 0; j < 6; j++) {
        for (int i = 0; i < 6; i++) in[i] = load(G + (i * 6 + j) * plane_g + c);
        filter_untransform(in, o);
        for (int i = 0; i < 3; i++) t[i][j] = o[i];
      }
      for (int i = 0; i < 3; i++) {
        filter_untransform(t[i], o);
        for (int j = 0; j < 3; j++) store_lanes(out + ((usize)(i * 3 + j) * Ci + row) * Co + column, o[j], lanes);
      }
    }
  }
  return 0;
}
