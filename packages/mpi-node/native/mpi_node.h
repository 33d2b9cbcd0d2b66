// Shared declarations of the addon. One native thread owns MPI and takes calls in order; see queue.c.
#ifndef MPI_NODE_H
#define MPI_NODE_H

#define NAPI_VERSION 8
#include <mpi.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>

// The memory of a typed array, described for MPI.
typedef struct {
  char *data;
  size_t count;
  size_t element_bytes;
  MPI_Datatype datatype;
} Buffer;

// One MPI call as plain data: filled in on a JS thread and executed on the MPI thread (blocking variants: immediately).
typedef struct Call {
  int (*run)(const struct Call *call);
  Buffer first;
  Buffer second;
  MPI_Op op;
  size_t bucket_bytes;
  int peer;
  int other_peer;
  int tag;
} Call;

// A call that JS can make: its name, how its arguments are read, and what it does.
typedef struct {
  const char *name;
  // Fills in `call`; throws into JS and returns false on wrong arguments.
  bool (*parse)(napi_env env, const napi_value *arguments, Call *call);
  int (*run)(const Call *call);
  // MPI_Init and MPI_Finalize must happen on the same thread: these have no blocking variant.
  bool on_mpi_thread_only;
} Operation;

typedef enum { MPI_NODE_NEW, MPI_NODE_STARTING, MPI_NODE_READY, MPI_NODE_FINALIZED } State;

// Maximum number of arguments of any operation.
#define MAX_ARGUMENTS 6

extern const Operation operations[];
extern const size_t operation_count;

State mpi_node_state(void);
int mpi_node_rank(void);
int mpi_node_size(void);
int mpi_node_thread_level(void);
MPI_Comm mpi_node_communicator(void);

bool read_buffer(napi_env env, napi_value value, const char *name, Buffer *buffer);
bool read_integer(napi_env env, napi_value value, const char *name, int minimum, int maximum, int *result);
bool read_bytes(napi_env env, napi_value value, const char *name, size_t *result);

napi_value throw_mpi_error(napi_env env, int code, const char *what);
napi_value make_mpi_error(napi_env env, int code, const char *what);

// queue.c: the promise variant, the blocking variant, and the queue's setup for a JS environment.
napi_value start_call(napi_env env, napi_callback_info info);
napi_value make_call_now(napi_env env, napi_callback_info info);
bool prepare_queue(napi_env env);

#endif
