/* Converts floats to words of bf16 (vector.h). Empty if the instruction set has none. */
#ifndef AUTOPILOT_WORDS_H
#define AUTOPILOT_WORDS_H
#include "vector.h"

#if HAS_BF16
/* words[i] = (floats[2i], floats[2i + 1]) for CEIL_DIV(n, 2) words; zero beyond n. */
INLINE void word_line(const float *floats, usize n, float *words) {
  usize i = 0;
  for (; i + 2 * VL <= n; i += 2 * VL, words += VL) store(words, words_in_line(load(floats + i), load(floats + i + VL)));
  if (i == n) return;
  int rest = (int)(n - i), second = MAX(0, rest - VL);
  store_lanes(words, words_in_line(load_lanes(floats + i, rest), load_some(floats + i + (second ? VL : 0), second)), CEIL_DIV(rest, 2));
}

/* words[i] = (lower[i], upper[i]) */
INLINE void words_between(const float *lower, const float *upper, usize n, float *words) {
  usize i = 0;
  for (; i + VL <= n; i += VL) store(words + i, words_of(load(lower + i), load(upper + i)));
  int rest = (int)(n - i);
  if (rest) store_some(words + i, words_of(load_some(lower + i, rest), load_some(upper + i, rest)), rest);
}
#else
INLINE void word_line(const float *floats, usize n, float *words) { UNUSED(floats), UNUSED(n), UNUSED(words); }
#endif

/* copy_window in words: an even number of channels, two per word. */
INLINE void word_window(const float *src, int height, int width, int channels, int y0, int x0, int rows, int columns,
                        float *dst) {
  int left = MIN(MAX(0, -x0), columns), from = MAX(0, x0), inside = MAX(0, MIN(width - from, columns - left));
  int right = columns - left - inside, size = channels / 2;
  for (int i = 0; i < rows; i++, dst += (usize)columns * size) {
    int y = y0 + i;
    if (y < 0 || y >= height || inside == 0) {
      zero_floats(dst, (usize)columns * size);
      continue;
    }
    zero_floats(dst, (usize)left * size);
    word_line(src + ((usize)y * width + from) * channels, (usize)inside * channels, dst + (usize)left * size);
    zero_floats(dst + (usize)(left + inside) * size, (usize)right * size);
  }
}
#endif
