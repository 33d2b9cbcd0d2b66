/*
 * The Node-API side: a device is a set of kernels, a pool of threads and an array of arguments. JavaScript owns the
 * memory that kernels work on; `reserve` allocates large pieces of it.
 */
#define NAPI_VERSION 8
#include "../c/kernel-list.h"
#include "dispatch.h"
#include "pool.h"
#include <node_api.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#define MAX_ARGUMENTS 32
#define MAX_THREADS 256
#define HUGE_PAGE ((size_t)2 << 20)

typedef struct {
  const kernel_set *set;
  pool *threads;
  double args[MAX_ARGUMENTS];
  double scratch_addresses[MAX_THREADS];
} device;

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, NULL, message);
  return NULL;
}

static void close_device(device *d) {
  if (d->threads) pool_close(d->threads);
  d->threads = NULL;
}

static void close_on_exit(void *data) { close_device(data); }

static void finalize_device(napi_env env, void *data, void *hint) {
  (void)hint;
  napi_remove_env_cleanup_hook(env, close_on_exit, data);
  close_device(data);
  free(data);
}

static void finalize_memory(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

static device *device_of(napi_env env, napi_value value) {
  void *data = NULL;
  return napi_get_value_external(env, value, &data) == napi_ok ? data : NULL;
}

/* open(isa or '', threads, spin): { handle, isa, lanes, threads, args }, or null if the processor lacks the isa */
static napi_value open_device(napi_env env, napi_callback_info info) {
  napi_value argv[3], result, value;
  size_t argc = 3, length = 0;
  char isa[16] = "";
  int32_t threads = 1, spin = 0;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (napi_get_value_string_utf8(env, argv[0], isa, sizeof isa, &length) != napi_ok ||
      napi_get_value_int32(env, argv[1], &threads) != napi_ok || napi_get_value_int32(env, argv[2], &spin) != napi_ok ||
      threads < 1 || threads > MAX_THREADS)
    return fail(env, "open(isa, threads, spin): threads must be 1 to 256");
  const kernel_set *set = choose_kernels(isa);
  if (!set) {
    napi_get_null(env, &result);
    return result;
  }
  device *d = calloc(1, sizeof *d);
  if (d) d->threads = pool_open(threads, spin);
  if (!d || !d->threads) {
    free(d);
    return fail(env, "no memory for the device");
  }
  d->set = set;
  napi_add_env_cleanup_hook(env, close_on_exit, d);
  napi_create_object(env, &result);
  napi_create_external(env, d, finalize_device, NULL, &value);
  napi_set_named_property(env, result, "handle", value);
  /* The arguments, then each thread's scratch address: memory of the device, which lives as long as the external. */
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, d->args, sizeof d->args + sizeof d->scratch_addresses, NULL, NULL, &buffer) !=
      napi_ok)
    return fail(env, "this Node does not allow external array buffers");
  napi_set_named_property(env, result, "args", buffer);
  napi_create_string_utf8(env, set->isa, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, result, "isa", value);
  napi_create_int32(env, set->lanes, &value);
  napi_set_named_property(env, result, "lanes", value);
  napi_create_int32(env, pool_threads(d->threads), &value);
  napi_set_named_property(env, result, "threads", value);
  return result;
}

/* run(handle, kernel, items): code */
static napi_value run(napi_env env, napi_callback_info info) {
  napi_value argv[3], result;
  size_t argc = 3;
  int32_t kernel = -1;
  int64_t items = 0;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  device *d = device_of(env, argv[0]);
  napi_get_value_int32(env, argv[1], &kernel);
  napi_get_value_int64(env, argv[2], &items);
#define COUNT(name) +1
  if (!d || !d->threads || kernel < 0 || kernel >= 0 KERNEL_LIST(COUNT)) return fail(env, "run: closed device or unknown kernel");
  float *scratch[MAX_THREADS];
  for (int t = 0; t < pool_threads(d->threads); t++) scratch[t] = (float *)(size_t)d->scratch_addresses[t];
  napi_create_int32(env, pool_run(d->threads, d->set->kernels[kernel], d->args, (long)items, scratch), &result);
  return result;
}

/* reserve(bytes): { address, buffer } */
static napi_value reserve(napi_env env, napi_callback_info info) {
  napi_value argv[1], result, buffer, address;
  size_t argc = 1;
  int64_t bytes = 0;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  napi_get_value_int64(env, argv[0], &bytes);
  void *data = NULL;
  if (bytes <= 0 || posix_memalign(&data, HUGE_PAGE, (size_t)bytes)) return fail(env, "out of memory");
#if defined(__linux__)
  madvise(data, (size_t)bytes, MADV_HUGEPAGE);
#endif
  if (napi_create_external_arraybuffer(env, data, (size_t)bytes, finalize_memory, NULL, &buffer) != napi_ok) {
    free(data);
    return fail(env, "this Node does not allow external array buffers");
  }
  napi_create_object(env, &result);
  napi_create_double(env, (double)(size_t)data, &address);
  napi_set_named_property(env, result, "address", address);
  napi_set_named_property(env, result, "buffer", buffer);
  return result;
}

/* close(handle): stops and joins the threads */
static napi_value close_handle(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  size_t argc = 1;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  device *d = device_of(env, argv[0]);
  if (d) close_device(d);
  return NULL;
}

/* kernelNames(): the names in the order of their numbers */
static napi_value kernel_names(napi_env env, napi_callback_info info) {
  (void)info;
#define NAME(name) #name,
  static const char *const names[] = {KERNEL_LIST(NAME)};
  napi_value result, value;
  napi_create_array(env, &result);
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    napi_create_string_utf8(env, names[i], NAPI_AUTO_LENGTH, &value);
    napi_set_element(env, result, i, value);
  }
  return result;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback function;
  } functions[] = {{"open", open_device}, {"run", run}, {"reserve", reserve}, {"close", close_handle}, {"kernelNames", kernel_names}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function);
    napi_set_named_property(env, exports, functions[i].name, function);
  }
  return exports;
}
