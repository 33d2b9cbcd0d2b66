/* Elementwise arithmetic, broadcasting, strided copies. */
#include "math.h"

enum { NEG, EXP, LOG, SQUARE, SQRT, RSQRT, RECIPROCAL, ABS, SIGMOID, TANH, RELU, RELU6, LEAKY, ELU, SCALE, OFFSET, COPY };

#define EACH(expr)                                               \
  for (; i + VL <= n; i += VL) {                                 \
    vf v = load(x + i);                                          \
    store(y + i, expr);                                          \
  }                                                              \
  if (i < n) {                                                   \
    vf v = load_some(x + i, (int)(n - i));                       \
    store_some(y + i, expr, (int)(n - i));                       \
  }                                                              \
  break;

INLINE vf sqrt_lanes(vf v) {
  for (int l = 0; l < VL; l++) v[l] = __builtin_sqrtf(v[l]);
  return v;
}

/* y = f(x). 0 op, 1 x, 2 y, 3 n, 4 floats of an item, 5 parameter (slope, factor) */
KERNEL(unary) {
  UNUSED(scratch);
  usize i = begin * SIZE(4), n = MIN(SIZE(3), (usize)end * SIZE(4));
  const float *x = FPTR(1);
  float *y = FPTR(2);
  vf parameter = splat((float)a[5]), one = splat(1.f), zero = {0};
  switch (INT(0)) {
    case NEG: EACH(-v)
    case EXP: EACH(exp_lanes(v))
    case LOG: EACH(log_lanes(v))
    case SQUARE: EACH(v * v)
    case SQRT: EACH(sqrt_lanes(v))
    case RSQRT: EACH(one / sqrt_lanes(v))
    case RECIPROCAL: EACH(one / v)
    case ABS: EACH((vf)((vi)v & 0x7fffffff))
    case SIGMOID: EACH(one / (one + exp_lanes(-v)))
    case TANH: EACH(tanh_lanes(v))
    case RELU: EACH(relu_lanes(v))
    case RELU6: EACH(choose((vi)(v > splat(6.f)), splat(6.f), relu_lanes(v)))
    case LEAKY: EACH(choose((vi)(v < zero), v * parameter, v))
    case ELU: EACH(choose((vi)(v < zero), exp_lanes(v) - one, v))
    case SCALE: EACH(v * parameter)
    case OFFSET: EACH(v + parameter)
    case COPY: EACH(v)
    default: return 2;
  }
  return 0;
}

