// SPDX-License-Identifier: GPL-3.0-or-later
#include "short_form.h"

#include <stdarg.h>
#include <string.h>

/* ---- the words ---- */

typedef enum argument_kind {
  ARGUMENT_COUNT,   /* 16 */
  ARGUMENT_SIZE,    /* 5 or 3x5 */
  ARGUMENT_PADDING, /* the same from 0 on, or a word */
  ARGUMENT_SHARE,   /* 0.5 */
  ARGUMENT_FLAG,    /* the word alone: true */
  ARGUMENT_WORD     /* the word alone: itself */
} argument_kind;

typedef struct argument {
  const char *word; /* that stands before it; NULL: it is known by its place, and must be there */
  const char *key;  /* of the JSON */
  argument_kind kind;
} argument;

enum { ARGUMENTS = 6 };

/* What goes on in a layer of the short form: the rank of what it takes, and of what it makes. */
typedef enum rank_rule { RANK_STAYS, RANK_PLACES, RANK_LIST, RANK_SEQUENCE, RANK_TOKENS } rank_rule;

typedef struct form {
  const char *word, *type; /* type of the JSON; conv: by rank */
  const char *usage;
  rank_rule rule;
  argument arguments[ARGUMENTS + 1];
} form;

#define WINDOW                                                                                     \
  {"stride", "stride", ARGUMENT_SIZE}, {                                                           \
    "pad", "padding", ARGUMENT_PADDING                                                             \
  }
#define POOLING(name, type_name)                                                                   \
  {                                                                                                \
    name, type_name, name " SIZE [stride S] [pad P]", RANK_PLACES, {                               \
      {NULL, "kernel", ARGUMENT_SIZE}, WINDOW                                                      \
    }                                                                                              \
  }
#define STATES                                                                                     \
  {"all", "sequences", ARGUMENT_FLAG}, {"bidirectional", "bidirectional", ARGUMENT_FLAG}, {        \
    "truncate", "truncate", ARGUMENT_COUNT                                                         \
  }
#define RECURRENT(name)                                                                            \
  {                                                                                                \
    name, name, name " UNITS [all] [bidirectional] [truncate T]", RANK_SEQUENCE, {                 \
      {NULL, "units", ARGUMENT_COUNT}, STATES                                                      \
    }                                                                                              \
  }
#define PLAIN(name, type_name, rule)                                                               \
  {                                                                                                \
    name, type_name, name, rule, {                                                                 \
      { NULL, NULL, ARGUMENT_FLAG }                                                                \
    }                                                                                              \
  }

static const form forms[] = {
    {"conv",
     NULL,
     "conv FILTERS SIZE [stride S] [pad P|same|valid] [dilation D] [groups G]",
     RANK_PLACES,
     {{NULL, "filters", ARGUMENT_COUNT},
      {NULL, "kernel", ARGUMENT_SIZE},
      WINDOW,
      {"dilation", "dilation", ARGUMENT_SIZE},
      {"groups", "groups", ARGUMENT_COUNT}}},
    POOLING("maxpool", "max_pool"),
    POOLING("avgpool", "average_pool"),
    PLAIN("globalmaxpool", "global_max_pool", RANK_LIST),
    PLAIN("globalavgpool", "global_average_pool", RANK_LIST),
    PLAIN("flatten", "flatten", RANK_LIST),
    {"dense", "dense", "dense UNITS", RANK_LIST, {{NULL, "units", ARGUMENT_COUNT}}},
    {"dropout", "dropout", "dropout SHARE", RANK_STAYS, {{NULL, "rate", ARGUMENT_SHARE}}},
    PLAIN("batchnorm", "batch_norm", RANK_STAYS),
    PLAIN("layernorm", "layer_norm", RANK_STAYS),
    {"rnn",
     "rnn",
     "rnn UNITS [relu] [all] [bidirectional] [truncate T]",
     RANK_SEQUENCE,
     {{NULL, "units", ARGUMENT_COUNT}, {"relu", "activation", ARGUMENT_WORD}, STATES}},
    RECURRENT("gru"),
    RECURRENT("lstm"),
    {"embedding",
     "embedding",
     "embedding LEVELS UNITS",
     RANK_TOKENS,
     {{NULL, "levels", ARGUMENT_COUNT}, {NULL, "units", ARGUMENT_COUNT}}},
};
enum { FORMS = sizeof forms / sizeof *forms };

