// How each call reads its arguments and what it does. `run` functions touch no JS: they may execute on the MPI thread.
#define _GNU_SOURCE
#include "mpi_node.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int state = MPI_NODE_NEW;
static int rank = -1, size = 0, thread_level = -1;
static MPI_Comm communicator = MPI_COMM_NULL;

State mpi_node_state(void) { return (State)atomic_load(&state); }
int mpi_node_rank(void) { return rank; }
int mpi_node_size(void) { return size; }
int mpi_node_thread_level(void) { return thread_level; }
MPI_Comm mpi_node_communicator(void) { return communicator; }

static bool require_ready(napi_env env) {
  State now = mpi_node_state();
  if (now == MPI_NODE_READY) return true;
  const char *message = now == MPI_NODE_FINALIZED ? "MPI was finalized; no call may follow"
                                                  : "MPI is not initialized; await initialize() first";
  napi_throw_error(env, now == MPI_NODE_FINALIZED ? "MPI_FINALIZED" : "MPI_NOT_INITIALIZED", message);
  return false;
}

static bool fits_one_message(napi_env env, const Buffer *buffer) {
  if (buffer->count <= INT_MAX) return true;
  napi_throw_range_error(env, "MPI_ARGUMENT", "one message holds at most 2147483647 elements");
  return false;
}

static bool parse_initialize(napi_env env, const napi_value *arguments, Call *call) {
  (void)arguments;
  (void)call;
  int expected = MPI_NODE_NEW;
  if (atomic_compare_exchange_strong(&state, &expected, MPI_NODE_STARTING)) return true;
  napi_throw_error(env, "MPI_INITIALIZED", "MPI can be initialized once in a process");
  return false;
}

