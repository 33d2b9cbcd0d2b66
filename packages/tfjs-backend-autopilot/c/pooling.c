/*
 * Max and average pooling with any window, NHWC. The gradient of overlapping windows adds to shared pixels; its items
 * are groups of channels, so that no two items write the same float.
 */
#include "vector.h"

typedef struct {
  int H, W, C, OH, OW, KH, KW, sy, sx, dy, dx, top, left;
} window;

/* Arguments i.. : H, W, C, OH, OW, KH, KW, sy, sx, dy, dx, top, left */
INLINE window read_window(const double *a, int i) {
  window w = {INT(i), INT(i + 1), INT(i + 2), INT(i + 3), INT(i + 4), INT(i + 5), INT(i + 6),
              INT(i + 7), INT(i + 8), INT(i + 9), INT(i + 10), INT(i + 11), INT(i + 12)};
  return w;
}

/* For taps at start, start + d, ...: the first one at or after 0, and the number of taps in [0, size) from it on. */
INLINE void clip(int start, int taps, int d, int size, int *first, int *count) {
  int k = start < 0 ? CEIL_DIV(-start, d) : 0, last = start >= size ? 0 : CEIL_DIV(size - start, d);
  *first = k;
  *count = MAX(0, MIN(taps, last) - k);
}

/* y = max over the window (NaN wins). 0 x, 1 y, 2 rows of an item, 3 N, 4.. window. An item is rows of output. */
KERNEL(max_pool) {
  UNUSED(scratch);
  window w = read_window(a, 4);
  long chunk = INT(2), total = (long)INT(3) * w.OH;
  for (long r = begin * chunk; r < MIN(end * chunk, total); r++) {
    const float *image = FPTR(0) + (usize)(r / w.OH) * w.H * w.W * w.C;
    int y0 = (int)(r % w.OH) * w.sy - w.top, a0, na;
    clip(y0, w.KH, w.dy, w.H, &a0, &na);
    for (int j = 0; j < w.OW; j++) {
      float *out = FPTR(1) + ((usize)r * w.OW + j) * w.C;
      int x0 = j * w.sx - w.left, b0, nb;
      clip(x0, w.KW, w.dx, w.W, &b0, &nb);
      const float *corner = image + ((long)(y0 + a0 * w.dy) * w.W + x0 + b0 * w.dx) * w.C;
      for (int c = 0; c < w.C; c += VL) {
        int lanes = MIN(VL, w.C - c);
        vf m = splat(-__builtin_inff());
        for (int p = 0; p < na; p++)
          for (int q = 0; q < nb; q++)
            m = max_lanes(m, load_lanes(corner + ((usize)p * w.dy * w.W + q * w.dx) * w.C + c, lanes));
        store_lanes(out + c, m, lanes);
      }
    }
  }
  return 0;
}

/*
 * dx: dy goes to the first pixel of the window that is its maximum (or NaN).
 * 0 x, 1 dy, 2 dx, 3 channels of an item, 4.. window. An item is an image times a group of channels.
 */
KERNEL(max_pool_gradient) {
  UNUSED(scratch);
  window w = read_window(a, 4);
  int group = INT(3), groups = CEIL_DIV(w.C, group);
  for (long item = begin; item < end; item++) {
    usize n = item / groups;
    int c0 = (int)(item % groups) * group, c1 = MIN(w.C, c0 + group);
    const float *x = FPTR(0) + n * w.H * w.W * w.C, *dy = FPTR(1) + n * w.OH * w.OW * w.C;
    float *dx = FPTR(2) + n * w.H * w.W * w.C;
    for (usize p = 0; p < (usize)w.H * w.W; p++) zero_floats(dx + p * w.C + c0, c1 - c0);
    for (int i = 0; i < w.OH; i++) {
      int y0 = i * w.sy - w.top, a0, na;
      clip(y0, w.KH, w.dy, w.H, &a0, &na);
      for (int j = 0; j < w.OW; j++) {
        int x0 = j * w.sx - w.left, b0, nb, c = c0;
        clip(x0, w.KW, w.dx, w.W, &b0, &nb);
        long corner = ((long)(y0 + a0 * w.dy) * w.W + x0 + b0 * w.dx) * w.C;
        const float *g = dy + ((usize)i * w.OW + j) * w.C;
        for (; c + VL <= c1; c += VL) {
          vf m = splat(-__builtin_inff()), d = load(g + c);
          for (int p = 0; p < na; p++)
            for (int q = 0; q < nb; q++)
              m = max_lanes(m, load(x + corner + ((usize)p * w.dy * w.W + q * w.dx) * w.C + c));
          vi open = ~(vi){0};
          for (int p = 0; p < na; p++)
            for (int q = 0; q < nb; q++) {
              usize o = corner + ((usize)p * w.dy * w.W + q * w.dx) * w.C + c;
              vf v = load(x + o);
              vi hit = open & ((vi)(v == m) | (vi)(v != v));
              store(dx + o, load(dx + o) + choose(hit, d, (vf){0}));
              open &= ~hit;
            }
        }
        for (; c < c1; c++) {
          float m = -__builtin_inff();
          usize best = 0;
          int found = 0;
          for (int p = 0; p < na; p++)
            for (int q = 0; q < nb; q++) {
              usize o = corner + ((usize)p * w.dy * w.W + q * w.dx) * w.C + c;
              if (!found || x[o] > m || (x[o] != x[o] && m == m)) m = x[o], best = o, found = 1;
            }
          if (found) dx[best] += g[c];
        }
      }
    }
  }
  return 0;
}

