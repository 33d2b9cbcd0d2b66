/* Reductions over the middle dimension of [outer][length][inner], and softmax over rows. */
#include "math.h"

enum { REDUCE_SUM, REDUCE_MAX, REDUCE_MIN };

INLINE vf combine_lanes(int op, vf s, vf v) {
  if (op == REDUCE_SUM) return s + v;
  return op == REDUCE_MAX ? max_lanes(s, v) : min_lanes(s, v);
}
INLINE float combine(int op, float s, float v) {
  return op == REDUCE_SUM ? s + v : op == REDUCE_MAX ? max_scalar(s, v) : min_scalar(s, v);
}

/* Reduces one contiguous run; sums of blocks of 1024 are added up in a double. */
INLINE float reduce_run(int op, const float *x, usize n) {
  float start = op == REDUCE_SUM ? 0 : op == REDUCE_MAX ? -__builtin_inff() : __builtin_inff();
  double total = 0;
  float best = start;
  for (usize from = 0; from < n; from += 1024) {
    usize to = MIN(n, from + 1024), i = from;
    vf s = splat(start), t = s;
    for (; i + 2 * VL <= to; i += 2 * VL) {
      s = combine_lanes(op, s, load(x + i));
      t = combine_lanes(op, t, load(x + i + VL));
    }
    s = combine_lanes(op, s, t);
    float r = start;
    for (int l = 0; l < VL; l++) r = combine(op, r, s[l]);
    for (; i < to; i++) r = combine(op, r, x[i]);
    if (op == REDUCE_SUM) total += r;
    else best = combine(op, best, r);
  }
  return op == REDUCE_SUM ? (float)total : best;
}

/* Reduces `length` lines of `n` floats into out, in blocks of 128 lines. */
INLINE void reduce_lines(int op, const float *x, usize length, usize stride, float *out, usize n) {
  float start = op == REDUCE_SUM ? 0 : op == REDUCE_MAX ? -__builtin_inff() : __builtin_inff();
  fill_floats(out, start, n);
  for (usize from = 0; from < length; from += 128) {
    usize to = MIN(length, from + 128), c = 0;
    for (; c + VL <= n; c += VL) {
      vf s = splat(start);
      for (usize p = from; p < to; p++) s = combine_lanes(op, s, load(x + p * stride + c));
      store(out + c, combine_lanes(op, load(out + c), s));
    }
    for (; c < n; c++) {
      float s = start;
      for (usize p = from; p < to; p++) s = combine(op, s, x[p * stride + c]);
      out[c] = combine(op, out[c], s);
    }
  }
}

/*
 * out[outer][block][inner] = factor * reduction over the block's lines.
 * 0 op, 1 x, 2 out, 3 outer, 4 length, 5 inner, 6 lines of a block, 7 factor. An item is an outer index times a block.
 */
KERNEL(reduce) {
  UNUSED(scratch);
  usize length = SIZE(4), inner = SIZE(5), lines = SIZE(6), blocks = CEIL_DIV(length, lines);
  int op = INT(0);
  float factor = (float)a[7];
  for (long item = begin; item < end; item++) {
    usize o = item / blocks, from = item % blocks * lines, to = MIN(length, from + lines);
    const float *x = FPTR(1) + (o * length + from) * inner;
    float *out = FPTR(2) + item * inner;
    if (inner == 1) {
      out[0] = factor * (op == REDUCE_SUM   ? reduce_run(REDUCE_SUM, x, to - from)
                         : op == REDUCE_MAX ? reduce_run(REDUCE_MAX, x, to - from)
                                            : reduce_run(REDUCE_MIN, x, to - from));
      continue;
    }
    if (op == REDUCE_SUM) reduce_lines(REDUCE_SUM, x, to - from, inner, out, inner);
    else if (op == REDUCE_MAX) reduce_lines(REDUCE_MAX, x, to - from, inner, out, inner);
    else reduce_lines(REDUCE_MIN, x, to - from, inner, out, inner);
    if (factor != 1)
      for (usize c = 0; c < inner; c++) out[c] *= factor;
  }
  return 0;
}

/* y = x - max; returns sum of exp(y), with exp(y) in `out`. */
INLINE float exp_row(const float *x, float *out, usize n, float *maximum) {
  float m = x[0], s = 0;
  for (usize t = 1; t < n; t++) m = max_scalar(m, x[t]);
  usize t = 0;
  for (; t + VL <= n; t += VL) {
    vf e = exp_lanes(load(x + t) - splat(m));
    store(out + t, e);
    s += sum_lanes(e);
  }
  if (t < n) {
    int rest = (int)(n - t);
    vf e = exp_lanes(load_some(x + t, rest) - splat(m));
    store_some(out + t, e, rest);
    for (int l = 0; l < rest; l++) s += e[l];
  }
  *maximum = m;
  return s;
}

