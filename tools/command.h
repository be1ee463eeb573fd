// SPDX-License-Identifier: GPL-3.0-or-later
/* What the parts of the command share: options, commands, messages, input and output. */
#ifndef GRADUS_TOOLS_COMMAND_H
#define GRADUS_TOOLS_COMMAND_H

#include <gradus/gradus.h>

/* Exit statuses. */
enum { DONE = 0, AT_FAULT = 1, USAGE = 2, NOT_CONVERGED = 3 };

typedef struct text_list {
  const char **items;
  size_t count;
} text_list;

/* The options of all commands; each command takes some of them. Zero is the default, but for the
   threshold, which is 0.5. */
typedef struct command_options {
  bool help;
  int json, csv, intervals, exponentiate, std_error, quiet, firth; /* flags */
  int collinear, robust, interval, type; /* index of the choice: the library's enums */
  int family, link;                      /* index of the choice: see option_word */
  int interval_method;                   /* index of the choice: gradus_intervals */
  int rule, schedule, l2_bias;
  int skip, residual, solve_output, class_weights, raw_inputs, raw_response, resume; /* flags */
  int errors, effects, each_step;                                                    /* flags */
  int channels;               /* index of the choice: last, first */
  int initialiser, precision; /* index of the choice: the library's enums */
  const char *output, *solver, *weights, *augment, *separator, *decimal, *labels, *start, *trace;
  const char *hidden, *activation, *normalisation, *architecture, *validation, *test;
  const char *checkpoint;
  const char *validation_labels, *test_labels;
  const char *layers, *input_shape, *sequence, *lengths, *id, *time;
  double l1, l2, level, threshold, tolerance, theta, dropout, initial_scale, initial_bias;
  double learning_rate, decay, momentum, weight_decay, clip_norm, clip_value;
  int threads;
  unsigned long max_iterations, seed, batch_size, period, warm_up, patience;
  text_list levels, references, embed;
  char *call; /* the command line, quoted for a shell */
} command_options;

typedef enum option_kind {
  OPTION_FLAG,   /* int: 1 */
  OPTION_TEXT,   /* const char * */
  OPTION_WORD,   /* const char *: one of the values */
  OPTION_CHOICE, /* int: index of one of the values */
  OPTION_NUMBER, /* double */
  OPTION_COUNT,  /* int, from 1 */
  OPTION_LARGE,  /* unsigned long, from 1; a seed from 0 */
  OPTION_LIST    /* text_list: may be repeated */
} option_kind;

typedef struct option_spec {
  const char *name;
  char letter; /* 0: none */
  option_kind kind;
  const char *value; /* what help calls the value; "a|b|c" for words and choices */
  size_t member;     /* offset in options */
  const char *help;
} option_spec;

typedef struct command_spec {
  const char *name;
  const char *operands; /* "FORMULA FILE" */
  size_t operands_min, operands_max;
  const char *summary;              /* one line */
  const char *description;          /* paragraphs, separated by empty lines */
  const char *examples;             /* one per line */
  const option_spec *const *groups; /* ends with NULL; each group ends with a spec without name */
  int (*run)(const command_options *options, const char *const *operands, size_t count);
} command_spec;

/* All commands; ends with NULL (gradus.c). */
extern const command_spec *const commands[];
extern const command_spec command_linear, command_glm, command_logistic, command_multinomial,
    command_network, command_predict, command_evaluate, command_diagnose, command_summary,
    command_datasets, command_describe, command_design, command_help;
const command_spec *command_find(const char *name);
/* The name nearest to `name` among the commands, or among the options of a command. */
const char *command_nearest(const char *name);

/* ---- options.c ---- */

extern const option_spec options_input[], options_report[], options_ratios[], options_level[],
    options_messages[];
/* Calls visit for every option of a command, `--help` last. */
void options_each(const command_spec *command,
                  void (*visit)(const option_spec *spec, void *context), void *context);
/* Parses what follows the command's name; `*operands` point into argv. False after a message. */
bool options_parse(command_options *options, const command_spec *command, int argc, char **argv,
                   const char *const **operands, size_t *count);
void options_clear(command_options *options);
/* The word of a choice by its index; shortened to the size of `word`. */
void option_word(char *word, size_t size, const option_spec *spec, int index);
/* Edit distance, for "did you mean". */
size_t text_distance(const char *a, const char *b);

/* ---- messages.c ---- */

