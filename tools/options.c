// SPDX-License-Identifier: GPL-3.0-or-later
/* Command-line options from tables: parsing, help, manual page and completion read the same rows.
 */
#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_input[] = {
    {"levels", 0, OPTION_LIST, "COLUMN=A,B,C", MEMBER(levels),
     "make COLUMN a factor with these levels in this order; the first is the reference; may be "
     "repeated. A level with a comma is written in double quotes"},
    {"reference", 0, OPTION_LIST, "COLUMN=LEVEL", MEMBER(references),
     "make LEVEL the reference level of COLUMN; may be repeated"},
    {"labels", 0, OPTION_TEXT, "ARRAY", MEMBER(labels),
     "add the column label from the file ARRAY, IDX or .npy with one number for every row of FILE; "
     "integers are a factor. FILE itself may be such a file: its first dimension counts the rows, "
     "the others are columns (x1, x2, ..; of images pixel_0_0, pixel_0_1, ..). The labels are "
     "those of FILE alone, not of other files that an option names"},
    {"separator", 0, OPTION_TEXT, "BYTE", MEMBER(separator),
     "what separates the fields of FILE: a byte or the word tab; a comma by default"},
    {"decimal", 0, OPTION_TEXT, "BYTE", MEMBER(decimal),
     "decimal mark of FILE: . (the default) or ,"},
    {"threads", 0, OPTION_COUNT, "N", MEMBER(threads),
     "number of threads; all processors by default. The results are the same for any number"},
    {0}};

const option_spec options_report[] = {
    {"json", 0, OPTION_FLAG, NULL, MEMBER(json),
     "print one JSON object: model, terms, solver, warnings"},
    {"csv", 0, OPTION_FLAG, NULL, MEMBER(csv), "print the term rows as CSV, with 17 digits"},
    {"intervals", 0, OPTION_FLAG, NULL, MEMBER(intervals),
     "show confidence intervals in the text report too"},
    {0}};

const option_spec options_ratios[] = {
    {"exponentiate", 0, OPTION_FLAG, NULL, MEMBER(exponentiate),
     "show exp(estimate) and its interval: odds ratios (logit), rate ratios (log), hazard ratios "
     "(cloglog). In JSON and CSV they take the place of estimate and interval; std_error stays on "
     "the scale of the link"},
    {0}};

const option_spec options_level[] = {
    {"level", 0, OPTION_NUMBER, "LEVEL", MEMBER(level), "level of intervals; 0.95 by default"},
    {0}};

const option_spec options_messages[] = {
    {"quiet", 'q', OPTION_FLAG, NULL, MEMBER(quiet), "no warnings on standard error"}, {0}};

static const option_spec help_spec = {"help", 'h',          OPTION_FLAG,
                                      NULL,   MEMBER(help), "show this help and exit"};

void options_each(const command_spec *command,
                  void (*visit)(const option_spec *spec, void *context), void *context) {
  for (size_t g = 0; command->groups && command->groups[g]; g++)
    for (const option_spec *spec = command->groups[g]; spec->name; spec++)
      visit(spec, context);
  visit(&help_spec, context);
}

/* ---- values ---- */

/* The index of a word in "a|b|c", or -1. */
static int find_word(const char *words, const char *word) {
  size_t length = strlen(word);
  for (int index = 0; words; index++) {
    const char *end = strchr(words, '|');
    size_t size = end ? (size_t)(end - words) : strlen(words);
    if (size == length && strncasecmp(words, word, size) == 0)
      return index;
    words = end ? end + 1 : NULL;
  }
  return -1;
}

void option_word(char *word, size_t size, const option_spec *spec, int index) {
  const char *start = spec->value;
  for (; index > 0; index--)
    start += strcspn(start, "|") + 1;
  snprintf(word, size, "%.*s", (int)strcspn(start, "|"), start);
}

static bool set_word(void *member, const option_spec *spec, const command_spec *command,
                     const char *value) {
  int index = find_word(spec->value, value);
  if (index < 0) {
    fail_usage(command, "option --%s: \"%s\" is none of %s", spec->name, value, spec->value);
    return false;
  }
  if (spec->kind == OPTION_WORD)
    *(const char **)member = value;
  else
    *(int *)member = index;
  return true;
}

static bool set_number(void *member, const option_spec *spec, const command_spec *command,
                       const char *value) {
  char *end;
  errno = 0;
  double number = strtod(value, &end);
  bool count = spec->kind == OPTION_COUNT;
  if (end == value || *end || !isfinite(number)) {
    fail_usage(command, "option --%s: \"%s\" is not a number", spec->name, value);
    return false;
  }
  if (count && !(number >= 1 && number <= 4096 && number == floor(number))) {
    fail_usage(command, "option --%s: %s is not a whole number from 1 to 4096", spec->name, value);
    return false;
  }
  bool large = spec->kind == OPTION_LARGE;
  double least = strcmp(spec->name, "seed") == 0 ? 0 : 1;
  if (large && !(number >= least && number <= 1e15 && number == floor(number))) {
    fail_usage(command, "option --%s: %s is not a whole number from %g", spec->name, value, least);
    return false;
  }
  if (large)
    *(unsigned long *)member = (unsigned long)number;
  else if (count)
    *(int *)member = (int)number;
  else
    *(double *)member = number;
  return true;
}

