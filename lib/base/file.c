// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gradus_status write_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = write(descriptor, bytes, length);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return GRADUS_ERROR_IO;
    bytes += done;
    length -= (size_t)done;
  }
  return GRADUS_OK;
}

/* Another process may write the same path: try numbered names until one is ours. */
static int open_temporary(const char *path, char *name, size_t size) {
  for (unsigned attempt = 0; attempt < 100; attempt++) {
    snprintf(name, size, "%s.%ld.%u.tmp", path, (long)getpid(), attempt);
    int descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST)
      return descriptor;
  }
  return -1;
}

/* A link, a pipe or a device is written to, not replaced by a file. */
static bool is_replaceable(const char *path) {
  struct stat there;
  return lstat(path, &there) != 0 || S_ISREG(there.st_mode);
}

static gradus_status write_in_place(const char *path, const void *bytes, size_t length,
                                    gradus_error *err) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  gradus_status status = descriptor < 0 ? GRADUS_ERROR_IO : write_all(descriptor, bytes, length);
  int reason = errno;
  if (descriptor >= 0 && close(descriptor) != 0 && !status) {
    status = GRADUS_ERROR_IO;
    reason = errno;
  }
  if (status)
    gradus_i_fail(err, status, "%s: cannot be written: %s", path, strerror(reason));
  return status;
}

gradus_status gradus_i_write_file(const char *path, const void *bytes, size_t length,
                                  gradus_error *err) {
  if (!is_replaceable(path))
    return write_in_place(path, bytes, length, err);
  size_t size = strlen(path) + 48;
  char *name = gradus_i_allocate(size, 1);
  if (!name)
    return gradus_i_out_of_memory(err);
  int descriptor = open_temporary(path, name, size);
  gradus_status status = descriptor < 0 ? GRADUS_ERROR_IO : write_all(descriptor, bytes, length);
  int reason = errno;
  if (descriptor >= 0) {
    if (!status && fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS) {
      status = GRADUS_ERROR_IO;
      reason = errno;
    }
    if (close(descriptor) != 0 && !status) {
      status = GRADUS_ERROR_IO;
      reason = errno;
    }
    if (!status && rename(name, path) != 0) {
      status = GRADUS_ERROR_IO;
      reason = errno;
    }
    if (status)
      unlink(name);
  }
  gradus_i_release(name);
  if (status)
    gradus_i_fail(err, status, "%s: cannot be written: %s", path, strerror(reason));
  return status;
}
