/*
 * Group, instance, layer and batch normalization of x[outer][pixels][C] over pixels and the C/groups channels of each
 * group.
 *
 *   y = relu?(gamma * (x - mean) * rstd + beta),  rstd = 1 / sqrt(variance + eps)
 *
 * Batch normalization is outer = 1, groups = C; instance normalization outer = N, groups = C. Fixed blocks of pixels
 * are summed and the sums added in order, so the results do not depend on the number of threads.
 */
#include "vector.h"

/*
 * Column sums of one block: out[item][0][C] = sum u, out[item][1][C] = sum v, where
 *   mode 0: u = x, v unused       mode 1: u unused, v = (x - center)^2
 *   mode 2: u = d, v = d * x      mode 3: as 2 with d = y > 0 ? d : 0
 * 0 mode, 1 x, 2 center [outer][C], 3 d, 4 y, 5 out, 6 pixels, 7 C, 8 pixels of a block
 */
INLINE void block_sums(int mode, const float *x, const float *center, const float *d, const float *y, float *out,
                       usize pixels, int C) {
  zero_floats(out, 2 * C);
  for (usize from = 0; from < pixels; from += 128) {
    usize to = MIN(pixels, from + 128);
    int c = 0;
    for (; c < C; c += VL) {
      int lanes = MIN(VL, C - c);
      vf u = {0}, v = {0}, m = {0};
      if (mode == 1) m = lanes == VL ? load(center + c) : load_some(center + c, lanes);
      for (usize p = from; p < to; p++) {
        usize at = p * C + c;
        vf value = lanes == VL ? load(x + at) : load_some(x + at, lanes);
        if (mode == 0) u += value;
        else if (mode == 1) v += (value - m) * (value - m);
        else {
          vf g = lanes == VL ? load(d + at) : load_some(d + at, lanes);
          if (mode == 3) g = choose((vi)((lanes == VL ? load(y + at) : load_some(y + at, lanes)) > (vf){0}), g, (vf){0});
          u += g;
          v += g * value;
        }
      }
      if (lanes == VL) {
        store(out + c, load(out + c) + u);
        store(out + C + c, load(out + C + c) + v);
      } else {
        store_some(out + c, load_some(out + c, lanes) + u, lanes);
        store_some(out + C + c, load_some(out + C + c, lanes) + v, lanes);
      }
    }
  }
}

KERNEL(channel_sums) {
  UNUSED(scratch);
  usize pixels = SIZE(6), block = SIZE(8), blocks = CEIL_DIV(pixels, block);
  int C = INT(7);
  for (long item = begin; item < end; item++) {
    usize o = item / blocks, from = item % blocks * block, n = MIN(block, pixels - from), at = (o * pixels + from) * C;
    const float *x = FPTR(1) + at, *center = FPTR(2) + o * C, *d = FPTR(3) + at, *y = FPTR(4) + at;
    float *out = FPTR(5) + (usize)item * 2 * C;
    switch (INT(0)) {
      case 0: block_sums(0, x, 0, 0, 0, out, n, C); break;
      case 1: block_sums(1, x, center, 0, 0, out, n, C); break;
      case 2: block_sums(2, x, 0, d, 0, out, n, C); break;
      default: block_sums(3, x, 0, d, y, out, n, C);
    }
  }
  return 0;
}

/*
 * Adds block sums and gives each channel the mean of its group. which = 0: mean from the first sums, 1: variance from
 * the second.
 * 0 sums, 1 blocks, 2 outer, 3 C, 4 groups, 5 which, 6 out [outer][C], 7 pixels. An item is an outer index.
 */
KERNEL(group_mean) {
  UNUSED(scratch);
  int blocks = INT(1), C = INT(3), groups = INT(4), which = INT(5), width = C / groups;
  double count = a[7] * width;
  for (long o = begin; o < end; o++)
    for (int g = 0; g < groups; g++) {
      double s = 0;
      for (int b = 0; b < blocks; b++)
        for (int c = 0; c < width; c++) s += FPTR(0)[(((usize)o * blocks + b) * 2 + which) * C + g * width + c];
      for (int c = 0; c < width; c++) FPTR(6)[(usize)o * C + g * width + c] = (float)(s / count);
    }
  return 0;
}

/*
 * y = act(x * scale + shift) per outer and channel: scale = gamma / sqrt(variance + eps), shift = beta - mean * scale.
 * 0 x, 1 mean, 2 variance, 3 gamma or 0, 4 beta or 0, 5 eps, 6 relu, 7 y, 8 pixels, 9 C, 10 pixels of an item
 * Scratch: 2 * C
 */
KERNEL(normalize) {
  usize pixels = SIZE(8), block = SIZE(10), blocks = CEIL_DIV(pixels, block);
  int C = INT(9), relu = INT(6);
  float *scale = scratch, *shift = scratch + C;
  for (long item = begin; item < end; item++) {
    usize o = item / blocks, from = item % blocks * block, n = MIN(block, pixels - from);
    for (int c = 0; c < C; c++) {
      float gamma = INT(3) ? FPTR(3)[c] : 1, beta = INT(4) ? FPTR(4)[c] : 0;
      scale[c] = gamma / __builtin_sqrtf(FPTR(2)[o * C + c] + (float)a[5]);
      shift[c] = beta - FPTR(1)[o * C + c] * scale[c];
    }
    const float *x = FPTR(0) + (o * pixels + from) * C;
    float *y = FPTR(7) + (o * pixels + from) * C;
    for (usize p = 0; p < n; p++, x += C, y += C) {
      int c = 0;
      for (; c + VL <= C; c += VL) {
        vf v = FMA(load(x + c), load(scale + c), load(shift + c));
        store(y + c, relu ? relu_lanes(v) : v);
      }
      for (; c < C; c++) {
        float v = x[c] * scale[c] + shift[c];
        y[c] = relu && 0 > v ? 0 : v;
      }
    }
  }
  return 0;
}