/*
 * Max pooling's gradient for 2x2 windows with stride 2 and no padding.
 * 0 x, 1 dy, 2 dx, 3 rows of an item, 4 N, 5.. window. An item is rows of output.
 */
KERNEL(max_pool_gradient_2x2) {
  UNUSED(scratch);
  window w = read_window(a, 5);
  long chunk = INT(3), total = (long)INT(4) * w.OH;
  usize line = (usize)w.W * w.C;
  for (long r = begin * chunk; r < MIN(end * chunk, total); r++) {
    long n = r / w.OH, i = r % w.OH;
    const float *x = FPTR(0) + ((usize)n * w.H + 2 * i) * line, *g = FPTR(1) + (usize)r * w.OW * w.C;
    float *dx = FPTR(2) + ((usize)n * w.H + 2 * i) * line;
    if (w.W & 1) {
      zero_floats(dx + line - w.C, w.C);
      zero_floats(dx + 2 * line - w.C, w.C);
    }
    if (i == w.OH - 1 && (w.H & 1)) zero_floats(dx + 2 * line, line);
    for (int j = 0; j < w.OW; j++, x += 2 * w.C, dx += 2 * w.C, g += w.C) {
      for (int c = 0; c < w.C; c += VL) {
        int lanes = MIN(VL, w.C - c);
        vf p0 = load_lanes(x + c, lanes), p1 = load_lanes(x + w.C + c, lanes);
        vf p2 = load_lanes(x + line + c, lanes), p3 = load_lanes(x + line + w.C + c, lanes);
        vf m = max_lanes(max_lanes(p0, p1), max_lanes(p2, p3)), d = load_lanes(g + c, lanes), z = {0};
        vi e0 = (vi)(p0 == m) | (vi)(p0 != p0), e1 = ((vi)(p1 == m) | (vi)(p1 != p1)) & ~e0;
        vi e2 = ((vi)(p2 == m) | (vi)(p2 != p2)) & ~(e0 | e1), e3 = ~(e0 | e1 | e2);
        store_lanes(dx + c, choose(e0, d, z), lanes);
        store_lanes(dx + w.C + c, choose(e1, d, z), lanes);
        store_lanes(dx + line + c, choose(e2, d, z), lanes);
        store_lanes(dx + line + w.C + c, choose(e3, d, z), lanes);
      }
    }
  }
  return 0;
}

/* y = mean over the window's pixels inside the image. Arguments of max_pool. */
KERNEL(average_pool) {
  UNUSED(scratch);
  window w = read_window(a, 4);
  long chunk = INT(2), total = (long)INT(3) * w.OH;
  for (long r = begin * chunk; r < MIN(end * chunk, total); r++) {
    const float *image = FPTR(0) + (usize)(r / w.OH) * w.H * w.W * w.C;
    int y0 = (int)(r % w.OH) * w.sy - w.top, a0, na;
    clip(y0, w.KH, w.dy, w.H, &a0, &na);
    for (int j = 0; j < w.OW; j++) {
      float *out = FPTR(1) + ((usize)r * w.OW + j) * w.C;
      int x0 = j * w.sx - w.left, b0, nb;
      clip(x0, w.KW, w.dx, w.W, &b0, &nb);
      const float *corner = image + ((long)(y0 + a0 * w.dy) * w.W + x0 + b0 * w.dx) * w.C;
      float scale = 1.f / (na * nb);
      zero_floats(out, w.C);
      for (int p = 0; p < na; p++)
        for (int q = 0; q < nb; q++) {
          const float *v = corner + ((usize)p * w.dy * w.W + q * w.dx) * w.C;
          int c = 0;
          for (; c + VL <= w.C; c += VL) store(out + c, load(out + c) + load(v + c));
          for (; c < w.C; c++) out[c] += v[c];
        }
      for (int c = 0; c < w.C; c++) out[c] *= scale;
    }
  }
  return 0;
}

/*
 * dx: dy / (KH*KW, or the number of pixels inside the image if 4 is set), spread over the window.
 * 0 dy, 1 dx, 2 channels of an item, 3 unused, 4 inside only, 5.. window
 */
KERNEL(average_pool_gradient) {
  UNUSED(scratch);
  window w = read_window(a, 5);
  int group = INT(2), groups = CEIL_DIV(w.C, group), inside = INT(4);
  for (long item = begin; item < end; item++) {
    usize n = item / groups;
    int c0 = (int)(item % groups) * group, c1 = MIN(w.C, c0 + group);
    const float *dy = FPTR(0) + n * w.OH * w.OW * w.C;
    float *dx = FPTR(1) + n * w.H * w.W * w.C;
    for (usize p = 0; p < (usize)w.H * w.W; p++) zero_floats(dx + p * w.C + c0, c1 - c0);
    for (int i = 0; i < w.OH; i++) {
      int y0 = i * w.sy - w.top, a0, na;
      clip(y0, w.KH, w.dy, w.H, &a0, &na);
      for (int j = 0; j < w.OW; j++) {
        int x0 = j * w.sx - w.left, b0, nb;
        clip(x0, w.KW, w.dx, w.W, &b0, &nb);
        const float *g = dy + ((usize)i * w.OW + j) * w.C;
        float scale = 1.f / (inside ? na * nb : w.KH * w.KW);
        for (int p = 0; p < na; p++)
          for (int q = 0; q < nb; q++) {
            float *o = dx + ((long)(y0 + (a0 + p) * w.dy) * w.W + x0 + (b0 + q) * w.dx) * w.C;
            for (int c = c0; c < c1; c++) o[c] += g[c] * scale;
          }
      }
    }
  }
  return 0;
}
