// SPDX-License-Identifier: GPL-3.0-or-later
/* What formulas and designs are made of: memory that is freed all at once, and a map from bytes to
   numbers. A failed parse or design then has nothing to undo. */
#ifndef GRADUS_DATA_ARENA_H
#define GRADUS_DATA_ARENA_H

#include "../base/internal.h"

typedef struct gradus_i_arena_chunk gradus_i_arena_chunk;
typedef struct gradus_i_arena {
  gradus_i_arena_chunk *chunks;
} gradus_i_arena;

/* Zeroed memory that lives as long as the arena; NULL when an allocation failed. */
void *gradus_i_arena_allocate(gradus_i_arena *arena, size_t count, size_t size);
char *gradus_i_arena_string(gradus_i_arena *arena, const char *bytes, size_t length);
/* Makes room for one more item in an array that doubles; false when out of memory. `array` points
   to the pointer. */
bool gradus_i_arena_grow(gradus_i_arena *arena, void *array, size_t count, size_t *capacity,
                         size_t size);
void gradus_i_arena_clear(gradus_i_arena *arena);

/* A map from keys of bytes (borrowed) to numbers, by open addressing. */
typedef struct gradus_i_index_entry {
  const void *key; /* NULL: free */
  size_t length, value;
} gradus_i_index_entry;
typedef struct gradus_i_index {
  gradus_i_index_entry *entries;
  size_t capacity, count;
} gradus_i_index;

bool gradus_i_index_find(const gradus_i_index *index, const void *key, size_t length,
                         size_t *value);
/* Adds a key that is not there yet; false when out of memory. */
bool gradus_i_index_add(gradus_i_arena *arena, gradus_i_index *index, const void *key,
                        size_t length, size_t value);

#endif
