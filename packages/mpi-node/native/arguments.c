// Reads arguments from JS. Whatever is passed, the result is a value or a JS exception, never a crash.
#include "mpi_node.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

static bool throw_range(napi_env env, const char *format, const char *name, double low, double high) {
  char message[160];
  snprintf(message, sizeof message, format, name, low, high);
  napi_throw_range_error(env, "MPI_ARGUMENT", message);
  return false;
}

static bool throw_type(napi_env env, const char *format, const char *name) {
  char message[160];
  snprintf(message, sizeof message, format, name);
  napi_throw_type_error(env, "MPI_ARGUMENT", message);
  return false;
}

static bool describe(napi_typedarray_type type, Buffer *buffer) {
  switch (type) {
    case napi_float32_array: buffer->datatype = MPI_FLOAT; buffer->element_bytes = 4; return true;
    case napi_float64_array: buffer->datatype = MPI_DOUBLE; buffer->element_bytes = 8; return true;
    case napi_int32_array: buffer->datatype = MPI_INT32_T; buffer->element_bytes = 4; return true;
    case napi_uint32_array: buffer->datatype = MPI_UINT32_T; buffer->element_bytes = 4; return true;
    case napi_uint8_array: buffer->datatype = MPI_UINT8_T; buffer->element_bytes = 1; return true;
    default: return false;
  }
}

bool read_buffer(napi_env env, napi_value value, const char *name, Buffer *buffer) {
  bool is_array = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) {
    return throw_type(env, "%s must be a Float32Array, Float64Array, Int32Array, Uint32Array or Uint8Array", name);
  }
  if (napi_get_typedarray_info(env, value, &type, &buffer->count, (void **)&buffer->data, NULL, NULL) != napi_ok) {
    return throw_type(env, "%s cannot be read as a typed array", name);
  }
  if (!describe(type, buffer)) {
    return throw_type(env, "%s must be a Float32Array, Float64Array, Int32Array, Uint32Array or Uint8Array", name);
  }
  // A detached array reads as empty, without memory; MPI accepts a null pointer only for zero elements.
  if (buffer->data == NULL && buffer->count > 0) return throw_type(env, "%s has no memory (is its buffer detached?)", name);
  return true;
}

bool read_integer(napi_env env, napi_value value, const char *name, int minimum, int maximum, int *result) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok || number != floor(number) || number < minimum || number > maximum) {
    return throw_range(env, "%s must be an integer from %.0f to %.0f", name, minimum, maximum);
  }
  *result = (int)number;
  return true;
}

bool read_bytes(napi_env env, napi_value value, const char *name, size_t *result) {
  const double most = 1024.0 * 1024.0 * 1024.0;
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok || number != floor(number) || number < 64 || number > most) {
    return throw_range(env, "%s must be a whole number of bytes from %.0f to %.0f", name, 64, most);
  }
  *result = (size_t)number;
  return true;
}

napi_value make_mpi_error(napi_env env, int code, const char *what) {
  char reason[MPI_MAX_ERROR_STRING] = "unknown error";
  char message[MPI_MAX_ERROR_STRING + 64];
  char name[32];
  int length = 0, error_class = 0;
  MPI_Error_string(code, reason, &length);
  MPI_Error_class(code, &error_class);
  snprintf(message, sizeof message, "%s: %s", what, reason);
  snprintf(name, sizeof name, "MPI_CLASS_%d", error_class);
  napi_value js_name, js_message, error = NULL;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &js_name);
  napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &js_message);
  napi_create_error(env, js_name, js_message, &error);
  return error;
}

napi_value throw_mpi_error(napi_env env, int code, const char *what) {
  napi_throw(env, make_mpi_error(env, code, what));
  return NULL;
}
