/* exp, log and tanh on vectors: polynomials after Cephes (S. Moshier), about 2 units in the last place. */
#ifndef AUTOPILOT_MATH_H
#define AUTOPILOT_MATH_H
#include "vector.h"

INLINE vf round_down(vf x) {
  vf t = __builtin_convertvector(__builtin_convertvector(x, vi), vf);
  return t - choose((vi)(t > x), splat(1.f), (vf){0});
}

/* e^x; infinity above 88.7, 0 below -103.9, NaN at NaN. */
INLINE vf exp_lanes(vf x) {
  vf in = x, high = splat(88.72284f), low = splat(-103.97f);
  x = choose((vi)(x > high), high, x);
  x = choose((vi)(x > low), x, low);
  vf n = round_down(x * splat(1.44269504088896341f) + splat(.5f));
  x = x - n * splat(0.693359375f);
  x = x - n * splat(-2.12194440e-4f);
  vf p = splat(1.9875691500e-4f);
  p = p * x + splat(1.3981999507e-3f);
  p = p * x + splat(8.3334519073e-3f);
  p = p * x + splat(4.1665795894e-2f);
  p = p * x + splat(1.6666665459e-1f);
  p = p * x + splat(5.0000001201e-1f);
  p = p * x * x + x + splat(1.f);
  /* 2^n in two factors, so that n = 128 and the subnormal range work. */
  vi k = __builtin_convertvector(n, vi), h = k >> 1;
  p = p * (vf)((h + 127) << 23) * (vf)((k - h + 127) << 23);
  p = choose((vi)(in > high), splat(__builtin_inff()), p);
  p = choose((vi)(in < low), (vf){0}, p);
  return choose((vi)(in == in), p, in);
}

/* Natural logarithm; -infinity at 0, NaN below 0, infinity at infinity. */
INLINE vf log_lanes(vf x) {
  vf in = x;
  vi tiny = (vi)(x < splat(1.17549435e-38f));
  x = choose(tiny, x * splat(8388608.f), x);
  vi e = (((vi)x >> 23) & 255) - 126;
  vf m = (vf)(((vi)x & 0x007fffff) | 0x3f000000);
  vf n = __builtin_convertvector(e, vf) - choose(tiny, splat(23.f), (vf){0});
  vi small = (vi)(m < splat(0.707106781186547524f));
  n = n - choose(small, splat(1.f), (vf){0});
  m = m + choose(small, m, (vf){0}) - splat(1.f);
  vf z = m * m, p = splat(7.0376836292e-2f);
  p = p * m + splat(-1.1514610310e-1f);
  p = p * m + splat(1.1676998740e-1f);
  p = p * m + splat(-1.2420140846e-1f);
  p = p * m + splat(1.4249322787e-1f);
  p = p * m + splat(-1.6668057665e-1f);
  p = p * m + splat(2.0000714765e-1f);
  p = p * m + splat(-2.4999993993e-1f);
  p = p * m + splat(3.3333331174e-1f);
  p = p * m * z;
  p = p + n * splat(-2.12194440e-4f) - splat(.5f) * z;
  vf r = m + p + n * splat(0.693359375f);
  r = choose((vi)(in == (vf){0}), splat(-__builtin_inff()), r);
  r = choose((vi)(in < (vf){0}), splat(__builtin_nanf("")), r);
  return choose((vi)(in < splat(__builtin_inff())), r, in);
}

INLINE vf tanh_lanes(vf x) {
  vf ax = (vf)((vi)x & 0x7fffffff), z = x * x;
  vf p = splat(-5.70498872745e-3f);
  p = p * z + splat(2.06390887954e-2f);
  p = p * z + splat(-5.37397155531e-2f);
  p = p * z + splat(1.33314422036e-1f);
  p = p * z + splat(-3.33332819422e-1f);
  p = p * z * x + x;
  vf e = exp_lanes(ax + ax), big = splat(1.f) - splat(2.f) / (e + splat(1.f));
  big = (vf)((vi)big | ((vi)x & (vi)splat(-0.f)));
  return choose((vi)(ax < splat(.625f)), p, big);
}

INLINE float exp_scalar(float x) { return exp_lanes(splat(x))[0]; }
INLINE float log_scalar(float x) { return log_lanes(splat(x))[0]; }
#endif