/* ---- reading ---- */

typedef struct word {
  const char *at;
  size_t length;
} word;

typedef struct reading {
  const gradus_i_build_options *options;
  gradus_i_text *json;
  gradus_error *err;
  const char *item, *end; /* of the text */
  size_t number;          /* of the item, from 1 */
  size_t rank;            /* of what comes to the item */
  size_t columns;
  bool last_state; /* what comes to it is the last state of a recurrent layer */
} reading;

static const char blanks[] = " \t\r\n";

/* The next word of the item; of length 0: there is none. */
static word next_word(const char *at, const char *end) {
  while (at < end && strchr(blanks, *at))
    at++;
  word w = {at, 0};
  while (at + w.length < end && !strchr(blanks, at[w.length]))
    w.length++;
  return w;
}

static bool is(word w, const char *text) {
  return strlen(text) == w.length && memcmp(text, w.at, w.length) == 0;
}

static gradus_status refuse(const reading *r, const char *format, ...) GRADUS_I_PRINTF(2, 3);
static gradus_status refuse(const reading *r, const char *format, ...) {
  char why[700];
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(why, sizeof why, format, arguments);
  va_end(arguments);
  int length = (int)(r->end - r->item);
  return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT, "layers: item %zu \"%.*s%s\": %s",
                       r->number, length > 60 ? 60 : length, r->item, length > 60 ? "..." : "",
                       why);
}

static gradus_status refuse_unknown(const reading *r) {
  gradus_i_text known = {0};
  const gradus_custom *custom = r->options->custom;
  for (size_t i = 0; i < FORMS; i++)
    gradus_i_text_format(&known, "%s%s", i ? ", " : "", forms[i].word);
  for (size_t i = 0; gradus_i_activation_name(i); i++)
    gradus_i_text_format(&known, ", %s", gradus_i_activation_name(i));
  for (size_t i = 0; custom && i < custom->activation_count; i++)
    gradus_i_text_format(&known, ", %s", custom->activations[i].name);
  gradus_status status =
      refuse(r, "there is no such layer; there are: %s", known.data ? known.data : "");
  gradus_i_text_clear(&known);
  return status;
}

/* A whole number, of nine digits at most; *at moves behind it. */
static bool read_number(const char **at, const char *end, size_t least, size_t *number) {
  enum { DIGITS = 9 };
  const char *begin = *at;
  for (*number = 0; *at < end && **at >= '0' && **at <= '9' && *at - begin <= DIGITS; ++*at)
    *number = 10 * *number + (size_t)(**at - '0');
  return *at > begin && *at - begin <= DIGITS && *number >= least;
}

static bool put_size(gradus_i_text *json, word w, size_t least) {
  const char *at = w.at, *end = w.at + w.length;
  size_t first, second;
  if (!read_number(&at, end, least, &first))
    return false;
  if (at == end) {
    gradus_i_text_format(json, "%zu", first);
    return true;
  }
  if (*at++ != 'x' || !read_number(&at, end, least, &second) || at != end)
    return false;
  gradus_i_text_format(json, "[%zu, %zu]", first, second);
  return true;
}

static bool put_count(gradus_i_text *json, word w) {
  const char *at = w.at, *end = w.at + w.length;
  size_t count;
  if (!read_number(&at, end, 1, &count) || at != end)
    return false;
  gradus_i_text_format(json, "%zu", count);
  return true;
}

static bool put_share(gradus_i_text *json, word w) {
  char text[32], *end;
  if (w.length == 0 || w.length >= sizeof text)
    return false;
  memcpy(text, w.at, w.length);
  text[w.length] = '\0';
  double share = gradus_i_strtod(text, &end);
  if (*end || !(share >= 0 && share < 1))
    return false;
  gradus_i_text_format(json, "%.17g", share);
  return true;
}