/* Softmax of two classes, VL rows at a time: 1 / (1 + exp(other - own)). */
INLINE void softmax_pairs(const float *x, float *y, usize rows) {
  usize r = 0;
  for (; r < rows; r += VL) {
    int lanes = (int)MIN((usize)VL, rows - r);
    vf p = {0}, q = {0};
    for (int l = 0; l < lanes; l++) p[l] = x[2 * (r + l)], q[l] = x[2 * (r + l) + 1];
    vf d = exp_lanes(-(vf)((vi)(q - p) & 0x7fffffff)), one = splat(1.f), big = one / (one + d), small = d / (one + d);
    vi second = (vi)(q > p);
    vf first = choose(second, small, big), other = choose(second, big, small);
    for (int l = 0; l < lanes; l++) y[2 * (r + l)] = first[l], y[2 * (r + l) + 1] = other[l];
  }
}

/* Rows of softmax or, with 5 set, log-softmax. 0 x, 1 y, 2 rows, 3 columns, 4 rows of an item, 5 log */
KERNEL(softmax) {
  UNUSED(scratch);
  usize C = SIZE(3), from = begin * SIZE(4), to = MIN(SIZE(2), (usize)end * SIZE(4));
  if (C == 2 && !INT(5)) {
    if (from < to) softmax_pairs(FPTR(0) + from * 2, FPTR(1) + from * 2, to - from);
    return 0;
  }
  for (usize r = from; r < to; r++) {
    const float *x = FPTR(0) + r * C;
    float *y = FPTR(1) + r * C, m, s = exp_row(x, y, C, &m);
    if (INT(5)) {
      float log_sum = m + log_scalar(s);
      for (usize t = 0; t < C; t++) y[t] = x[t] - log_sum;
    } else {
      float inverse = 1 / s;
      for (usize t = 0; t < C; t++) y[t] *= inverse;
    }
  }
  return 0;
}

/* cross_entropy of two classes without weights, VL rows at a time; m - m is NaN where the larger logit is infinite. */
INLINE void entropy_pairs(const float *x, const float *label, float *loss, float *g, usize rows) {
  vf one = splat(1.f);
  for (usize r = 0; r < rows; r += VL) {
    int lanes = (int)MIN((usize)VL, rows - r);
    vf p = {0}, q = {0}, a = {0}, b = {0};
    for (int l = 0; l < lanes; l++) {
      p[l] = x[2 * (r + l)], q[l] = x[2 * (r + l) + 1];
      a[l] = label[2 * (r + l)], b[l] = label[2 * (r + l) + 1];
    }
    vf m = max_lanes(p, q), d = exp_lanes(min_lanes(p, q) - m), s = one + d + (m - m), log_sum = m + log_lanes(s);
    vf big = one / s, small = d / s, mass = a + b;
    vi second = (vi)(q > p);
    vf t = choose((vi)(a != (vf){0}), a * (log_sum - p), (vf){0}) + choose((vi)(b != (vf){0}), b * (log_sum - q), (vf){0});
    vf first = choose(second, small, big) * mass - a, other = choose(second, big, small) * mass - b;
    store_lanes(loss + r, t, lanes);
    for (int l = 0; l < lanes; l++) g[2 * (r + l)] = first[l], g[2 * (r + l) + 1] = other[l];
  }
}

/*
 * Softmax cross-entropy of rows: loss[r] = -sum_t label[t] * log_softmax(x)[t] and
 * gradient[r][t] = softmax(x)[t] * sum(label) - label[t], both times weight[r] if 7 is set.
 * 0 x, 1 labels, 2 loss, 3 gradient, 4 rows, 5 columns, 6 rows of an item, 7 weights or 0
 */
KERNEL(cross_entropy) {
  UNUSED(scratch);
  usize C = SIZE(5);
  if (C == 2 && !INT(7)) {
    usize from = begin * SIZE(6), to = MIN(SIZE(4), (usize)end * SIZE(6));
    if (from < to) entropy_pairs(FPTR(0) + from * 2, FPTR(1) + from * 2, FPTR(2) + from, FPTR(3) + from * 2, to - from);
    return 0;
  }
  for (usize r = begin * SIZE(6); r < MIN(SIZE(4), (usize)end * SIZE(6)); r++) {
    const float *x = FPTR(0) + r * C, *label = FPTR(1) + r * C;
    float *g = FPTR(3) + r * C, m, s = exp_row(x, g, C, &m), log_sum = m + log_scalar(s);
    float weight = INT(7) ? FPTR(7)[r] : 1, loss = 0, mass = 0;
    for (usize t = 0; t < C; t++) {
      if (label[t] != 0) loss += label[t] * (log_sum - x[t]);
      mass += label[t];
    }
    for (usize t = 0; t < C; t++) g[t] = weight * (g[t] / s * mass - label[t]);
    FPTR(2)[r] = weight * loss;
  }
  return 0;
}

/* dx[r][t] = y[r][t] * (dy[r][t] - sum_u dy[r][u] y[r][u]). 0 dy, 1 y, 2 dx, 3 rows, 4 columns, 5 rows of an item */
KERNEL(softmax_gradient) {
  UNUSED(scratch);
  usize C = SIZE(4);
  for (usize r = begin * SIZE(5); r < MIN(SIZE(3), (usize)end * SIZE(5)); r++) {
    const float *g = FPTR(0) + r * C, *y = FPTR(1) + r * C;
    float *o = FPTR(2) + r * C, s = 0;
    for (usize t = 0; t < C; t++) s += g[t] * y[t];
    for (usize t = 0; t < C; t++) o[t] = y[t] * (g[t] - s);
  }
  return 0;
}