/* dx = y > 0 ? dy : 0; a NaN in y is kept. 0 dy, 1 y, 2 dx, 3 n, 4 floats of an item */
KERNEL(relu_gradient) {
  UNUSED(scratch);
  usize i = begin * SIZE(4), n = MIN(SIZE(3), (usize)end * SIZE(4));
  const float *dy = FPTR(0), *y = FPTR(1);
  float *dx = FPTR(2);
  for (; i + VL <= n; i += VL) {
    vf v = load(y + i);
    store(dx + i, choose((vi)(v > (vf){0}), load(dy + i), choose((vi)(v == v), (vf){0}, v)));
  }
  for (; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : y[i] == y[i] ? 0 : y[i];
  return 0;
}

enum { ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE };

#define PAIR_LOOP(expr)                                      \
  if (da && db) for (usize t = 0; t < n; t++) {              \
      float p = x[t], q = y[t];                              \
      o[t] = expr;                                           \
    }                                                        \
  else if (da) {                                             \
    float q = y[0];                                          \
    for (usize t = 0; t < n; t++) {                          \
      float p = x[t];                                        \
      o[t] = expr;                                           \
    }                                                        \
  } else {                                                   \
    float p = x[0];                                          \
    for (usize t = 0; t < n; t++) {                          \
      float q = y[t];                                        \
      o[t] = expr;                                           \
    }                                                        \
  }                                                          \
  break;

INLINE void pairs(int op, const float *restrict x, int da, const float *restrict y, int db, float *restrict o, usize n) {
  switch (op) {
    case ADD: PAIR_LOOP(p + q)
    case SUB: PAIR_LOOP(p - q)
    case MUL: PAIR_LOOP(p * q)
    case DIV: PAIR_LOOP(p / q)
    case MAXIMUM: PAIR_LOOP((q > p || q != q) ? q : p)
    case MINIMUM: PAIR_LOOP((q < p || q != q) ? q : p)
    default: PAIR_LOOP((p - q) * (p - q))
  }
}

/*
 * out = x op y with broadcasting over up to four dimensions (outermost first, strides in floats, the innermost 0 or 1).
 * 0 op, 1 x, 2 y, 3 out, 4-7 dims, 8-11 strides of x, 12-15 strides of y, 16 rows of an item (a row is the innermost
 * dimension), 17 floats of an item if there is only one row
 */
KERNEL(binary) {
  UNUSED(scratch);
  usize d1 = SIZE(5), d2 = SIZE(6), n = SIZE(7), rows = SIZE(4) * d1 * d2;
  int da = INT(11), db = INT(15), op = INT(0);
  if (rows == 1) {
    usize from = begin * SIZE(17), to = MIN(n, (usize)end * SIZE(17));
    if (from < to)
      pairs(op, FPTR(1) + from * da, da, FPTR(2) + from * db, db, FPTR(3) + from, to - from);
    return 0;
  }
  usize r = begin * SIZE(16), last = MIN(rows, (usize)end * SIZE(16));
  usize k = r % d2, j = r / d2 % d1, i = r / d2 / d1;
  for (; r < last; r++) {
    const float *x = FPTR(1) + i * SIZE(8) + j * SIZE(9) + k * SIZE(10);
    const float *y = FPTR(2) + i * SIZE(12) + j * SIZE(13) + k * SIZE(14);
    pairs(op, x, da, y, db, FPTR(3) + r * n, n);
    if (++k == d2) {
      k = 0;
      if (++j == d1) j = 0, i++;
    }
  }
  return 0;
}

/* d[line*to + t] = s[line*from + t] for t < n: each line is copied as whole vectors and one partial vector. */
INLINE void copy_lines(float *d, long to, const float *s, long from, usize n, usize lines) {
  usize whole = n / VL * VL;
  int rest = (int)(n - whole);
  for (usize line = 0; line < lines; line++, s += from, d += to) {
    for (usize t = 0; t < whole; t += VL) store(d + t, load(s + t));
    if (rest) store_some(d + whole, load_some(s + whole, rest), rest);
  }
}

/*
 * Copies a strided block of up to five dimensions into another. 0 src, 1 dst, 2-6 dims, 7-11 strides of src, 12-16
 * strides of dst (signed, in floats), 17 rows of an item (a row is the innermost dimension)
 */
KERNEL(copy_block) {
  UNUSED(scratch);
  usize d1 = SIZE(3), d2 = SIZE(4), d3 = SIZE(5), n = SIZE(6), rows = SIZE(2) * d1 * d2 * d3;
  long ss = (long)a[11], ds = (long)a[16], from3 = (long)a[10], to3 = (long)a[15];
  usize r = begin * SIZE(17), last = MIN(rows, (usize)end * SIZE(17));
  usize l = r % d3, k = r / d3 % d2, j = r / d3 / d2 % d1, i = r / d3 / d2 / d1;
  while (r < last) {
    const float *s = FPTR(0) + (long)(i * a[7] + j * a[8] + k * a[9] + l * a[10]);
    float *d = FPTR(1) + (long)(i * a[12] + j * a[13] + k * a[14] + l * a[15]);
    usize lines = MIN(d3 - l, last - r);
    if (ss == 1 && ds == 1) copy_lines(d, to3, s, from3, n, lines);
    else
      for (usize line = 0; line < lines; line++, s += from3, d += to3)
        for (usize t = 0; t < n; t++) d[(long)t * ds] = s[(long)t * ss];
    r += lines;
    l = 0;
    if (++k == d2) {
      k = 0;
      if (++j == d1) j = 0, i++;
    }
  }
  return 0;
}

/* 0 dst, 1 n, 2 floats of an item, 3 value */
KERNEL(fill) {
  UNUSED(scratch);
  usize i = begin * SIZE(2), n = MIN(SIZE(1), (usize)end * SIZE(2));
  if (i < n) fill_floats(FPTR(0) + i, (float)a[3], n - i);
  return 0;
}

/* Fails on purpose, to test error reporting. 0 the item at which it fails, 1 the code it returns (0: it traps) */
KERNEL(fail) {
  UNUSED(scratch);
  for (long item = begin; item < end; item++)
    if (item == (long)a[0]) {
      if (INT(1) == 0) __builtin_trap();
      return INT(1);
    }
  return 0;
}
