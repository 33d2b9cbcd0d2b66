/*
 * Nearest and bilinear resizing of NHWC images, and the gradients. The source coordinate of output pixel i is
 * i*scale, or (i + 0.5)*scale - 0.5 with half-pixel centres; scale = in/out, or (in-1)/(out-1) with aligned corners.
 */
#include "vector.h"

typedef struct {
  int H, W, C, OH, OW;
  float sy, sx;
  int half, align, bilinear;
} resizing;

/* Arguments i.. : H, W, C, OH, OW, scale y, scale x, half-pixel centres, aligned corners, bilinear */
INLINE resizing read_resizing(const double *a, int i) {
  resizing r = {INT(i), INT(i + 1), INT(i + 2), INT(i + 3), INT(i + 4), (float)a[i + 5], (float)a[i + 6], INT(i + 7),
                INT(i + 8), INT(i + 9)};
  return r;
}

/* The two source lines of output line i and the weight of the second; nearest has weight 0. */
INLINE void source(const resizing *r, int i, float scale, int size, int *low, int *high, float *weight) {
  if (!r->bilinear) {
    float at = r->half ? (i + .5f) * scale : i * scale;
    int k = r->align ? (int)(at + .5f) : (int)at;
    *low = *high = MAX(0, MIN(size - 1, k));
    *weight = 0;
    return;
  }
  float at = r->half ? (i + .5f) * scale - .5f : i * scale;
  int k = (int)at;
  if (k > at) k--;
  *low = MAX(0, MIN(size - 1, k));
  *high = MIN(size - 1, at > k ? k + 1 : k);
  if (*high < 0) *high = 0;
  *weight = at - *low < 0 ? 0 : at - *low;
}

/* 0 x, 1 y, 2 rows of an item, 3 N, 4.. resizing */
KERNEL(resize) {
  UNUSED(scratch);
  resizing r = read_resizing(a, 4);
  long chunk = INT(2), total = (long)INT(3) * r.OH;
  for (long row = begin * chunk; row < MIN(end * chunk, total); row++) {
    const float *image = FPTR(0) + (usize)(row / r.OH) * r.H * r.W * r.C;
    int y0, y1, x0, x1;
    float fy, fx;
    source(&r, (int)(row % r.OH), r.sy, r.H, &y0, &y1, &fy);
    for (int j = 0; j < r.OW; j++) {
      float *out = FPTR(1) + ((usize)row * r.OW + j) * r.C;
      source(&r, j, r.sx, r.W, &x0, &x1, &fx);
      const float *p00 = image + ((usize)y0 * r.W + x0) * r.C, *p01 = image + ((usize)y0 * r.W + x1) * r.C;
      const float *p10 = image + ((usize)y1 * r.W + x0) * r.C, *p11 = image + ((usize)y1 * r.W + x1) * r.C;
      if (!r.bilinear) {
        copy_floats(out, p00, r.C);
        continue;
      }
      for (int c = 0; c < r.C; c++) {
        float upper = p00[c] + (p01[c] - p00[c]) * fx, lower = p10[c] + (p11[c] - p10[c]) * fx;
        out[c] = upper + (lower - upper) * fy;
      }
    }
  }
  return 0;
}

/* dx from dy. 0 dy, 1 dx, 2 channels of an item, 3 unused, 4.. resizing. An item is an image times a channel group. */
KERNEL(resize_gradient) {
  UNUSED(scratch);
  resizing r = read_resizing(a, 4);
  int group = INT(2), groups = CEIL_DIV(r.C, group);
  for (long item = begin; item < end; item++) {
    usize n = item / groups;
    int c0 = (int)(item % groups) * group, c1 = MIN(r.C, c0 + group);
    const float *dy = FPTR(0) + n * r.OH * r.OW * r.C;
    float *dx = FPTR(1) + n * r.H * r.W * r.C;
    for (usize p = 0; p < (usize)r.H * r.W; p++) zero_floats(dx + p * r.C + c0, c1 - c0);
    for (int i = 0; i < r.OH; i++) {
      int y0, y1, x0, x1;
      float fy, fx;
      source(&r, i, r.sy, r.H, &y0, &y1, &fy);
      for (int j = 0; j < r.OW; j++) {
        const float *g = dy + ((usize)i * r.OW + j) * r.C;
        source(&r, j, r.sx, r.W, &x0, &x1, &fx);
        float *p00 = dx + ((usize)y0 * r.W + x0) * r.C, *p01 = dx + ((usize)y0 * r.W + x1) * r.C;
        float *p10 = dx + ((usize)y1 * r.W + x0) * r.C, *p11 = dx + ((usize)y1 * r.W + x1) * r.C;
        if (!r.bilinear) {
          for (int c = c0; c < c1; c++) p00[c] += g[c];
          continue;
        }
        for (int c = c0; c < c1; c++) {
          p00[c] += g[c] * (1 - fy) * (1 - fx);
          p01[c] += g[c] * (1 - fy) * fx;
          p10[c] += g[c] * fy * (1 - fx);
          p11[c] += g[c] * fy * fx;
        }
      }
    }
  }
  return 0;
}
