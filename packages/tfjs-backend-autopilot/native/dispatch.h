/* The kernel tables of this binary, and the choice among them by what the processor supports. */
#ifndef AUTOPILOT_DISPATCH_H
#define AUTOPILOT_DISPATCH_H
#include "../c/vector.h"

typedef struct {
  const char *isa;
  int lanes;
  const kernel_fn *kernels;
} kernel_set;

/* The set named `wanted`, or the best supported one for "" (bf16 only by name); NULL if the processor lacks it. */
const kernel_set *choose_kernels(const char *wanted);
#endif
