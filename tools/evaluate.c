// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus evaluate */
#include "evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_evaluate[] = {
    {"threshold", 0, OPTION_NUMBER, "T", MEMBER(threshold),
     "a row is predicted to be a success where its probability is at least T, from 0 to 1; 0.5 by "
     "default"},
    {"weights", 'w', OPTION_TEXT, "KIND:COLUMN", MEMBER(weights),
     "weight the rows by COLUMN of FILE. KIND is frequency (a row stands for that many equal rows) "
     "or prior (the number of trials of a proportion, for a binomial model)"},
    {"json", 0, OPTION_FLAG, NULL, MEMBER(json),
     "print one JSON object: model, metrics, confusion, hosmer_lemeshow, calibration, warnings"},
    {0}};

static const option_spec *const groups[] = {options_evaluate, options_level, options_input,
                                            options_messages, NULL};

/* Keeps a warning; true while there is no error. */
static bool keep(evaluation *e, gradus_status status, const gradus_error *own, gradus_error *err) {
  if (status > 0)
    *err = *own;
  else if (status < 0 && e->warning_count < EVALUATE_WARNINGS_MAX)
    e->warnings[e->warning_count++] = *own;
  return status <= 0;
}

/* One metric: its call sees an error of its own, so that every warning is kept. */
#define COMPUTE(e, err, function, ...)                                                             \
  do {                                                                                             \
    gradus_error own = {0};                                                                        \
    gradus_status status = function(__VA_ARGS__, &own);                                            \
    if (!keep(e, status, &own, err))                                                               \
      return false;                                                                                \
  } while (0)

static bool compute_binary(evaluation *e, gradus_error *err) {
  const double *y = e->y, *p = e->predicted, *w = e->weight;
  size_t n = e->observations;
  gradus_precision_recall *curve = NULL;
  COMPUTE(e, err, gradus_confusion_count, &e->confusion, y, p, w, n, e->threshold);
  COMPUTE(e, err, gradus_confusion_rates, &e->rates, &e->confusion, e->level);
  COMPUTE(e, err, gradus_binary_log_loss, &e->log_loss, y, p, w, n);
  COMPUTE(e, err, gradus_binary_brier, &e->brier, y, p, w, n);
  COMPUTE(e, err, gradus_auc_delong, &e->auc, y, p, w, n, e->level);
  COMPUTE(e, err, gradus_precision_recall_curve, &curve, y, p, w, n);
  e->average_precision = curve->average_precision;
  gradus_precision_recall_free(curve);
  COMPUTE(e, err, gradus_hosmer_lemeshow_test, &e->fit_test, y, p, w, n, 0);
  COMPUTE(e, err, gradus_calibration_table, &e->calibration, y, p, w, n, 0, GRADUS_BINS_QUANTILE);
  return true;
}

static bool compute_classes(evaluation *e, gradus_error *err) {
  size_t n = e->frame_rows;
  COMPUTE(e, err, gradus_multiclass_evaluate, &e->multiclass, e->label, e->predicted_label,
          e->weight, n, e->classes, e->level);
  for (size_t i = 0; i < e->warning_count; i++)
    evaluate_classes_name(e, &e->warnings[i]);
  COMPUTE(e, err, gradus_multiclass_log_loss, &e->log_loss, e->label, e->probability, e->weight, n,
          e->classes);
  COMPUTE(e, err, gradus_multiclass_brier, &e->brier, e->label, e->probability, e->weight, n,
          e->classes);
  return true;
}

/* A response or a mean that the family cannot have leaves its deviance undefined, and nothing else.
 */
static void compute_deviance(evaluation *e) {
  gradus_error own = {0}, unused = {0};
  gradus_status status =
      gradus_family_deviance(&e->deviance, gradus_fit_family(e->fit), gradus_fit_theta(e->fit),
                             e->y, e->predicted, e->weight, e->observations, &own);
  if (status > 0) {
    e->deviance = (gradus_deviance){NAN, NAN, NAN, NAN, NAN};
    status = own.code = GRADUS_WARNING_UNDEFINED;
  }
  keep(e, status, &own, &unused);
}

static bool compute_numeric(evaluation *e, gradus_error *err) {
  e->regression = calloc(e->responses, sizeof *e->regression);
  if (!e->regression) {
    err->code = GRADUS_ERROR_OUT_OF_MEMORY;
    return false;
  }
  for (size_t r = 0; r < e->responses; r++)
    COMPUTE(e, err, gradus_regression_evaluate, &e->regression[r], e->y + r * e->observations,
            e->predicted + r * e->observations, e->weight, e->observations);
  if (gradus_fit_family(e->fit))
    compute_deviance(e);
  return true;
}