/* `gradus: error: ...` for an error of the library; returns the exit status that it means. */
int fail_with(const gradus_error *err);
/* `gradus: error: ...; see "gradus help COMMAND"`; returns USAGE. command may be NULL. */
int fail_usage(const command_spec *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void warn(const char *message);
/* Closes standard output; a failed write turns `status` into AT_FAULT. */
int finish_output(int status);

/* ---- predict.c ---- */

/* Refuses a --threshold out of range, and (fit not NULL) one for a model whose classes it does not
   tell; a default one never. */
int check_threshold(const command_spec *command, const command_options *options,
                    const gradus_fit *fit);

/* ---- input.c ---- */

/* Reads FILE, CSV or an array, as the options say, with labels, levels and references set. Returns
 * an exit status. */
int read_frame(gradus_frame **frame, const char *path, const command_options *options,
               const command_spec *command);
/* fail_with, which beside a column of labels that FILE, an array, has not says how they are given.
 */
int fail_with_file(const gradus_error *err, const char *path, const command_options *options);

/* ---- fit.c: what the commands that fit share ---- */

typedef gradus_status (*fit_function)(gradus_fit **fit, const char *formula,
                                      const gradus_frame *frame, const gradus_fit_options *options,
                                      gradus_error *err);

/* Everything that one run holds. */
typedef struct fit_run {
  const command_spec *command;
  const command_options *options;
  const char *formula, *path;
  gradus_frame *frame;
  gradus_fit *fit;
  gradus_source *source; /* the rows that were fitted; NULL until asked for */
  gradus_source *given;  /* all rows, where some of them were held out; NULL: none was */
  gradus_fit *start;     /* --start */
  struct solver_trace *trace;
} fit_run;

/* --output, --weights; --collinear. */
extern const option_spec options_fit[], options_collinear[];
/* Reads --weights, if given: its kind, and its column's name within the option. */
int read_weights(const command_options *options, const command_spec *command,
                 gradus_weight_kind *kind, const char **column);
/* Checks the formula, reads the frame, and sets what the options of all commands that fit say;
   this and the next two return exit statuses. */
int fit_prepare(fit_run *r, gradus_fit_options *fit_options);
/* The same, and fits; fit_options: what is the command's own. */
int fit_data(fit_run *r, fit_function function, gradus_fit_options fit_options);
/* Robust errors and observation rows if asked for; writes the model file if asked for, and prints
   the report. */
int fit_finish(fit_run *r);
void fit_clear(fit_run *r);

/* ---- solver.c ---- */

typedef struct solver_trace solver_trace;
extern const option_spec options_solver[], options_descent[];
/* Solver, penalty, start and trace of the options into those of the fit; the trace is written by
   solver_finish, once there is a fit. Exit statuses. */
int solver_prepare(fit_run *r, gradus_fit_options *fit_options);
int solver_finish(fit_run *r);
void solver_clear(fit_run *r);

/* ---- network_trace.c: what a trace has of the blocks of a network ---- */

/* ",hidden1.weight.norm" and so on. */
void trace_block_heads(FILE *file, const gradus_params *params);
/* Their numbers; *before: the parameters an iteration ago (NULL: none), made and refreshed. */
void trace_blocks(FILE *file, const gradus_progress *progress, double **before);

/* ---- network_shape.c: what the columns of a row are, and which rows are a sequence ---- */

extern const option_spec options_shape[];
enum { SHAPE_MAX = 3 };
/* Sets the options of shapes and sequences; `shape` is borrowed by them. Returns an exit status. */
int read_shapes(gradus_network_options *to, size_t shape[SHAPE_MAX], const command_options *o,
                const command_spec *command);

/* ---- network_embed.c: which factors are embedded ---- */

extern const option_spec options_embed[];
/* What --embed says, and the texts that it is read from. */
typedef struct embed_list {
  gradus_embedding *items;
  size_t count;
  char **texts;
  size_t text_count;
} embed_list;
/* Sets the options of embeddings; the list is borrowed by them, and cleared also after a failure.
   Returns an exit status. */
int read_embeddings(gradus_network_options *to, embed_list *list, const command_options *o,
                    const command_spec *command);
void embed_list_clear(embed_list *list);

/* ---- network_layers.c: the layers of a network ---- */

extern const option_spec options_layers[];
/* What --hidden and --architecture say. */
typedef struct layer_texts {
  size_t *hidden;
  char *architecture;
} layer_texts;
/* Set the options of widths, and of the layers that take their place; the texts are borrowed by
   them, and cleared also after a failure. Return an exit status. */
int read_hidden(gradus_network_options *to, layer_texts *texts, const command_options *o,
                const command_spec *command);
int read_architecture(gradus_network_options *to, layer_texts *texts, const command_options *o,
                      const command_spec *command);
void layer_texts_clear(layer_texts *texts);

/* ---- network_progress.c: what is seen of a training ---- */

typedef struct training {
  size_t epochs;                     /* at most */
  bool bar;                          /* shown: standard error is a terminal */
  double began, drawn;               /* seconds */
  gradus_progress_function progress; /* called beside, or NULL */
  void *progress_context;
} training;

/* Puts bar and interrupt into the options of a fit; what is there already is called as well. */
void training_watch(training *t, gradus_network_options *options, bool quiet);
/* Ends what training_watch began. */
void training_end(const training *t);
/* Whether the user has stopped the training. */
bool training_interrupted(void);

/* ---- inference.c: what the fitted rows are needed for ---- */

/* --robust, --augment. */
extern const option_spec options_inference[];
/* Makes r->source, once. */
int fit_rows(fit_run *r);
/* Does what they ask for, and what a model file needs of the rows. Returns an exit status. */
int fit_inference(fit_run *r);

/* ---- network_inference.c ---- */

/* Diagnosis, standard errors and effects of a network that has been trained; its rows of training
   become r->source. Returns an exit status. */
int network_inference(fit_run *r);

/* ---- report.c ---- */

/* Prints the report, and the warnings on standard error; NOT_CONVERGED for a fit that did not
   converge, or whose estimates are infinite. */
int report_fit(const gradus_fit *fit, const command_options *options);
/* Warns of a model whose predictions are not to be relied on. */
void warn_of_fit(const gradus_fit *fit);

/* ---- output.c: CSV on a stream ---- */

void write_name(FILE *stream, const char *name);
void write_number(FILE *stream, double value);

/* ---- describe.c, describe_json.c ---- */

/* What is said of one column; counts: one per level, to be freed. */
typedef struct column_facts {
  const char *name;
  gradus_column_type type;
  size_t missing, levels, *counts;
  double smallest, largest, mean;
} column_facts;

int describe_column(column_facts *facts, const gradus_frame *frame, size_t column);
const char *column_type_name(gradus_column_type type);
int describe_json(const gradus_frame *frame);

/* ---- manual.c ---- */

void print_command_help(const command_spec *command);
void print_overview(void);
int print_manual(void);
int print_completion(void);

#endif
