// SPDX-License-Identifier: GPL-3.0-or-later
/* A set of texts, numbered in the order in which they came. */
#ifndef GRADUS_DATA_DICTIONARY_H
#define GRADUS_DATA_DICTIONARY_H

#include "../base/internal.h"

typedef struct gradus_i_entry {
  const char *text; /* not NUL-terminated when borrowed */
  size_t length;
  char *owned; /* the entry's own copy of the text, or NULL when it is borrowed */
  uint32_t hash;
} gradus_i_entry;

/* All zero is the empty dictionary. */
typedef struct gradus_i_dictionary {
  gradus_i_entry *entries;
  size_t count, capacity;
  uint32_t *slots; /* entry number + 1, or 0; open addressing */
  size_t slot_count;
} gradus_i_dictionary;

/* The number of a text, added if it is new, by copy or (the text must outlive the dictionary) by
 * borrowing; O(1) expected. -1: out of memory, -2: more texts than an int can number. */
int gradus_i_dictionary_add(gradus_i_dictionary *dictionary, const char *text, size_t length,
                            bool copy);
void gradus_i_dictionary_clear(gradus_i_dictionary *dictionary);

/* The ascending order of bytes; a prefix comes first. */
int gradus_i_compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length);

/* Gives every entry its rank in ascending order of bytes, and the entries in that order (both
 * arrays are the caller's, `count` long). */
void gradus_i_dictionary_rank(const gradus_i_dictionary *dictionary, int *ranks,
                              const gradus_i_entry **sorted);

#endif
