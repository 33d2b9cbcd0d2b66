// One native thread owns MPI and takes calls first in, first out; each settles a promise on the JS thread that made it.
// Blocking collectives on a dedicated thread were measured 2.5 times as fast as polling MPI_Iallreduce from JS.
#include "mpi_node.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// The state of one JS environment (the main thread or a worker_thread).
typedef struct {
  napi_threadsafe_function deliver;
  // Number of unsettled promises; only touched on the JS thread.
  int unsettled;
  // Number of calls whose memory MPI may still touch.
  atomic_int in_flight;
  // The MPI thread is handing over a result: `deliver` must not be torn down yet.
  atomic_bool delivering;
} Environment;

typedef struct Job {
  struct Job *next;
  Call call;
  const char *name;
  int code;
  napi_deferred deferred;
  // Keep the typed arrays alive until MPI is done with their memory.
  napi_ref arrays[2];
  Environment *environment;
} Job;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static Job *head, *tail;
static bool thread_started;
// Number of calls waiting or running, over all environments.
static atomic_int busy;

static void *mpi_thread(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (head == NULL) pthread_cond_wait(&filled, &lock);
    Job *job = head;
    head = job->next;
    if (head == NULL) tail = NULL;
    pthread_mutex_unlock(&lock);

    job->code = job->call.run(&job->call);
    // From here on the job belongs to its JS thread, which may end as soon as it has the result.
    Environment *environment = job->environment;
    atomic_store(&environment->delivering, true);
    atomic_fetch_sub(&environment->in_flight, 1);
    atomic_fetch_sub(&busy, 1);
    napi_call_threadsafe_function(environment->deliver, job, napi_tsfn_blocking);
    atomic_store(&environment->delivering, false);
  }
  return NULL;
}

static bool start_thread(napi_env env) {
  if (thread_started) return true;
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  thread_started = pthread_create(&thread, &attributes, mpi_thread, NULL) == 0;
  pthread_attr_destroy(&attributes);
  if (!thread_started) napi_throw_error(env, "MPI_THREAD", "the MPI thread could not be started");
  return thread_started;
}

static void deliver_result(napi_env env, napi_value callback, void *context, void *data) {
  (void)callback;
  (void)context;
  Job *job = data;
  if (env == NULL) {
    free(job);
    return;
  }
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  for (int i = 0; i < 2; i++) {
    if (job->arrays[i] != NULL) napi_delete_reference(env, job->arrays[i]);
  }
  if (job->code == MPI_SUCCESS) {
    napi_value nothing;
    napi_get_undefined(env, &nothing);
    napi_resolve_deferred(env, job->deferred, nothing);
  } else {
    napi_reject_deferred(env, job->deferred, make_mpi_error(env, job->code, job->name));
  }
  // With nothing outstanding, the process may end by itself.
  if (--job->environment->unsettled == 0) napi_unref_threadsafe_function(env, job->environment->deliver);
  napi_close_handle_scope(env, scope);
  free(job);
}

// A worker_thread is closing (an exiting process does not get here). Its arrays are about to be freed; if MPI is still
// using one, continuing would corrupt memory, and this rank could never take part again: end the whole job instead.
static void on_environment_end(void *data) {
  Environment *environment = data;
  if (atomic_load(&environment->in_flight) == 0) {
    while (atomic_load(&environment->delivering)) sched_yield();
    return;
  }
  fputs("mpi-node: a thread ends while its MPI calls are in flight; aborting the job\n", stderr);
  fflush(NULL);
  MPI_Abort(MPI_COMM_WORLD, 70);
}

bool prepare_queue(napi_env env) {
  Environment *environment = calloc(1, sizeof *environment);
  if (environment == NULL) return false;
  napi_value name;
  napi_create_string_utf8(env, "mpi-node", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, deliver_result,
                                      &environment->deliver) != napi_ok) {
    free(environment);
    return false;
  }
  napi_unref_threadsafe_function(env, environment->deliver);
  // Not freed with the environment, because the MPI thread may still read it: a few bytes per JS environment.
  napi_set_instance_data(env, environment, NULL, NULL);
  napi_add_env_cleanup_hook(env, on_environment_end, environment);
  return true;
}

static bool read_call(napi_env env, napi_callback_info info, napi_value *arguments, const Operation **operation, Call *call) {
  size_t count = MAX_ARGUMENTS;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, (void **)operation) != napi_ok) return false;
  call->run = (*operation)->run;
  return (*operation)->parse(env, arguments, call);
}

napi_value start_call(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS], promise = NULL;
  const Operation *operation;
  Environment *environment;
  if (!start_thread(env)) return NULL;
  Job *job = calloc(1, sizeof *job);
  if (job == NULL) {
    napi_throw_error(env, "MPI_MEMORY", "out of memory");
    return NULL;
  }
  napi_get_instance_data(env, (void **)&environment);
  if (!read_call(env, info, arguments, &operation, &job->call) || napi_create_promise(env, &job->deferred, &promise) != napi_ok) {
    free(job);
    return NULL;
  }
  job->name = operation->name;
  job->environment = environment;
  for (int i = 0, held = 0; i < MAX_ARGUMENTS && held < 2; i++) {
    bool is_array = false;
    if (napi_is_typedarray(env, arguments[i], &is_array) == napi_ok && is_array) {
      napi_create_reference(env, arguments[i], 1, &job->arrays[held++]);
    }
  }
  if (environment->unsettled++ == 0) napi_ref_threadsafe_function(env, environment->deliver);
  atomic_fetch_add(&environment->in_flight, 1);
  atomic_fetch_add(&busy, 1);
  pthread_mutex_lock(&lock);
  if (tail != NULL) tail->next = job;
  else head = job;
  tail = job;
  pthread_cond_signal(&filled);
  pthread_mutex_unlock(&lock);
  return promise;
}

napi_value make_call_now(napi_env env, napi_callback_info info) {
  napi_value arguments[MAX_ARGUMENTS], nothing;
  const Operation *operation;
  Call call = {0};
  if (!read_call(env, info, arguments, &operation, &call)) return NULL;
  // The order of MPI calls must be the same on every rank: a blocking call may not overtake queued ones.
  if (atomic_load(&busy) > 0) {
    napi_throw_error(env, "MPI_BUSY", "a blocking call cannot overtake calls still in flight; await them first");
    return NULL;
  }
  int code = call.run(&call);
  if (code != MPI_SUCCESS) return throw_mpi_error(env, code, operation->name);
  napi_get_undefined(env, &nothing);
  return nothing;
}
