/* The kernel tables of this binary and the choice among them by what the processor can do. */
#ifndef AUTOPILOT_DISPATCH_H
#define AUTOPILOT_DISPATCH_H
#include "../c/vector.h"

typedef struct {
  const char *isa;
  int lanes;
  const kernel_fn *kernels;
} kernel_set;

/* The best set up to `wanted` ("" for the best of all); NULL where the processor lacks the wanted one. */
const kernel_set *choose_kernels(const char *wanted);
#endif
