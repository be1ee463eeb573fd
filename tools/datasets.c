// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus datasets */
#include "command.h"

#include <string.h>

static int print_one(const char *name) {
  const gradus_dataset *set = gradus_dataset_find(name + (name[0] == '@'));
  if (!set) {
    size_t count, best = 0;
    const gradus_dataset *all = gradus_datasets(&count);
    for (size_t i = 0; i < count; i++)
      if (text_distance(name, all[i].name) < text_distance(name, all[best].name))
        best = i;
    fprintf(stderr, "gradus: error: no bundled data set is called \"%s\"; the nearest is @%s\n",
            name, count ? all[best].name : "");
    return AT_FAULT;
  }
  fwrite(set->csv, 1, set->length, stdout);
  return DONE;
}

static int run_datasets(const command_options *options, const char *const *operands, size_t count) {
  (void)options;
  if (count > 0)
    return print_one(operands[0]);
  size_t sets;
  const gradus_dataset *all = gradus_datasets(&sets);
  int width = 4;
  for (size_t i = 0; i < sets; i++)
    width = (int)strlen(all[i].name) + 1 > width ? (int)strlen(all[i].name) + 1 : width;
  printf("%-*s %6s %7s  %s\n", width, "name", "rows", "columns", "source");
  for (size_t i = 0; i < sets; i++)
    printf("@%-*s %6zu %7zu  %s\n", width - 1, all[i].name, all[i].rows, all[i].columns,
           all[i].source);
  return DONE;
}

const command_spec command_datasets = {
    .name = "datasets",
    .operands = "[NAME]",
    .operands_min = 0,
    .operands_max = 1,
    .summary = "list the bundled data sets, or print one",
    .description = "Lists the bundled data sets with their rows, columns and source. Every command "
                   "takes @NAME for FILE. With NAME it prints that set as CSV.",
    .examples = "gradus datasets\n"
                "gradus datasets mtcars > cars.csv\n",
    .groups = NULL,
    .run = run_datasets};
