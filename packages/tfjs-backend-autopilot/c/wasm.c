/* The exports of the WebAssembly build: run the items of a kernel, alone or shared with other threads. */
#include "kernels.c"
#define EXPORT __attribute__((visibility("default"))) __attribute__((used))

#define COUNT(name) +1
EXPORT int kernel_count(void) { return 0 KERNEL_LIST(COUNT); }

/* memset and memcpy, which the compiler may call for large loops. */
void *memset(void *d, int value, unsigned long n) {
  return __builtin_memset(d, value, n);
}
void *memcpy(void *d, const void *s, unsigned long n) {
  return __builtin_memcpy(d, s, n);
}

/* Takes items from `next` until none is left. Returns a failure's code at once; other threads then find none left. */
EXPORT int work(int kernel, const double *arguments, int *next, int items, float *scratch) {
  for (;;) {
    int item = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
    if (item >= items) return 0;
    int code = kernel_table[kernel](arguments, item, item + 1, scratch);
    if (code) {
      __atomic_store_n(next, items, __ATOMIC_RELAXED);
      return code;
    }
  }
}

/* Runs all items on the calling thread. */
EXPORT int work_alone(int kernel, const double *arguments, int items, float *scratch) {
  return kernel_table[kernel](arguments, 0, items, scratch);
}