static bool append(text_list *list, const char *value) {
  const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (!items)
    return false;
  list->items = items;
  items[list->count++] = value;
  return true;
}

static bool set_value(command_options *options, const option_spec *spec,
                      const command_spec *command, const char *value) {
  void *member = (char *)options + spec->member;
  switch (spec->kind) {
  case OPTION_FLAG:
    if (spec == &help_spec)
      options->help = true;
    else
      *(int *)member = 1;
    return true;
  case OPTION_TEXT:
    *(const char **)member = value;
    return true;
  case OPTION_WORD:
  case OPTION_CHOICE:
    return set_word(member, spec, command, value);
  case OPTION_NUMBER:
  case OPTION_COUNT:
  case OPTION_LARGE:
    return set_number(member, spec, command, value);
  case OPTION_LIST:
    if (append(member, value))
      return true;
  }
  fail_usage(command, "out of memory");
  return false;
}

/* ---- getopt_long ---- */

enum { OPTIONS_MAX = 96, FIRST = 256 };

typedef struct table {
  const option_spec *specs[OPTIONS_MAX];
  struct option longs[OPTIONS_MAX + 1];
  char letters[3 * OPTIONS_MAX];
  size_t count;
} table;

static void add_spec(const option_spec *spec, void *context) {
  table *t = context;
  if (t->count == OPTIONS_MAX)
    abort(); /* a table of this program is too long */
  bool has_value = spec->kind != OPTION_FLAG;
  t->longs[t->count] = (struct option){spec->name, has_value ? required_argument : no_argument,
                                       NULL, FIRST + (int)t->count};
  if (spec->letter) {
    char *end = t->letters + strlen(t->letters);
    *end++ = spec->letter;
    if (has_value)
      *end++ = ':';
    *end = '\0';
  }
  t->specs[t->count++] = spec;
}

static const option_spec *spec_of(const table *t, int code) {
  for (size_t i = 0; i < t->count; i++)
    if (code == FIRST + (int)i || (code < FIRST && code == t->specs[i]->letter))
      return t->specs[i];
  return NULL;
}

size_t text_distance(const char *a, const char *b) {
  enum { LONGEST = 63 };
  size_t row[LONGEST + 1], n = strlen(b);
  if (strlen(a) > LONGEST || n > LONGEST)
    return LONGEST;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 1; *a; i++, a++) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t change = corner + (*a != b[j - 1]);
      corner = row[j];
      size_t insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      row[j] = change < insert ? change : insert;
    }
  }
  return row[n];
}

static bool fail_unknown(const table *t, const command_spec *command, const char *argument) {
  char name[64];
  const char *start = argument + strspn(argument, "-");
  snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
  size_t best = 0, prefixes = 0;
  for (size_t i = 0; i < t->count; i++) {
    if (text_distance(name, t->specs[i]->name) < text_distance(name, t->specs[best]->name))
      best = i;
    prefixes += strncmp(name, t->specs[i]->name, strlen(name)) == 0;
  }
  fail_usage(command, "%s option \"%s\"; the nearest is --%s",
             prefixes > 1 ? "ambiguous" : "unknown", argument, t->specs[best]->name);
  return false;
}

static bool fail_option(const table *t, const command_spec *command, int code,
                        const char *argument) {
  const option_spec *spec = optopt ? spec_of(t, optopt) : NULL;
  if (!spec)
    return fail_unknown(t, command, argument);
  if (code == ':')
    fail_usage(command, "option --%s needs a value: --%s=%s", spec->name, spec->name, spec->value);
  else
    fail_usage(command, "option --%s takes no value", spec->name);
  return false;
}

bool options_parse(command_options *options, const command_spec *command, int argc, char **argv,
                   const char *const **operands, size_t *count) {
  table t = {.letters = ":"};
  options_each(command, add_spec, &t);
  optind = 1;
  opterr = 0;
  for (;;) {
    int place = optind;
    int code = getopt_long(argc, argv, t.letters, t.longs, NULL);
    if (code == -1)
      break;
    if (code == '?' || code == ':')
      return fail_option(&t, command, code, argv[optind > place ? optind - 1 : place]);
    if (!set_value(options, spec_of(&t, code), command, optarg))
      return false;
  }
  *operands = (const char *const *)(argv + optind);
  *count = (size_t)(argc - optind);
  if (options->help)
    return true;
  if (options->json && options->csv) {
    fail_usage(command, "--json and --csv exclude each other");
    return false;
  }
  if (*count < command->operands_min) {
    fail_usage(command, "\"%s\" needs %s", command->name, command->operands);
    return false;
  }
  if (*count > command->operands_max) {
    fail_usage(command, "\"%s\" is one argument too many: %s takes %s",
               (*operands)[command->operands_max], command->name,
               command->operands_max ? command->operands : "none");
    return false;
  }
  return true;
}

void options_clear(command_options *options) {
  free(options->levels.items);
  free(options->references.items);
  free(options->embed.items);
  free(options->call);
}
