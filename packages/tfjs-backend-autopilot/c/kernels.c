/* All kernels in one translation unit, and their table. */
#include "convolution.c"
#include "convolution-bf16.c"
#include "elementwise.c"
#include "normalize.c"
#include "optimizer.c"
#include "pooling.c"
#include "reduce.c"
#include "resize.c"
#include "winograd.c"
#include "kernel-list.h"

#define ENTRY(name) FN(name),
const kernel_fn FN(kernel_table)[] = {KERNEL_LIST(ENTRY)};
const int FN(lanes) = VL;