static bool compute(evaluation *e, gradus_error *err) {
  if (e->classes)
    return compute_classes(e, err);
  return e->binary ? compute_binary(e, err) : compute_numeric(e, err);
}

/* What is wrong by now is wrong in the data, whatever argument of the library it came in. */
static int fail_data(const gradus_error *err) {
  int exit_status = fail_with(err);
  return exit_status == USAGE ? AT_FAULT : exit_status;
}

/* --weights, of the kinds that mean something to a metric. */
static int check_weights(evaluation *e, const command_options *options) {
  int exit_status = read_weights(options, &command_evaluate, &e->weight_kind, &e->weights);
  if (exit_status != DONE)
    return exit_status;
  if (e->weight_kind == GRADUS_WEIGHT_ANALYTIC)
    return fail_usage(&command_evaluate, "option --weights: metrics know no analytic weights");
  return DONE;
}

static int evaluate_frame(evaluation *e, const gradus_frame *frame,
                          const command_options *options) {
  gradus_error err = {0};
  if (evaluate_collect(e, frame, options->threads, &err) > 0)
    return err.code == GRADUS_ERROR_UNKNOWN_COLUMN ? fail_with_file(&err, e->path, options)
                                                   : fail_data(&err);
  if (!compute(e, &err))
    return fail_data(&err);
  int exit_status = DONE;
  if (options->json)
    exit_status = evaluate_json(e);
  else
    evaluate_text(e);
  for (size_t i = 0; !options->quiet && i < e->warning_count; i++)
    warn(e->warnings[i].message);
  return exit_status;
}

static int run_evaluate(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  gradus_fit *fit = NULL;
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  if (check_threshold(&command_evaluate, options, NULL) != DONE)
    return USAGE;
  if (options->level != 0 && !(options->level > 0 && options->level < 1))
    return fail_usage(&command_evaluate, "option --level: %g is not between 0 and 1",
                      options->level);
  if (gradus_fit_load(&fit, operands[0], &err) > 0)
    return fail_with(&err);
  if (!options->quiet)
    warn_of_fit(fit);
  evaluation e = {.fit = fit,
                  .path = strcmp(operands[1], "-") == 0 ? "standard input" : operands[1],
                  .level = options->level != 0 ? options->level : 0.95,
                  .threshold = options->threshold};
  int exit_status = check_threshold(&command_evaluate, options, fit);
  if (exit_status == DONE)
    exit_status = check_weights(&e, options);
  if (exit_status == DONE)
    exit_status = read_frame(&frame, operands[1], options, &command_evaluate);
  if (exit_status == DONE)
    exit_status = evaluate_frame(&e, frame, options);
  evaluate_clear(&e);
  gradus_frame_free(frame);
  gradus_fit_free(fit);
  return exit_status;
}

const command_spec command_evaluate = {
    .name = "evaluate",
    .operands = "MODEL FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "tell how well a model file predicts the responses of rows",
    .description =
        "Predicts for the rows of FILE (a CSV, IDX or .npy file, - for standard input, or @NAME "
        "for a bundled "
        "data set) that are complete and have a response, with a model that a fit wrote with "
        "--output, and prints how good the predictions are.\n\n"
        "For a binomial model: the confusion matrix, accuracy with Wilson's interval, sensitivity "
        "(recall), specificity, precision, F1, balanced accuracy, Matthews' correlation, log-loss, "
        "Brier score, area under the ROC curve with DeLong's interval, average precision, the test "
        "of Hosmer and Lemeshow, and a table of calibration. Rows of several trials count as their "
        "trials. For a multinomial model: the confusion matrix, accuracy with Wilson's interval, "
        "precision, recall and F1 of every level with their macro, micro and weighted averages, "
        "balanced accuracy, Matthews' correlation, log-loss, Brier score; a row is predicted to be "
        "of its likeliest level. For numbers: RMSE, MAE, R-squared, and the mean error, on the "
        "scale of the formula's left side; of a generalised linear model also the deviance of its "
        "family, and D-squared, the fraction of it that is explained beyond the mean of these "
        "rows.\n\n"
        "A model file names no column of weights: where rows are to count more than once, say so "
        "with --weights. What is undefined is NA (null in JSON), with a "
        "warning. The test of Hosmer and Lemeshow has groups - 2 degrees of freedom for the rows "
        "that the model was fitted to, and as many as there are groups for new rows: it is given "
        "by both.",
    .examples = "gradus evaluate logistic.safetensors new.csv\n"
                "gradus evaluate logistic.safetensors new.csv --threshold 0.3 --level 0.9\n"
                "gradus evaluate model.safetensors new.csv --json\n",
    .groups = groups,
    .run = run_evaluate};
