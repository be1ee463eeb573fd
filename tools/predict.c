// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus predict */
#include "command.h"

#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_predict[] = {
    {"type", 0, OPTION_CHOICE, "response|link|class|terms", MEMBER(type),
     "what to predict: the mean of the response (the default), such as a probability; the linear "
     "predictor; the class of a binomial or multinomial response; or what each term of the formula "
     "adds to the "
     "linear predictor, centred at the means of the fitted rows, beside the constant (R's "
     "predict(type = \"terms\"))"},
    {"threshold", 0, OPTION_NUMBER, "T", MEMBER(threshold),
     "a row's class is success where its probability is at least T, from 0 to 1; 0.5 by default. "
     "Of "
     "a multinomial model the class is the likeliest"},
    {"interval", 0, OPTION_CHOICE, "none|confidence|prediction", MEMBER(interval),
     "add conf_low and conf_high: of the mean of the response (confidence), or for one new "
     "observation (prediction; linear models and the family gaussian). A generalised linear "
     "model's is made on the scale of the link and transformed back"},
    {"se", 0, OPTION_FLAG, NULL, MEMBER(std_error),
     "add std_error, the standard error of the mean, or of each term; of a network with hidden "
     "layers where its model keeps them (gradus network --errors)"},
    {0}};

static const option_spec *const groups[] = {options_predict, options_level, options_input,
                                            options_messages, NULL};

/* The columns of the answer, those not asked for left out. */
typedef struct answer_column {
  const char *name;
  const double *values;
} answer_column;

static size_t list_columns(answer_column columns[4], const gradus_prediction *p) {
  const answer_column all[] = {{"fit", p->fitted},
                               {"std_error", p->std_error},
                               {"conf_low", p->low},
                               {"conf_high", p->high}};
  size_t count = 0;
  for (size_t i = 0; i < 4; i++)
    if (all[i].values)
      columns[count++] = all[i];
  return count;
}

/* Of one value in a row: "RESPONSE.TERM.fit", without what there is only one of. */
static void write_head(const gradus_fit *fit, const gradus_prediction *p, size_t value,
                       const char *column) {
  char name[512] = "";
  size_t values = p->term ? p->terms : 1, used = 0;
  if (!p->term && p->columns > 1 && p->columns == gradus_fit_classes(fit))
    used += (size_t)snprintf(name, 200, "%.190s.", gradus_fit_class_name(fit, value));
  else if (p->responses > 1)
    used += (size_t)snprintf(name, 200, "%.190s.", gradus_fit_response_name(fit, value / values));
  if (p->term && values > 0)
    used += (size_t)snprintf(name + used, 200, "%.190s.", p->term[value % values]);
  snprintf(name + used, sizeof name - used, "%s", column);
  write_name(stdout, name);
}

static void write_heads(const gradus_fit *fit, const gradus_prediction *p,
                        const answer_column *columns, size_t count) {
  bool first = true;
  for (size_t r = 0; p->constant && r < p->responses; r++, first = false) {
    char name[256];
    snprintf(name, sizeof name, "%.200s.constant", gradus_fit_response_name(fit, r));
    if (!first)
      putchar(',');
    write_name(stdout, p->responses > 1 ? name : "constant");
  }
  for (size_t c = 0; c < count; c++)
    for (size_t j = 0; j < p->columns; j++, first = false) {
      if (!first)
        putchar(',');
      write_head(fit, p, j, columns[c].name);
    }
  putchar('\n');
}

static void write_row(const gradus_prediction *p, size_t row, const answer_column *columns,
                      size_t count) {
  bool first = true;
  for (size_t r = 0; p->constant && r < p->responses; r++, first = false) {
    if (!first)
      putchar(',');
    write_number(stdout, p->constant[r]);
  }
  for (size_t c = 0; c < count; c++)
    for (size_t j = 0; j < p->columns; j++, first = false) {
      if (!first)
        putchar(',');
      write_number(stdout, columns[c].values[row * p->columns + j]);
    }
  putchar('\n');
}

