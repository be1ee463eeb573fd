// SPDX-License-Identifier: GPL-3.0-or-later
/* How much memory a process may have. */
#include "internal.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Of a control group of Linux; SIZE_MAX: the file is not there, or says "max". */
static size_t limit_in(const char *path) {
  FILE *file = fopen(path, "re");
  unsigned long long bytes;
  size_t limit = SIZE_MAX;
  if (!file)
    return SIZE_MAX;
  if (fscanf(file, "%llu", &bytes) == 1 && bytes > 0 && bytes < SIZE_MAX)
    limit = (size_t)bytes;
  fclose(file);
  return limit;
}

size_t gradus_i_machine_memory(void) {
  size_t bytes = SIZE_MAX, product;
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0 && gradus_i_multiply((size_t)pages, (size_t)size, &product))
    bytes = product;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < SIZE_MAX)
    bytes = least(bytes, (size_t)limit.rlim_cur);
  bytes = least(bytes, limit_in("/sys/fs/cgroup/memory.max"));
  return least(bytes, limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
}
