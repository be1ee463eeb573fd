// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads a data file, CSV or an array, as the options say. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

/* "tab" or one byte; false after a message. */
static bool to_byte(const char *text, const char *option, const command_spec *command, char *byte) {
  if (!text)
    return true;
  if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
    *byte = '\t';
    return true;
  }
  if (strlen(text) != 1) {
    fail_usage(command, "option --%s: \"%s\" is not one byte", option, text);
    return false;
  }
  *byte = text[0];
  return true;
}

/* Splits "COLUMN=REST" in place; false after a message. */
static bool split(char *text, const char *option, const command_spec *command, char **rest) {
  char *equals = strchr(text, '=');
  if (!equals || equals == text || !equals[1]) {
    fail_usage(command, "option --%s: \"%s\" has not the form COLUMN=%s", option, text,
               strcmp(option, "levels") == 0 ? "A,B,C" : "LEVEL");
    return false;
  }
  *equals = '\0';
  *rest = equals + 1;
  return true;
}

/* Cuts off the first level of "A,B,C" or "\"A,1\",B" in place; NULL at the end. */
static char *next_level(char **rest) {
  char *read = *rest, *level = read, *write = read;
  if (!read)
    return NULL;
  bool quoted = *read == '"';
  read += quoted;
  while (*read && (quoted || *read != ',')) {
    if (quoted && *read == '"' && read[1] != '"') {
      quoted = false;
      read++;
      continue;
    }
    read += quoted && *read == '"';
    *write++ = *read++;
  }
  *rest = *read == ',' ? read + 1 : NULL;
  *write = '\0';
  return level;
}

static int set_levels(gradus_frame *frame, const char *text, const command_spec *command) {
  char *copy = strdup(text), *rest = NULL;
  const char **levels = malloc((strlen(text) + 1) * sizeof *levels);
  gradus_error err = {0};
  int exit_status = DONE;
  if (!copy || !levels)
    exit_status = fail_usage(command, "out of memory");
  else if (!split(copy, "levels", command, &rest))
    exit_status = USAGE;
  else {
    size_t count = 0;
    for (char *level; (level = next_level(&rest));)
      levels[count++] = level;
    if (gradus_frame_set_levels(frame, copy, levels, count, &err) > 0)
      exit_status = fail_with(&err);
  }
  free(copy);
  free(levels);
  return exit_status;
}

static int set_reference(gradus_frame *frame, const char *text, const command_spec *command) {
  char *copy = strdup(text), *level;
  gradus_error err = {0};
  int exit_status = DONE;
  if (!copy)
    exit_status = fail_usage(command, "out of memory");
  else if (!split(copy, "reference", command, &level))
    exit_status = USAGE;
  else if (gradus_frame_set_reference(frame, copy, level, &err) > 0)
    exit_status = fail_with(&err);
  free(copy);
  return exit_status;
}

/* FILE as an array, or else as CSV; then --labels. */
static int read_columns(gradus_frame **frame, const char *path, const command_options *options,
                        const gradus_csv_options *csv) {
  gradus_error err = {0};
  gradus_frame_read(frame, path, csv, &err);
  if (*frame && options->labels)
    gradus_frame_add_labels(*frame, "label", options->labels, &err);
  return err.code > 0 ? fail_with(&err) : DONE;
}

int read_frame(gradus_frame **frame, const char *path, const command_options *options,
               const command_spec *command) {
  gradus_csv_options csv = {.threads = options->threads};
  *frame = NULL;
  if (!to_byte(options->separator, "separator", command, &csv.separator) ||
      !to_byte(options->decimal, "decimal", command, &csv.decimal))
    return USAGE;
  int exit_status = read_columns(frame, path, options, &csv);
  for (size_t i = 0; exit_status == DONE && i < options->levels.count; i++)
    exit_status = set_levels(*frame, options->levels.items[i], command);
  for (size_t i = 0; exit_status == DONE && i < options->references.count; i++)
    exit_status = set_reference(*frame, options->references.items[i], command);
  if (exit_status != DONE) {
    gradus_frame_free(*frame);
    *frame = NULL;
  }
  return exit_status;
}

int fail_with_file(const gradus_error *err, const char *path, const command_options *options) {
  bool label = err->code == GRADUS_ERROR_UNKNOWN_COLUMN && strstr(err->message, "\"label\"");
  if (!label || options->labels || !gradus_is_array_file(path))
    return fail_with(err);
  fprintf(stderr, "gradus: error: the labels of %s are missing: --labels names them\n", path);
  return AT_FAULT;
}
