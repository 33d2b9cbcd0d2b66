/* Optimizer updates in a single pass over weights, gradient and state. */
#include "vector.h"

INLINE vf root(vf v) {
  for (int l = 0; l < VL; l++) v[l] = __builtin_sqrtf(v[l]);
  return v;
}

/*
 * g' = g + decay * w, v = momentum * v + g', w -= rate * (nesterov ? g' + momentum * v : v). Without v: w -= rate * g'
 * 0 w, 1 g, 2 v or 0, 3 n, 4 floats of an item, 5 rate, 6 momentum, 7 nesterov, 8 decay, 9 w out, 10 v out
 */
KERNEL(sgd_update) {
  UNUSED(scratch);
  usize i = begin * SIZE(4), n = MIN(SIZE(3), (usize)end * SIZE(4));
  const float *w = FPTR(0), *g = FPTR(1), *v = FPTR(2);
  float *out = FPTR(9), *vout = FPTR(10), rate = (float)a[5], momentum = (float)a[6], decay = (float)a[8];
  int nesterov = INT(7), stateful = INT(2) != 0;
  for (; i + VL <= n; i += VL) {
    vf weight = load(w + i), d = load(g + i) + splat(decay) * weight;
    if (stateful) {
      vf u = splat(momentum) * load(v + i) + d;
      store(vout + i, u);
      if (nesterov) d = d + splat(momentum) * u;
      else d = u;
    }
    store(out + i, weight - splat(rate) * d);
  }
  for (; i < n; i++) {
    float weight = w[i], d = g[i] + decay * weight;
    if (stateful) {
      float u = momentum * v[i] + d;
      vout[i] = u;
      d = nesterov ? d + momentum * u : u;
    }
    out[i] = weight - rate * d;
  }
  return 0;
}

/*
 * Adam (Kingma & Ba 2015), with decoupled decay (Loshchilov & Hutter 2019) if 12 is not 0.
 *   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  w -= rate * (m / c1) / (sqrt(v / c2) + eps) + rate * decay * w
 * 0 w, 1 g, 2 m, 3 v, 4 n, 5 floats of an item, 6 rate, 7 b1, 8 b2, 9 c1 = 1 - b1^t, 10 c2 = 1 - b2^t, 11 eps,
 * 12 decay, 13 w out, 14 m out, 15 v out
 */
KERNEL(adam_update) {
  UNUSED(scratch);
  usize i = begin * SIZE(5), n = MIN(SIZE(4), (usize)end * SIZE(5));
  const float *w = FPTR(0), *g = FPTR(1), *m = FPTR(2), *v = FPTR(3);
  float *wo = FPTR(13), *mo = FPTR(14), *vo = FPTR(15);
  float b1 = (float)a[7], b2 = (float)a[8], d1 = (float)(1 - a[7]), d2 = (float)(1 - a[8]);
  float step = (float)(a[6] / a[9]), c2 = (float)(1 / a[10]), eps = (float)a[11], keep = (float)(1 - a[6] * a[12]);
  for (; i < n; i += VL) {
    int lanes = (int)MIN((usize)VL, n - i);
    int full = lanes == VL;
    vf d = full ? load(g + i) : load_some(g + i, lanes), weight = full ? load(w + i) : load_some(w + i, lanes);
    vf first = splat(b1) * (full ? load(m + i) : load_some(m + i, lanes)) + splat(d1) * d;
    vf second = splat(b2) * (full ? load(v + i) : load_some(v + i, lanes)) + splat(d2) * d * d;
    weight = splat(keep) * weight - splat(step) * first / (root(splat(c2) * second) + splat(eps));
    if (full) {
      store(mo + i, first);
      store(vo + i, second);
      store(wo + i, weight);
    } else {
      store_some(mo + i, first, lanes);
      store_some(vo + i, second, lanes);
      store_some(wo + i, weight, lanes);
    }
  }
  return 0;
}
