// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of gradus network that say which factors are embedded. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_embed[] = {
    {"embed", 0, OPTION_LIST, "FACTOR[=UNITS]", MEMBER(embed),
     "give every level of FACTOR, a factor of the formula such as species or factor(cyl), UNITS "
     "numbers that are learnt, in the place of its dummy variables; without UNITS half as many as "
     "it has levels, but at most 50. May be repeated, and takes several with commas between them"},
    {0}};

/* The first of `bytes` in text, not within backquotes or parentheses; its end if there is none. */
static char *find_outside(char *text, const char *bytes) {
  int depth = 0;
  bool quoted = false;
  for (; *text; text++) {
    quoted = quoted != (*text == '`');
    depth += quoted ? 0 : (*text == '(') - (*text == ')');
    if (!quoted && depth <= 0 && strchr(bytes, *text))
      break;
  }
  return text;
}

/* Cuts the blanks off either end. */
static char *trim(char *text) {
  static const char blanks[] = " \t\r\n";
  text += strspn(text, blanks);
  for (size_t length = strlen(text); length > 0 && strchr(blanks, text[length - 1]); length--)
    text[length - 1] = '\0';
  return text;
}

static int read_one(gradus_embedding *embedding, char *item, const command_spec *command) {
  enum { MOST = 1000000 };
  char *equals = find_outside(item, "="), *end = NULL;
  bool has_units = *equals != '\0';
  *equals = '\0';
  *embedding = (gradus_embedding){.name = trim(item)};
  if (!*embedding->name)
    return fail_usage(command, "option --embed: it has not the form FACTOR=UNITS, such as "
                               "species=4, with commas between several");
  if (!has_units)
    return DONE;
  char *units = trim(equals + 1);
  embedding->units = strspn(units, "0123456789") > 0 ? strtoul(units, &end, 10) : 0;
  if (embedding->units >= 1 && embedding->units <= MOST && !*end)
    return DONE;
  return fail_usage(command, "option --embed: %s=%s: the units must be a whole number from 1 to %d",
                    embedding->name, units, MOST);
}

/* At most so many embeddings: one and the commas. */
static size_t count_items(const text_list *list) {
  size_t count = list->count;
  for (size_t i = 0; i < list->count; i++)
    for (const char *at = list->items[i]; (at = strchr(at, ',')) != NULL; at++)
      count++;
  return count;
}

static int add_items(embed_list *list, char *text, const command_spec *command) {
  for (bool more = true; more;) {
    char *end = find_outside(text, ",");
    more = *end != '\0';
    *end = '\0';
    int exit_status = read_one(&list->items[list->count++], text, command);
    if (exit_status != DONE)
      return exit_status;
    text = end + 1;
  }
  return DONE;
}

int read_embeddings(gradus_network_options *to, embed_list *list, const command_options *o,
                    const command_spec *command) {
  const text_list *given = &o->embed;
  int exit_status = DONE;
  if (given->count == 0)
    return DONE;
  list->items = calloc(count_items(given), sizeof *list->items);
  list->texts = calloc(given->count, sizeof *list->texts);
  for (size_t i = 0; list->items && list->texts && exit_status == DONE && i < given->count; i++) {
    char *text = list->texts[list->text_count++] = strdup(given->items[i]);
    exit_status = text ? add_items(list, text, command) : fail_usage(NULL, "out of memory");
  }
  if (!list->items || !list->texts)
    return fail_usage(NULL, "out of memory");
  to->embeddings = list->items;
  to->embedding_count = list->count;
  return exit_status;
}

void embed_list_clear(embed_list *list) {
  for (size_t i = 0; i < list->text_count; i++)
    free(list->texts[i]);
  free(list->texts);
  free(list->items);
}