static bool put_value(gradus_i_text *json, const argument *a, word w) {
  switch (a->kind) {
  case ARGUMENT_COUNT:
    return put_count(json, w);
  case ARGUMENT_SIZE:
    return put_size(json, w, 1);
  case ARGUMENT_PADDING:
    if (is(w, "same") || is(w, "valid")) {
      gradus_i_text_format(json, "\"%.*s\"", (int)w.length, w.at);
      return true;
    }
    return put_size(json, w, 0);
  case ARGUMENT_SHARE:
    return put_share(json, w);
  case ARGUMENT_FLAG:
    gradus_i_text_string(json, "true");
    return true;
  case ARGUMENT_WORD:
    gradus_i_text_format(json, "\"%s\"", a->word);
    return true;
  }
  return false;
}

static gradus_status put_argument(const reading *r, const form *f, const argument *a, word w) {
  static const char *const must[] = {[ARGUMENT_COUNT] =
                                         "a whole number of 1 or more, of nine digits at most",
                                     [ARGUMENT_SIZE] = "a size such as 3 or 3x5",
                                     [ARGUMENT_PADDING] = "\"same\", \"valid\" or a number",
                                     [ARGUMENT_SHARE] = "a share of at least 0 and below 1",
                                     [ARGUMENT_FLAG] = "",
                                     [ARGUMENT_WORD] = ""};
  gradus_i_text_format(r->json, ", \"%s\": ", a->key);
  if (put_value(r->json, a, w))
    return GRADUS_OK;
  if (w.length == 0)
    return refuse(r, "%s is missing at its end; it is written %s", must[a->kind], f->usage);
  return refuse(r, "\"%.*s\" is not %s; it is written %s", w.length > 40 ? 40 : (int)w.length, w.at,
                must[a->kind], f->usage);
}

static const argument *find_argument(const form *f, word w, size_t *index) {
  for (*index = 0; f->arguments[*index].key; ++*index)
    if (f->arguments[*index].word && is(w, f->arguments[*index].word))
      return &f->arguments[*index];
  return NULL;
}

/* The arguments after the layer's word. *all: the flag of that name was among them. */
static gradus_status put_arguments(const reading *r, const form *f, const char *at, bool *all) {
  unsigned seen = 0;
  size_t index = 0;
  *all = false;
  for (const argument *a = f->arguments; a->key && !a->word; a++) {
    word w = next_word(at, r->end);
    gradus_status status = put_argument(r, f, a, w);
    if (status > 0)
      return status;
    at = w.at + w.length;
  }
  for (word w = next_word(at, r->end); w.length > 0; w = next_word(at, r->end)) {
    const argument *a = find_argument(f, w, &index);
    if (!a || seen & 1u << index)
      return refuse(r, "\"%.*s\" is %s; it is written %s", w.length > 40 ? 40 : (int)w.length, w.at,
                    a ? "there twice" : "too much", f->usage);
    seen |= 1u << index;
    at = w.at + w.length;
    if (a->kind != ARGUMENT_FLAG && a->kind != ARGUMENT_WORD) {
      w = next_word(at, r->end);
      at = w.at + w.length;
    }
    *all = *all || strcmp(a->key, "sequences") == 0;
    gradus_status status = put_argument(r, f, a, w);
    if (status > 0)
      return status;
  }
  return GRADUS_OK;
}

/* Whether what comes to the layer has the rank that it takes. */
static gradus_status check_rank(const reading *r, const form *f) {
  bool sequence = f->rule == RANK_SEQUENCE;
  bool needs = sequence ? r->rank != 2 : f->rule == RANK_PLACES && r->rank < 2;
  bool global = strncmp(f->word, "global", strlen("global")) == 0;
  if (!needs && !(global && r->rank < 2))
    return GRADUS_OK;
  return refuse(
      r, "it takes %s, and %s comes to it%s", sequence ? "a sequence" : "an image or a sequence",
      r->rank > 2 ? "an image" : "a list of numbers",
      r->last_state ? ": write \"all\" after the recurrent layer before, to have all of its states"
      : r->options->input.rank < 2 ? ": say which shape the input has, such as 28x28x1 for an "
                                     "image or 50x16 for a sequence"
                                   : "");
}

