/*
 * A pool of threads that share the items of one kernel. Threads spin a bounded number of times for the next call and
 * then sleep, so that waiting does not use up a machine with more ranks than cores. The caller waits only for threads
 * that have entered its call: on a busy machine, where a thread may get no processor for milliseconds, it does the
 * thread's share itself.
 */
#ifndef AUTOPILOT_POOL_H
#define AUTOPILOT_POOL_H
#include "../c/vector.h"

typedef struct pool pool;

/* `threads` includes the caller. Starts fewer if the system allows only fewer; NULL if there is no memory. */
pool *pool_open(int threads, int spin);
int pool_threads(const pool *p);
/* Runs items [0, items) with scratch[thread] for each thread; returns the first code that is not 0. */
int pool_run(pool *p, kernel_fn kernel, const double *args, long items, float *const *scratch);
/* Stops and joins the threads. */
void pool_close(pool *p);
#endif
