// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_READ = 1 << 16 };

static gradus_status fail_io(const char *name, const char *what, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_IO, "%s: %s: %s", name, what, strerror(errno));
}

/* A pipe, a terminal, or a file whose size the system does not tell. */
static gradus_status read_all(int descriptor, const char *name, gradus_i_csv_input *input,
                              gradus_error *err) {
  size_t capacity = 0;
  for (;;) {
    if (input->length == capacity) {
      capacity = capacity ? 2 * capacity : FIRST_READ;
      char *grown = gradus_i_reallocate(input->owned, capacity, 1);
      if (!grown)
        return gradus_i_out_of_memory(err);
      input->text = input->owned = grown;
    }
    ssize_t count = read(descriptor, input->owned + input->length, capacity - input->length);
    if (count == 0)
      return GRADUS_OK;
    if (count < 0 && errno != EINTR)
      return fail_io(name, "cannot be read", err);
    if (count > 0)
      input->length += (size_t)count;
  }
}

/* A private map of a regular file from its begin; false if there can be none. */
static bool map(int descriptor, size_t length, gradus_i_csv_input *input) {
  void *mapped = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (mapped == MAP_FAILED)
    return false;
#ifdef MADV_SEQUENTIAL
  madvise(mapped, length, MADV_SEQUENTIAL);
#endif
  input->mapped = mapped;
  input->text = mapped;
  input->length = length;
  return true;
}

static gradus_status load(int descriptor, const char *name, gradus_i_csv_input *input,
                          gradus_error *err) {
  struct stat status;
  if (fstat(descriptor, &status) != 0)
    return fail_io(name, "cannot be read", err);
  bool whole = S_ISREG(status.st_mode) && status.st_size > 0 &&
               (uintmax_t)status.st_size <= SIZE_MAX && lseek(descriptor, 0, SEEK_CUR) == 0;
  if (whole && map(descriptor, (size_t)status.st_size, input))
    return GRADUS_OK;
  return read_all(descriptor, name, input, err);
}

gradus_status gradus_i_csv_open(gradus_i_csv_input *input, const char *path, const char *name,
                                gradus_error *err) {
  *input = (gradus_i_csv_input){0};
  if (strcmp(path, "-") == 0)
    return load(STDIN_FILENO, name, input, err);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail_io(name, "cannot be opened", err);
  gradus_status status = load(descriptor, name, input, err);
  close(descriptor);
  return status;
}

void gradus_i_csv_close(gradus_i_csv_input *input) {
  if (input->mapped)
    munmap(input->mapped, input->length);
  gradus_i_release(input->owned);
  *input = (gradus_i_csv_input){0};
}
