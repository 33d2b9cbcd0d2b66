/*
 * A pool of threads that share the items of one kernel. Threads spin a bounded number of times for the next call and then
 * sleep, so that a machine with more ranks than cores is not burnt by waiting. The caller waits only for threads that have
 * come into its call: on a busy machine, where a thread gets no processor for milliseconds, it does their share itself.
 */
#ifndef AUTOPILOT_POOL_H
#define AUTOPILOT_POOL_H
#include "../c/vector.h"

typedef struct pool pool;

/* `threads` includes the caller. Starts fewer where the system gives fewer; NULL without memory. */
pool *pool_open(int threads, int spin);
int pool_threads(const pool *p);
/* Runs items [0, items) with scratch[thread] for each thread; returns the first code that is not 0. */
int pool_run(pool *p, kernel_fn kernel, const double *args, long items, float *const *scratch);
/* Stops and joins the threads. */
void pool_close(pool *p);
#endif
