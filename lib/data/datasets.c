// SPDX-License-Identifier: GPL-3.0-or-later
#include "datasets.h"

#include <string.h>

enum {
  NEAR = 2,         /* edits that still look like a slip */
  NAME_MAXIMUM = 32 /* longer names are near none */
};

const gradus_dataset *gradus_datasets(size_t *count) {
  *count = gradus_i_bundled_count;
  return gradus_i_bundled;
}

const gradus_dataset *gradus_dataset_find(const char *name) {
  for (size_t i = 0; i < gradus_i_bundled_count; i++)
    if (strcmp(gradus_i_bundled[i].name, name) == 0)
      return &gradus_i_bundled[i];
  return NULL;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* Insertions, deletions and replacements that lead from a to b (Levenshtein's distance), whatever
 * the case. */
static size_t edits(const char *a, const char *b) {
  size_t n = strlen(b), row[NAME_MAXIMUM + 1];
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 0; a[i]; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < n; j++) {
      size_t best = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (diagonal + 1 < best)
        best = diagonal + 1;
      row[j + 1] = best;
    }
  }
  return row[n];
}

gradus_status gradus_i_dataset_get(const gradus_dataset **dataset, const char *name,
                                   gradus_error *err) {
  *dataset = gradus_dataset_find(name);
  if (*dataset)
    return GRADUS_OK;
  char list[128] = "";
  size_t used = 0;
  for (size_t i = 0; i < gradus_i_bundled_count; i++) {
    const char *known = gradus_i_bundled[i].name;
    bool near = strlen(name) <= NAME_MAXIMUM && strlen(known) <= NAME_MAXIMUM &&
                edits(name, known) <= NEAR && used + strlen(known) + 4 < sizeof list;
    if (near)
      used += (size_t)gradus_i_snprintf(list + used, sizeof list - used, "%s@%s", used ? ", " : "",
                                        known);
  }
  return gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_DATASET,
                       "@%.60s: no bundled data set has this name%s%s; `gradus datasets` lists "
                       "them, and a file of this name is read as ./@%.60s",
                       name, used ? "; near ones are " : "", list, name);
}