static void write_classes(const gradus_fit *fit, const gradus_prediction *p) {
  puts("fit");
  for (size_t i = 0; i < p->rows; i++) {
    if (p->class_index[i] < 0)
      fputs("NA", stdout);
    else
      write_name(stdout, gradus_fit_class_name(fit, (size_t)p->class_index[i]));
    putchar('\n');
  }
}

static void write_prediction(const gradus_fit *fit, const gradus_prediction *p) {
  answer_column columns[4];
  size_t count = list_columns(columns, p);
  if (p->class_index) {
    write_classes(fit, p);
    return;
  }
  write_heads(fit, p, columns, count);
  for (size_t i = 0; i < p->rows; i++)
    write_row(p, i, columns, count);
}

int check_threshold(const command_spec *command, const command_options *options,
                    const gradus_fit *fit) {
  double threshold = options->threshold;
  if (!(threshold >= 0 && threshold <= 1))
    return fail_usage(command, "option --threshold: %g is not between 0 and 1", threshold);
  if (threshold == 0.5 || !fit)
    return DONE;
  if (strcmp(gradus_fit_model(fit), "multinomial") == 0)
    return fail_usage(command, "option --threshold goes with binomial models: the class of a "
                               "multinomial one is the likeliest");
  if (gradus_fit_classes(fit) == 0)
    return fail_usage(command, "option --threshold goes with binomial models: the response of "
                               "this one is a number");
  return DONE;
}

static int run_predict(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  gradus_fit *fit = NULL;
  gradus_frame *frame = NULL;
  gradus_prediction *prediction = NULL;
  gradus_predict_options how = {.type = (gradus_predict_type)options->type,
                                .interval = (gradus_interval)options->interval,
                                .level = options->level,
                                .std_error = options->std_error != 0,
                                .threshold = options->threshold > 0 ? options->threshold : -1,
                                .threads = options->threads};
  gradus_error err = {0};
  int exit_status = check_threshold(&command_predict, options, NULL);
  if (exit_status == DONE && options->threshold != 0.5 && how.type != GRADUS_PREDICT_CLASS)
    exit_status = fail_usage(&command_predict, "option --threshold goes with --type class");
  if (exit_status != DONE)
    return exit_status;
  if (gradus_fit_load(&fit, operands[0], &err) > 0)
    return fail_with(&err);
  if (!options->quiet)
    warn_of_fit(fit);
  exit_status = check_threshold(&command_predict, options, fit);
  if (exit_status == DONE)
    exit_status = read_frame(&frame, operands[1], options, &command_predict);
  if (exit_status == DONE) {
    gradus_status status = gradus_predict(&prediction, fit, frame, &how, &err);
    if (status > 0)
      exit_status = fail_with(&err);
    else if (status < 0 && !options->quiet)
      warn(err.message);
  }
  if (exit_status == DONE)
    write_prediction(fit, prediction);
  gradus_prediction_free(prediction);
  gradus_frame_free(frame);
  gradus_fit_free(fit);
  return exit_status;
}

const command_spec command_predict = {
    .name = "predict",
    .operands = "MODEL FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "predict for new rows with a model file",
    .description =
        "Predicts for every row of FILE (a CSV, IDX or .npy file, - for standard input, or @NAME "
        "for a bundled "
        "data set) with a model that a fit wrote with --output, and prints CSV rows aligned with "
        "those of FILE: a row with a missing value in a used column gives NA. The column is called "
        "fit; with several responses RESPONSE.fit and so on, of a multinomial model LEVEL.fit (the "
        "probability of every level, or with --type link the linear predictor of every level but "
        "the reference), with --type terms TERM.fit. The terms "
        "of a row and its constant add up to the linear predictor, less an offset.\n\n"
        "Factor levels and the constants of poly() and scale() are those of the fit. A level that "
        "the fit did not see is an error that names it.",
    .examples = "gradus predict model.safetensors new.csv\n"
                "gradus predict logistic.safetensors new.csv --type link --interval confidence\n"
                "gradus predict logistic.safetensors new.csv --type class --threshold 0.3\n"
                "gradus predict model.safetensors new.csv --type terms --se\n"
                "gradus predict model.safetensors new.csv --interval prediction --level 0.9 --se\n",
    .groups = groups,
    .run = run_predict};