static int run_initialize(const Call *call) {
  (void)call;
  // Open MPI opens plugins that use symbols of libmpi: make the copy this addon loaded visible to them.
  Dl_info library;
  if (dladdr((void *)MPI_Init_thread, &library) && library.dli_fname) {
    dlopen(library.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
  }
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &thread_level);
  if (code == MPI_SUCCESS) code = MPI_Comm_dup(MPI_COMM_WORLD, &communicator);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(communicator, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(communicator, &rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(communicator, &size);
  if (code == MPI_SUCCESS) atomic_store(&state, MPI_NODE_READY);
  return code;
}

static bool parse_finalize(napi_env env, const napi_value *arguments, Call *call) {
  (void)arguments;
  (void)call;
  if (!require_ready(env)) return false;
  atomic_store(&state, MPI_NODE_FINALIZED);
  return true;
}

static int run_finalize(const Call *call) {
  (void)call;
  MPI_Comm_free(&communicator);
  return MPI_Finalize();
}

static bool parse_barrier(napi_env env, const napi_value *arguments, Call *call) {
  (void)arguments;
  (void)call;
  return require_ready(env);
}

static int run_barrier(const Call *call) {
  (void)call;
  return MPI_Barrier(communicator);
}

// allreduce(array, op: 0 sum | 1 max | 2 min, bucketBytes)
static bool parse_allreduce(napi_env env, const napi_value *arguments, Call *call) {
  int op;
  if (!require_ready(env) || !read_buffer(env, arguments[0], "array", &call->first)) return false;
  if (!read_integer(env, arguments[1], "op", 0, 2, &op)) return false;
  if (!read_bytes(env, arguments[2], "bucketBytes", &call->bucket_bytes)) return false;
  call->op = op == 0 ? MPI_SUM : op == 1 ? MPI_MAX : MPI_MIN;
  return true;
}

// Buckets keep MPI's temporary memory within the processor's cache: twice as fast as a single call for 124 MB.
static int run_allreduce(const Call *call) {
  const Buffer *array = &call->first;
  size_t bucket = call->bucket_bytes / array->element_bytes;
  for (size_t start = 0; start < array->count; start += bucket) {
    size_t left = array->count - start;
    int count = (int)(left < bucket ? left : bucket);
    void *data = array->data + start * array->element_bytes;
    int code = MPI_Allreduce(MPI_IN_PLACE, data, count, array->datatype, call->op, communicator);
    if (code != MPI_SUCCESS) return code;
  }
  return MPI_SUCCESS;
}

// broadcast(array, root)
static bool parse_broadcast(napi_env env, const napi_value *arguments, Call *call) {
  return require_ready(env) && read_buffer(env, arguments[0], "array", &call->first) &&
         read_integer(env, arguments[1], "root", 0, size - 1, &call->peer) && fits_one_message(env, &call->first);
}

static int run_broadcast(const Call *call) {
  return MPI_Bcast(call->first.data, (int)call->first.count, call->first.datatype, call->peer, communicator);
}

// allgather(send, receive)
static bool parse_allgather(napi_env env, const napi_value *arguments, Call *call) {
  if (!require_ready(env) || !read_buffer(env, arguments[0], "send", &call->first)) return false;
  if (!read_buffer(env, arguments[1], "receive", &call->second) || !fits_one_message(env, &call->first)) return false;
  if (call->first.datatype != call->second.datatype || call->second.count != call->first.count * (size_t)size) {
    napi_throw_range_error(env, "MPI_ARGUMENT", "receive must have the type of send and size times its length");
    return false;
  }
  const char *end = call->second.data + call->second.count * call->second.element_bytes;
  if (call->first.count > 0 && call->first.data < end &&
      call->second.data < call->first.data + call->first.count * call->first.element_bytes) {
    napi_throw_range_error(env, "MPI_ARGUMENT", "send and receive must not share memory");
    return false;
  }
  return true;
}

static int run_allgather(const Call *call) {
  int count = (int)call->first.count;
  return MPI_Allgather(call->first.data, count, call->first.datatype, call->second.data, count, call->second.datatype,
                       communicator);
}

// Every MPI guarantees tags up to 32767.
static bool read_tag(napi_env env, napi_value value, Call *call) {
  return read_integer(env, value, "tag", 0, 32767, &call->tag);
}

// send(array, to, tag)
static bool parse_send(napi_env env, const napi_value *arguments, Call *call) {
  return require_ready(env) && read_buffer(env, arguments[0], "array", &call->first) &&
         read_integer(env, arguments[1], "to", 0, size - 1, &call->peer) && read_tag(env, arguments[2], call) &&
         fits_one_message(env, &call->first);
}

static int run_send(const Call *call) {
  return MPI_Send(call->first.data, (int)call->first.count, call->first.datatype, call->peer, call->tag, communicator);
}

// receive(array, from, tag)
static bool parse_receive(napi_env env, const napi_value *arguments, Call *call) {
  return require_ready(env) && read_buffer(env, arguments[0], "array", &call->first) &&
         read_integer(env, arguments[1], "from", 0, size - 1, &call->peer) && read_tag(env, arguments[2], call) &&
         fits_one_message(env, &call->first);
}

static int check_received(const Buffer *buffer, const MPI_Status *status) {
  int received = 0;
  int code = MPI_Get_count(status, buffer->datatype, &received);
  if (code != MPI_SUCCESS) return code;
  // A message shorter than the array would silently leave stale numbers in it.
  return (size_t)received == buffer->count ? MPI_SUCCESS : MPI_ERR_COUNT;
}

static int run_receive(const Call *call) {
  MPI_Status status;
  int code = MPI_Recv(call->first.data, (int)call->first.count, call->first.datatype, call->peer, call->tag,
                      communicator, &status);
  return code == MPI_SUCCESS ? check_received(&call->first, &status) : code;
}

// sendReceive(send, to, receive, from, tag)
static bool parse_send_receive(napi_env env, const napi_value *arguments, Call *call) {
  if (!require_ready(env) || !read_buffer(env, arguments[0], "send", &call->first)) return false;
  if (!read_integer(env, arguments[1], "to", 0, size - 1, &call->peer)) return false;
  if (!read_buffer(env, arguments[2], "receive", &call->second)) return false;
  if (!read_integer(env, arguments[3], "from", 0, size - 1, &call->other_peer)) return false;
  return read_tag(env, arguments[4], call) && fits_one_message(env, &call->first) && fits_one_message(env, &call->second);
}

static int run_send_receive(const Call *call) {
  MPI_Status status;
  int code = MPI_Sendrecv(call->first.data, (int)call->first.count, call->first.datatype, call->peer, call->tag,
                          call->second.data, (int)call->second.count, call->second.datatype, call->other_peer, call->tag,
                          communicator, &status);
  return code == MPI_SUCCESS ? check_received(&call->second, &status) : code;
}

const Operation operations[] = {
    {"initialize", parse_initialize, run_initialize, true},
    {"finalize", parse_finalize, run_finalize, true},
    {"barrier", parse_barrier, run_barrier, false},
    {"allreduce", parse_allreduce, run_allreduce, false},
    {"broadcast", parse_broadcast, run_broadcast, false},
    {"allgather", parse_allgather, run_allgather, false},
    {"send", parse_send, run_send, false},
    {"receive", parse_receive, run_receive, false},
    {"sendReceive", parse_send_receive, run_send_receive, false},
};
const size_t operation_count = sizeof operations / sizeof *operations;
