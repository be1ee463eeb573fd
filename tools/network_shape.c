// SPDX-License-Identifier: GPL-3.0-or-later
/* Options of gradus network that say what the columns of a row are, and which rows are a sequence.
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_shape[] = {
    {"input-shape", 0, OPTION_TEXT, "HxWxC", MEMBER(input_shape),
     "the columns, in their order, are an image of H rows of W places of C channels, such as "
     "28x28x1; or LxC, L places in a line; inputs are then standardised by channel"},
    {"channels", 0, OPTION_CHOICE, "last|first", MEMBER(channels),
     "the order of the columns: last (the default) has the channels of a place side by side; with "
     "first all of a channel comes before the next, and the shape is CxHxW; with --layers"},
    {"sequence", 0, OPTION_TEXT, "TxF", MEMBER(sequence),
     "a row is a sequence: its columns, in their order, are T steps of F features"},
    {"lengths", 0, OPTION_TEXT, "COLUMN", MEMBER(lengths),
     "with --sequence: COLUMN, which the formula does not name, says how many of a row's steps "
     "count, 1 to T; cells of the others may be empty"},
    {"id", 0, OPTION_TEXT, "COLUMN", MEMBER(id),
     "rows are the steps of sequences: those with one value in COLUMN are one. Their predictions "
     "stand in the last row of each, and the others' are NA"},
    {"time", 0, OPTION_TEXT, "COLUMN", MEMBER(time),
     "with --id: the order of the steps; without it they stand in that of FILE"},
    {"each-step", 0, OPTION_FLAG, NULL, MEMBER(each_step),
     "the response is one at every step: with --id one a row, with --sequence T of them, "
     "cbind(first, second, ...)"},
    {0}};

/* Numbers from 1 with an x between them. Returns how many; 0: it is nothing of the kind. */
static size_t read_shape(size_t shape[SHAPE_MAX], const char *text) {
  enum { DIGITS = 9 };
  for (size_t rank = 0; rank < SHAPE_MAX; text++) {
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > DIGITS)
      return 0;
    shape[rank] = strtoul(text, NULL, 10);
    if (shape[rank++] == 0)
      return 0;
    text += digits;
    if (!*text)
      return rank;
    if (*text != 'x')
      return 0;
  }
  return 0;
}

static int check_shapes(const command_options *o, const command_spec *command) {
  if (o->input_shape && o->sequence)
    return fail_usage(command, "options --input-shape and --sequence both say what a row is: give "
                               "one of them");
  if (o->id && (o->input_shape || o->sequence || o->lengths))
    return fail_usage(command, "option --%s is for rows that are whole: with --id a row is a step",
                      o->input_shape ? "input-shape"
                      : o->sequence  ? "sequence"
                                     : "lengths");
  if (o->time && !o->id)
    return fail_usage(command, "option --time goes with --id");
  if (o->lengths && !o->sequence)
    return fail_usage(command, "option --lengths goes with --sequence");
  if (o->each_step && !o->sequence && !o->id)
    return fail_usage(command, "option --each-step goes with --sequence or --id");
  if (o->effects && (o->id || o->lengths))
    return fail_usage(command, "option --effects: steps of sequences have no marginal effects");
  if (o->channels && !o->input_shape)
    return fail_usage(command, "option --channels first goes with --input-shape");
  if (o->channels && !o->layers)
    return fail_usage(command, "option --channels first goes with --layers; an architecture begins "
                               "with a layer channels_last");
  return DONE;
}

int read_shapes(gradus_network_options *to, size_t shape[SHAPE_MAX], const command_options *o,
                const command_spec *command) {
  int exit_status = check_shapes(o, command);
  const char *text = o->input_shape ? o->input_shape : o->sequence;
  if (exit_status != DONE)
    return exit_status;
  to->channels_first = o->channels != 0;
  to->each_step = o->each_step != 0;
  to->lengths_column = o->lengths;
  to->sequence_id = o->id;
  to->sequence_time = o->time;
  if (!text)
    return DONE;
  to->input_rank = read_shape(shape, text);
  to->input_shape = shape;
  if (o->sequence && to->input_rank != 2)
    return fail_usage(command, "option --sequence: \"%s\" is not steps x features, such as 50x16",
                      text);
  if (to->input_rank == 0)
    return fail_usage(command,
                      "option --input-shape: \"%s\" is not one to three whole numbers of 1 or "
                      "more with an x between them, such as 28x28x1",
                      text);
  if (o->channels && to->input_rank < 2)
    return fail_usage(command,
                      "option --channels first: the shape %s is channels alone; it must be CxHxW "
                      "or CxL",
                      text);
  return DONE;
}