/*
 * From the block sums of d and d*x: dgamma = sum d * xhat, dbeta = sum d, and per outer and channel the coefficients of
 *   dx = p * d + q * x + r
 * 0 sums, 1 blocks, 2 outer, 3 C, 4 groups, 5 mean, 6 variance, 7 gamma or 0, 8 eps, 9 pixels, 10 dgamma, 11 dbeta,
 * 12 pqr [outer][3][C]
 */
KERNEL(normalize_gradient_sums) {
  UNUSED(scratch);
  UNUSED(begin);
  UNUSED(end);
  int blocks = INT(1), outer = INT(2), C = INT(3), groups = INT(4), width = C / groups;
  double count = a[9] * width;
  zero_floats(FPTR(10), C);
  zero_floats(FPTR(11), C);
  for (int o = 0; o < outer; o++) {
    float *p = FPTR(12) + (usize)o * 3 * C, *q = p + C, *r = q + C;
    for (int g = 0; g < groups; g++) {
      double sum_d = 0, sum_dx = 0;
      float mean = FPTR(5)[(usize)o * C + g * width];
      double rstd = 1 / __builtin_sqrt((double)FPTR(6)[(usize)o * C + g * width] + a[8]);
      for (int k = 0; k < width; k++) {
        int c = g * width + k;
        double d = 0, dx = 0, gamma = INT(7) ? FPTR(7)[c] : 1;
        for (int b = 0; b < blocks; b++) {
          const float *s = FPTR(0) + ((usize)o * blocks + b) * 2 * C + c;
          d += s[0];
          dx += s[C];
        }
        double xhat = (dx - mean * d) * rstd;
        FPTR(10)[c] += (float)xhat;
        FPTR(11)[c] += (float)d;
        sum_d += gamma * d;
        sum_dx += gamma * xhat;
        p[c] = (float)(gamma * rstd);
      }
      double slope = -rstd * rstd * sum_dx / count, offset = -rstd * sum_d / count - slope * mean;
      for (int k = 0; k < width; k++) {
        q[g * width + k] = (float)slope;
        r[g * width + k] = (float)offset;
      }
    }
  }
  return 0;
}

/* dx = p * d + q * x + r. 0 d, 1 x, 2 pqr, 3 dx, 4 y or 0 (d is 0 unless y > 0), 5 pixels, 6 C, 7 pixels of an item */
KERNEL(normalize_gradient) {
  UNUSED(scratch);
  usize pixels = SIZE(5), block = SIZE(7), blocks = CEIL_DIV(pixels, block);
  int C = INT(6), masked = INT(4) != 0;
  for (long item = begin; item < end; item++) {
    usize o = item / blocks, from = item % blocks * block, n = MIN(block, pixels - from), at = (o * pixels + from) * C;
    const float *d = FPTR(0) + at, *x = FPTR(1) + at, *y = FPTR(4) + at;
    const float *p = FPTR(2) + o * 3 * C, *q = p + C, *r = q + C;
    float *out = FPTR(3) + at;
    for (usize k = 0; k < n; k++, d += C, x += C, y += C, out += C) {
      int c = 0;
      for (; c + VL <= C; c += VL) {
        vf g = load(d + c);
        if (masked) g = choose((vi)(load(y + c) > (vf){0}), g, (vf){0});
        store(out + c, FMA(load(p + c), g, FMA(load(q + c), load(x + c), load(r + c))));
      }
      for (; c < C; c++) out[c] = p[c] * (masked && !(y[c] > 0) ? 0 : d[c]) + q[c] * x[c] + r[c];
    }
  }
  return 0;
}

/* Sum of dz over pixels [from, to) in `lanes` channels; writes dz if masked. */
INLINE vf bias_gradient_lanes(const float *dy, const float *y, float *dz, int C, usize from, usize to, int masked,
                              int lanes) {
  vf sum = {0};
  for (usize p = from; p < to; p++) {
    vf g = load_lanes(dy + p * C, lanes);
    if (masked) {
      vf v = load_lanes(y + p * C, lanes);
      g = choose((vi)(v > (vf){0}), g, choose((vi)(v == v), (vf){0}, v));
      store_lanes(dz + p * C, g, lanes);
    }
    sum += g;
  }
  return sum;
}

/*
 * Gradient of act(x + bias): dz = y > 0 ? dy : 0 (dz = dy without y) and block sums of dz.
 * 0 dy, 1 y or 0, 2 dz, 3 sums [blocks][C], 4 pixels, 5 C, 6 pixels of an item
 */
KERNEL(bias_gradient) {
  UNUSED(scratch);
  usize pixels = SIZE(4), block = SIZE(6);
  int C = INT(5), masked = INT(1) != 0;
  for (long item = begin; item < end; item++) {
    usize first = item * block, last = MIN(pixels, first + block);
    const float *dy = FPTR(0), *y = FPTR(1);
    float *dz = FPTR(2), *sums = FPTR(3) + (usize)item * C;
    zero_floats(sums, C);
    for (usize from = first; from < last; from += 64) {
      usize to = MIN(last, from + 64);
      for (int c = 0; c < C; c += VL) {
        int lanes = MIN(VL, C - c);
        vf sum = lanes == VL ? bias_gradient_lanes(dy + c, y + c, dz + c, C, from, to, masked, VL)
                             : bias_gradient_lanes(dy + c, y + c, dz + c, C, from, to, masked, lanes);
        store_lanes(sums + c, load_lanes(sums + c, lanes) + sum, lanes);
      }
    }
  }
  return 0;
}
