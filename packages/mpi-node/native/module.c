// The addon's exports: every operation, as a promise (`allreduce`) and blocking (`allreduceSync`), and facts about MPI.
#define _GNU_SOURCE
#include "mpi_node.h"

#include <dlfcn.h>
#include <stdio.h>

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value get_state(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, mpi_node_state());
}

static napi_value get_rank(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, mpi_node_rank());
}

static napi_value get_size(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, mpi_node_size());
}

static napi_value get_thread_level(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, mpi_node_thread_level());
}

static napi_value get_library(napi_env env, napi_callback_info info) {
  (void)info;
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  napi_value result = NULL;
  MPI_Get_library_version(text, &length);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

// Seconds on MPI's clock, for benchmarks.
static napi_value get_time(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, mpi_node_state() == MPI_NODE_READY ? MPI_Wtime() : 0);
}

// abort(exitCode): ends every rank at once, without waiting for queued calls; does not return.
static napi_value abort_job(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arguments[1];
  int code;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (!read_integer(env, arguments[0], "exitCode", 1, 255, &code)) return NULL;
  if (mpi_node_state() != MPI_NODE_READY) {
    napi_throw_error(env, "MPI_NOT_INITIALIZED", "MPI is not running; use process.exit");
    return NULL;
  }
  fflush(NULL);
  MPI_Abort(MPI_COMM_WORLD, code);
  return NULL;
}

static bool export(napi_env env, napi_value exports, const char *name, napi_callback callback, const Operation *operation) {
  napi_value function;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, (void *)operation, &function) == napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

NAPI_MODULE_INIT() {
  // The MPI thread outlives any JS environment: never unload this library.
  Dl_info self;
  if (dladdr((void *)get_state, &self) && self.dli_fname) dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
  if (!prepare_queue(env)) return NULL;

  bool done = export(env, exports, "state", get_state, NULL) && export(env, exports, "rank", get_rank, NULL) &&
              export(env, exports, "size", get_size, NULL) && export(env, exports, "library", get_library, NULL) &&
              export(env, exports, "threadLevel", get_thread_level, NULL) && export(env, exports, "time", get_time, NULL) &&
              export(env, exports, "abort", abort_job, NULL);
  for (size_t i = 0; done && i < operation_count; i++) {
    const Operation *operation = &operations[i];
    char blocking_name[64];
    snprintf(blocking_name, sizeof blocking_name, "%sSync", operation->name);
    done = export(env, exports, operation->name, start_call, operation);
    if (done && !operation->on_mpi_thread_only) done = export(env, exports, blocking_name, make_call_now, operation);
  }
  if (!done) napi_throw_error(env, NULL, "mpi-node could not set up its functions");
  return exports;
}
