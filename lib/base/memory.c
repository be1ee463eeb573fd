// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static void *(*allocate_function)(size_t) = malloc;
static void *(*reallocate_function)(void *, size_t) = realloc;
static void (*release_function)(void *) = free;

void gradus_set_allocator(void *(*allocate)(size_t), void *(*reallocate)(void *, size_t),
                          void (*release)(void *)) {
  allocate_function = allocate ? allocate : malloc;
  reallocate_function = reallocate ? reallocate : realloc;
  release_function = release ? release : free;
}

void gradus_free(void *memory) {
  gradus_i_release(memory);
}

bool gradus_i_multiply(size_t a, size_t b, size_t *product) {
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  *product = a * b;
  return true;
}

void *gradus_i_allocate_raw(size_t count, size_t size) {
  size_t bytes;
  /* PTRDIFF_MAX: beyond it pointer differences are undefined, so no such object is legal C. */
  if (!gradus_i_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX)
    return NULL;
  return allocate_function(bytes ? bytes : 1);
}

void *gradus_i_allocate(size_t count, size_t size) {
  void *memory = gradus_i_allocate_raw(count, size);
  if (memory)
    memset(memory, 0, count * size);
  return memory;
}

void *gradus_i_reallocate(void *memory, size_t count, size_t size) {
  size_t bytes;
  if (!gradus_i_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX)
    return NULL;
  return reallocate_function(memory, bytes ? bytes : 1);
}

void gradus_i_release(void *memory) {
  if (memory)
    release_function(memory);
}

char *gradus_i_string_copy_length(const char *text, size_t length) {
  char *copy = gradus_i_allocate_raw(length + 1, 1);
  if (copy) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}

char *gradus_i_string_copy(const char *text) {
  return gradus_i_string_copy_length(text, strlen(text));
}
