/*
 * Preloaded before libc, lets one write below a folder fail, as a full disk or a broken one would: every process that has
 * this library and the same variables counts its writes in one place, and the n-th fails.
 *   FAULT_UNDER  the folder (its real path); FAULT_LOG  a file: one line a write, "number operation path"
 *   FAULT_STATE  a file of 8 bytes: the count of all, and whether one failed
 *   FAULT_AT     which one fails, from 1; 0: none. FAULT_ERRNO  ENOSPC also writes a first half, as a disk does that gets full
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under;
static size_t under_length;
static unsigned fail_at;
static int fail_with, log_file = -1;
static struct { _Atomic unsigned count; _Atomic unsigned failed; } *state;
/* The file whose last write was a first half: the other half does not fit. */
static _Atomic int halved = -1;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_STATE");
  under = getenv("FAULT_UNDER");
  if (!path || !under) return;
  under_length = strlen(under);
  fail_at = (unsigned)atoi(getenv("FAULT_AT"));
  fail_with = atoi(getenv("FAULT_ERRNO"));
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  void *mapped = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) state = mapped;
  const char *log_path = getenv("FAULT_LOG");
  if (log_path) log_file = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
}

static int counts(const char *path) { return state && strncmp(path, under, under_length) == 0; }

static int hit(const char *operation, const char *path) {
  unsigned number = atomic_fetch_add(&state->count, 1) + 1;
  int fails = number == fail_at;
  char line[600];
  int length = snprintf(line, sizeof line, "%u %s %.400s%s\n", number, operation, path + under_length, fails ? " FAILED" : "");
  if (log_file >= 0) syscall(SYS_write, log_file, line, (size_t)length);
  if (fails) atomic_store(&state->failed, 1);
  return fails;
}

/* Whether the write to an open file fails; `path` may hold 600 bytes. */
static int hit_file(const char *operation, int file) {
  char link[40], path[600];
  if (!state) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return counts(path) && hit(operation, path);
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL return errno = fail_with, -1

static int is_half(int file) {
  int expected = file;
  return file >= 0 && atomic_compare_exchange_strong(&halved, &expected, -1);
}

ssize_t write(int file, const void *bytes, size_t size) {
  REAL(write);
  if (is_half(file)) FAIL;
  if (!hit_file("write", file)) return real(file, bytes, size);
  if (fail_with != ENOSPC || size < 2) FAIL;
  atomic_store(&halved, file);
  return real(file, bytes, size / 2);
}

#define POSITIONED(name, offset_type) \
  ssize_t name(int file, const void *bytes, size_t size, offset_type at) { \
    REAL(name); \
    if (is_half(file)) FAIL; \
    if (!hit_file("pwrite", file)) return real(file, bytes, size, at); \
    if (fail_with != ENOSPC || size < 2) FAIL; \
    atomic_store(&halved, file); \
    return real(file, bytes, size / 2, at); \
  }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(writev);
  if (hit_file("writev", file)) FAIL;
  return real(file, parts, count);
}

int ftruncate(int file, off_t size) {
  REAL(ftruncate);
  if (hit_file("ftruncate", file)) FAIL;
  return real(file, size);
}

int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  if (hit_file("ftruncate", file)) FAIL;
  return real(file, size);
}

int fsync(int file) {
  REAL(fsync);
  if (hit_file("fsync", file)) FAIL;
  return real(file);
}

int fdatasync(int file) {
  REAL(fdatasync);
  if (hit_file("fsync", file)) FAIL;
  return real(file);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  if (counts(to) && hit("rename", to)) FAIL;
  return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  if (counts(path) && hit("mkdir", path)) FAIL;
  return real(path, mode);
}

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    static int (*real)(const char *, int, ...); \
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
    mode_t mode = 0; \
    if (flags & O_CREAT) { \
      va_list rest; \
      va_start(rest, flags); \
      mode = va_arg(rest, mode_t); \
      va_end(rest); \
      if (counts(path) && access(path, F_OK) != 0 && hit("create", path)) FAIL; \
    } \
    return real(path, flags, mode); \
  }
OPENING(open)
OPENING(open64)