/* The rank after a layer. With a response at each step dense layers and recurrences keep them. */
static void set_rank(reading *r, const form *f, bool all) {
  bool each = r->options->steps > 0;
  bool keeps = (f->rule == RANK_SEQUENCE && all) || (each && strcmp(f->word, "dense") == 0);
  r->last_state = f->rule == RANK_SEQUENCE && !all;
  if (f->rule == RANK_TOKENS)
    r->rank = r->rank < 2 && r->columns > 1 ? 2 : r->rank;
  else if ((f->rule == RANK_LIST || f->rule == RANK_SEQUENCE) && !keeps)
    r->rank = 1;
}

static gradus_status put_form(reading *r, const form *f, const char *at) {
  bool all, each = r->options->steps > 0;
  gradus_status status = check_rank(r, f);
  if (status > 0)
    return status;
  if (f->type)
    gradus_i_text_format(r->json, "{\"type\": \"%s\"", f->type);
  else
    gradus_i_text_format(r->json, "{\"type\": \"conv%zud\"", r->rank - 1);
  status = put_arguments(r, f, at, &all);
  if (each && f->rule == RANK_SEQUENCE && !all)
    gradus_i_text_string(r->json, ", \"sequences\": true");
  if (each && strcmp(f->word, "dense") == 0)
    gradus_i_text_string(r->json, ", \"each\": true");
  gradus_i_text_string(r->json, "}, ");
  set_rank(r, f, all || each);
  return status;
}

static bool is_activation(const reading *r, word w) {
  const gradus_custom *custom = r->options->custom;
  for (size_t i = 0; gradus_i_activation_name(i); i++)
    if (is(w, gradus_i_activation_name(i)))
      return true;
  for (size_t i = 0; custom && i < custom->activation_count; i++)
    if (is(w, custom->activations[i].name))
      return true;
  return false;
}

static gradus_status put_item(reading *r) {
  word first = next_word(r->item, r->end), second = next_word(first.at + first.length, r->end);
  if (first.length == 0)
    return refuse(r, "it is empty: layers are written between commas, such as \"dense 16, relu\"");
  for (size_t i = 0; i < FORMS; i++)
    if (is(first, forms[i].word))
      return put_form(r, &forms[i], first.at + first.length);
  if (!is_activation(r, first))
    return refuse_unknown(r);
  if (second.length > 0)
    return refuse(r, "an activation is written as its name alone");
  gradus_i_text_format(r->json, "{\"type\": \"activation\", \"activation\": \"%.*s\"}, ",
                       (int)first.length, first.at);
  return GRADUS_OK;
}

gradus_status gradus_i_short_form_to_json(gradus_i_text *json, size_t inputs,
                                          const gradus_i_build_options *options,
                                          gradus_error *err) {
  reading r = {.options = options,
               .json = json,
               .err = err,
               .rank = options->input.rank ? options->input.rank : 1,
               .columns = inputs - (options->lengths && inputs > 0 ? 1 : 0)};
  gradus_status status = GRADUS_OK;
  gradus_i_text_string(json, "{\"layers\": [");
  if (options->channels_first)
    gradus_i_text_string(json, "{\"type\": \"channels_last\"}, ");
  for (r.item = options->layers; status <= 0; r.item = r.end + 1) {
    r.item += strspn(r.item, blanks);
    r.end = r.item + strcspn(r.item, ",");
    r.number++;
    status = put_item(&r);
    if (!*r.end)
      break;
  }
  gradus_i_text_format(json, "{\"type\": \"dense\", \"name\": \"output\"%s%s}]}",
                       options->no_bias ? ", \"bias\": false" : "",
                       options->steps > 0 ? ", \"each\": true" : "");
  return status > 0 ? status : json->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}
