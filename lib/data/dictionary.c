// SPDX-License-Identifier: GPL-3.0-or-later
#include "dictionary.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ (hash >> 32);
}

static uint32_t hash_bytes(const char *text, size_t length) {
  uint64_t hash = length, word = 0;
  for (; length >= sizeof word; length -= sizeof word, text += sizeof word) {
    memcpy(&word, text, sizeof word);
    hash = mix(hash, word);
  }
  word = 0;
  for (size_t i = 0; i < length; i++)
    word = word << 8 | (unsigned char)text[i];
  hash = mix(mix(hash, word), 0);
  return (uint32_t)hash;
}

/* Twice the slots and entries; entries fill at most half of the slots. */
static bool grow(gradus_i_dictionary *dictionary) {
  size_t capacity = dictionary->capacity ? 2 * dictionary->capacity : 16;
  size_t slot_count = 2 * capacity;
  gradus_i_entry *entries =
      gradus_i_reallocate(dictionary->entries, capacity, sizeof *dictionary->entries);
  if (!entries)
    return false;
  dictionary->entries = entries;
  uint32_t *slots = gradus_i_allocate(slot_count, sizeof *slots);
  if (!slots)
    return false;
  for (size_t i = 0; i < dictionary->count; i++) {
    size_t slot = entries[i].hash & (slot_count - 1);
    while (slots[slot])
      slot = (slot + 1) & (slot_count - 1);
    slots[slot] = (uint32_t)i + 1;
  }
  gradus_i_release(dictionary->slots);
  dictionary->slots = slots;
  dictionary->slot_count = slot_count;
  dictionary->capacity = capacity;
  return true;
}

int gradus_i_dictionary_add(gradus_i_dictionary *dictionary, const char *text, size_t length,
                            bool copy) {
  if (dictionary->count == dictionary->capacity) {
    if (dictionary->count > INT_MAX / 4)
      return -2;
    if (!grow(dictionary))
      return -1;
  }
  uint32_t hash = hash_bytes(text, length);
  size_t mask = dictionary->slot_count - 1, slot = hash & mask;
  for (uint32_t used; (used = dictionary->slots[slot]) != 0; slot = (slot + 1) & mask) {
    const gradus_i_entry *entry = &dictionary->entries[used - 1];
    if (entry->hash == hash && entry->length == length && memcmp(entry->text, text, length) == 0)
      return (int)used - 1;
  }
  gradus_i_entry entry = {.text = text, .length = length, .hash = hash};
  if (copy) {
    entry.text = entry.owned = gradus_i_string_copy_length(text, length);
    if (!entry.owned)
      return -1;
  }
  dictionary->entries[dictionary->count] = entry;
  dictionary->slots[slot] = (uint32_t)++dictionary->count;
  return (int)dictionary->count - 1;
}

void gradus_i_dictionary_clear(gradus_i_dictionary *dictionary) {
  for (size_t i = 0; i < dictionary->count; i++)
    gradus_i_release(dictionary->entries[i].owned);
  gradus_i_release(dictionary->entries);
  gradus_i_release(dictionary->slots);
  *dictionary = (gradus_i_dictionary){0};
}

int gradus_i_compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length) {
  size_t common = a_length < b_length ? a_length : b_length;
  int order = common ? memcmp(a, b, common) : 0;
  return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_entries(const void *a, const void *b) {
  const gradus_i_entry *const *left = a, *const *right = b;
  return gradus_i_compare_bytes((*left)->text, (*left)->length, (*right)->text, (*right)->length);
}

void gradus_i_dictionary_rank(const gradus_i_dictionary *dictionary, int *ranks,
                              const gradus_i_entry **sorted) {
  for (size_t i = 0; i < dictionary->count; i++)
    sorted[i] = &dictionary->entries[i];
  qsort(sorted, dictionary->count, sizeof *sorted, compare_entries);
  for (size_t i = 0; i < dictionary->count; i++)
    ranks[sorted[i] - dictionary->entries] = (int)i;
}
