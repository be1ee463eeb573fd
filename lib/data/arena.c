// SPDX-License-Identifier: GPL-3.0-or-later
#include "arena.h"

#include <stddef.h>
#include <string.h>

struct gradus_i_arena_chunk {
  gradus_i_arena_chunk *next;
  size_t used, size;
  max_align_t memory[];
};

enum { first_chunk = 2048, largest_chunk = 1 << 18 };

static bool add_chunk(gradus_i_arena *arena, size_t bytes) {
  size_t size = arena->chunks ? 2 * arena->chunks->size : first_chunk;
  if (size > largest_chunk)
    size = largest_chunk;
  if (size < bytes)
    size = bytes;
  if (size > PTRDIFF_MAX - sizeof(gradus_i_arena_chunk))
    return false;
  gradus_i_arena_chunk *chunk = gradus_i_allocate(sizeof *chunk + size, 1);
  if (!chunk)
    return false;
  chunk->size = size;
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  return true;
}

void *gradus_i_arena_allocate(gradus_i_arena *arena, size_t count, size_t size) {
  const size_t unit = sizeof(max_align_t);
  size_t bytes;
  if (!gradus_i_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX - unit)
    return NULL;
  bytes = (bytes + unit) / unit * unit;
  if ((!arena->chunks || arena->chunks->size - arena->chunks->used < bytes) &&
      !add_chunk(arena, bytes))
    return NULL;
  void *memory = (char *)arena->chunks->memory + arena->chunks->used;
  arena->chunks->used += bytes;
  return memory;
}

char *gradus_i_arena_string(gradus_i_arena *arena, const char *bytes, size_t length) {
  char *copy = gradus_i_arena_allocate(arena, length + 1, 1);
  if (copy)
    memcpy(copy, bytes, length);
  return copy;
}

bool gradus_i_arena_grow(gradus_i_arena *arena, void *array, size_t count, size_t *capacity,
                         size_t size) {
  if (count < *capacity)
    return true;
  size_t larger = *capacity ? 2 * *capacity : 4;
  void *memory = gradus_i_arena_allocate(arena, larger, size), *old;
  if (!memory)
    return false;
  memcpy(&old, array, sizeof old);
  if (count)
    memcpy(memory, old, count * size);
  memcpy(array, &memory, sizeof memory);
  *capacity = larger;
  return true;
}

void gradus_i_arena_clear(gradus_i_arena *arena) {
  while (arena->chunks) {
    gradus_i_arena_chunk *next = arena->chunks->next;
    gradus_i_release(arena->chunks);
    arena->chunks = next;
  }
}

/* FNV-1a, 64 bits; the last step spreads the high bits over the low ones that pick a slot. */
static size_t hash(const void *key, size_t length) {
  uint64_t value = 14695981039346656037u;
  for (size_t i = 0; i < length; i++)
    value = (value ^ ((const unsigned char *)key)[i]) * 1099511628211u;
  return (size_t)(value ^ value >> 32);
}

/* The slot of a key: its own, or the free one where it belongs. */
static gradus_i_index_entry *slot(const gradus_i_index *index, const void *key, size_t length) {
  size_t place = hash(key, length) & (index->capacity - 1);
  for (;; place = (place + 1) & (index->capacity - 1)) {
    gradus_i_index_entry *entry = &index->entries[place];
    if (!entry->key || (entry->length == length && memcmp(entry->key, key, length) == 0))
      return entry;
  }
}

bool gradus_i_index_find(const gradus_i_index *index, const void *key, size_t length,
                         size_t *value) {
  if (index->count == 0)
    return false;
  const gradus_i_index_entry *entry = slot(index, key, length);
  if (!entry->key)
    return false;
  *value = entry->value;
  return true;
}

static bool enlarge(gradus_i_arena *arena, gradus_i_index *index) {
  gradus_i_index larger = {.capacity = index->capacity ? 2 * index->capacity : 16,
                           .count = index->count};
  larger.entries = gradus_i_arena_allocate(arena, larger.capacity, sizeof *larger.entries);
  if (!larger.entries)
    return false;
  for (size_t i = 0; i < index->capacity; i++)
    if (index->entries[i].key)
      *slot(&larger, index->entries[i].key, index->entries[i].length) = index->entries[i];
  *index = larger;
  return true;
}

bool gradus_i_index_add(gradus_i_arena *arena, gradus_i_index *index, const void *key,
                        size_t length, size_t value) {
  if (2 * (index->count + 1) > index->capacity && !enlarge(arena, index))
    return false;
  *slot(index, key, length) = (gradus_i_index_entry){key, length, value};
  index->count++;
  return true;
}
