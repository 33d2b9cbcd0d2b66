#include "pool.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

/* One round of spinning. Sometimes yields: the thread that is waited for may be ready to run but lack a processor. */
static inline void spin_once(int round) {
  if (round % 64 == 63) sched_yield();
  else PAUSE();
}

struct worker {
  pool *owner;
  int thread;
  pthread_t handle;
};

struct pool {
  int threads, spin;
  atomic_uint epoch;
  atomic_int code, stop;
  /* 1 while the call is open, plus 2 for each thread inside it besides the caller. */
  atomic_int gate;
  atomic_long next;
  kernel_fn kernel;
  const double *args;
  long items;
  float *const *scratch;
  pthread_mutex_t lock;
  pthread_cond_t start, finished;
  struct worker workers[];
};

/* Takes items until none is left; a failure ends the call for every thread. */
static void take_items(pool *p, int thread) {
  for (;;) {
    long item = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
    if (item >= p->items) return;
    int code = p->kernel(p->args, item, item + 1, p->scratch[thread]);
    if (code) {
      int none = 0;
      atomic_compare_exchange_strong(&p->code, &none, code);
      atomic_store(&p->next, p->items);
    }
  }
}

/* Enters the call only if it is open: `p` keeps its kernel and items until every thread that entered has left. */
static int enter(pool *p) {
  int gate = atomic_load(&p->gate);
  while (gate & 1)
    if (atomic_compare_exchange_weak(&p->gate, &gate, gate + 2)) return 1;
  return 0;
}

/* The last to leave a closed call wakes the caller. */
static void leave(pool *p) {
  if (atomic_fetch_sub(&p->gate, 2) != 2) return;
  pthread_mutex_lock(&p->lock);
  pthread_cond_signal(&p->finished);
  pthread_mutex_unlock(&p->lock);
}

static void *worker_main(void *argument) {
  struct worker *self = argument;
  pool *p = self->owner;
  unsigned seen = 0;
  for (;;) {
    for (int i = 0; i < p->spin && atomic_load(&p->epoch) == seen; i++) spin_once(i);
    if (atomic_load(&p->epoch) == seen) {
      pthread_mutex_lock(&p->lock);
      while (atomic_load(&p->epoch) == seen) pthread_cond_wait(&p->start, &p->lock);
      pthread_mutex_unlock(&p->lock);
    }
    seen = atomic_load(&p->epoch);
    if (atomic_load(&p->stop)) return NULL;
    if (!enter(p)) continue;
    take_items(p, self->thread);
    leave(p);
  }
}

pool *pool_open(int threads, int spin) {
  pool *p = calloc(1, sizeof *p + (size_t)threads * sizeof(struct worker));
  if (!p) return NULL;
  p->threads = 1;
  p->spin = spin;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->start, NULL);
  pthread_cond_init(&p->finished, NULL);
  for (int t = 1; t < threads; t++) {
    p->workers[t].owner = p;
    p->workers[t].thread = t;
    if (pthread_create(&p->workers[t].handle, NULL, worker_main, &p->workers[t])) break;
    p->threads++;
  }
  return p;
}

int pool_threads(const pool *p) { return p->threads; }

static void announce(pool *p) {
  pthread_mutex_lock(&p->lock);
  atomic_fetch_add(&p->epoch, 1);
  pthread_cond_broadcast(&p->start);
  pthread_mutex_unlock(&p->lock);
}

int pool_run(pool *p, kernel_fn kernel, const double *args, long items, float *const *scratch) {
  if (p->threads == 1 || items == 1) return kernel(args, 0, items, scratch[0]);
  p->kernel = kernel;
  p->args = args;
  p->items = items;
  p->scratch = scratch;
  atomic_store(&p->next, 0);
  atomic_store(&p->code, 0);
  atomic_store(&p->gate, 1);
  announce(p);
  take_items(p, 0);
  /* No item is left. Threads that have not entered, because they got no processor, are not waited for. */
  atomic_fetch_and(&p->gate, ~1);
  for (int i = 0; i < p->spin && atomic_load(&p->gate); i++) spin_once(i);
  if (atomic_load(&p->gate)) {
    pthread_mutex_lock(&p->lock);
    while (atomic_load(&p->gate)) pthread_cond_wait(&p->finished, &p->lock);
    pthread_mutex_unlock(&p->lock);
  }
  return atomic_load(&p->code);
}

void pool_close(pool *p) {
  atomic_store(&p->stop, 1);
  announce(p);
  for (int t = 1; t < p->threads; t++) pthread_join(p->workers[t].handle, NULL);
  pthread_mutex_destroy(&p->lock);
  pthread_cond_destroy(&p->start);
  pthread_cond_destroy(&p->finished);
  free(p);
}
