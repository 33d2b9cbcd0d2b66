#include "dispatch.h"
#include <string.h>

#define DECLARE(suffix)                    \
  extern const kernel_fn kernel_table_##suffix[]; \
  extern const int lanes_##suffix;

#if defined(__x86_64__)
DECLARE(sse)
DECLARE(avx2)
DECLARE(avx512)
#if defined(WITH_BF16)
DECLARE(avx512bf16)
#endif
#else
DECLARE(base)
#endif

static int supported(const char *isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#if defined(WITH_BF16)
  if (!strcmp(isa, "avx512bf16"))
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
  if (!strcmp(isa, "avx512")) return __builtin_cpu_supports("avx512f");
  if (!strcmp(isa, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  (void)isa;
#endif
  return 1;
}

const kernel_set *choose_kernels(const char *wanted) {
  static kernel_set sets[4];
  int n = 0;
#if defined(__x86_64__)
  sets[n++] = (kernel_set){"avx512", lanes_avx512, kernel_table_avx512};
  sets[n++] = (kernel_set){"avx2", lanes_avx2, kernel_table_avx2};
  sets[n++] = (kernel_set){"sse", lanes_sse, kernel_table_sse};
#if defined(WITH_BF16)
  /* After the set that every processor supports, so that it is chosen only by name. */
  sets[n++] = (kernel_set){"avx512bf16", lanes_avx512bf16, kernel_table_avx512bf16};
#endif
#elif defined(__aarch64__)
  sets[n++] = (kernel_set){"neon", lanes_base, kernel_table_base};
#else
  sets[n++] = (kernel_set){"base", lanes_base, kernel_table_base};
#endif
  for (int i = 0; i < n; i++)
    if ((!*wanted || !strcmp(wanted, sets[i].isa)) && supported(sets[i].isa)) return &sets[i];
  return NULL;
}
