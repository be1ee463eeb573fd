// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus linear */
#include "command.h"

#include <errno.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_linear[] = {
    {"robust", 0, OPTION_CHOICE, "none|HC0|HC1|HC2|HC3", MEMBER(robust),
     "heteroscedasticity-consistent standard errors"},
    {"solver", 0, OPTION_WORD, "auto|cholesky|qr|svd|newton|lbfgs|gradient-descent", MEMBER(solver),
     "how to solve; auto (the default) takes the fastest closed form that keeps all digits"},
    {"augment", 0, OPTION_TEXT, "FILE.csv", MEMBER(augment),
     "write the observation rows: row (from 1), fitted, resid, hat, std_resid, student_resid, "
     "cooksd, dffits"},
    {0}};

static const option_spec *const groups[] = {options_fit,     options_linear,   options_solver,
                                            options_descent, options_report,   options_level,
                                            options_input,   options_messages, NULL};

static void write_heads(FILE *file, const fit_run *r) {
  static const char *const heads[] = {"fitted",        "resid",  "std_resid",
                                      "student_resid", "cooksd", "dffits"};
  size_t k = gradus_fit_responses(r->fit);
  fputs("row,hat", file);
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    for (size_t j = 0; j < k; j++) {
      char name[256];
      if (k > 1)
        snprintf(name, sizeof name, "%s.%s", gradus_fit_response_name(r->fit, j), heads[i]);
      putc(',', file);
      write_name(file, k > 1 ? name : heads[i]);
    }
  putc('\n', file);
}

static void write_rows(FILE *file, const gradus_diagnostics *d) {
  const double *const columns[] = {d->fitted,        d->resid,  d->std_resid,
                                   d->student_resid, d->cooksd, d->dffits};
  for (size_t i = 0; i < d->rows; i++) {
    fprintf(file, "%zu,", d->row[i] + 1);
    write_number(file, d->hat[i]);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
      for (size_t j = 0; j < d->responses; j++) {
        putc(',', file);
        write_number(file, columns[c][i * d->responses + j]);
      }
    putc('\n', file);
  }
}

static int write_augment(const fit_run *r) {
  const char *path = r->options->augment;
  gradus_diagnostics *diagnostics;
  gradus_error err = {0};
  gradus_status status = gradus_fit_diagnostics(r->fit, r->source, &diagnostics, &err);
  if (status > 0)
    return fail_with(&err);
  if (status < 0 && !r->options->quiet)
    warn(err.message);
  errno = 0;
  FILE *file = fopen(path, "w");
  bool written = file != NULL;
  if (file) {
    write_heads(file, r);
    write_rows(file, diagnostics);
    written = !ferror(file);
    written = fclose(file) == 0 && written;
  }
  if (!written)
    fprintf(stderr, "gradus: error: %s: the observation rows cannot be written: %s\n", path,
            errno ? strerror(errno) : "a write failed");
  gradus_diagnostics_free(diagnostics);
  return written ? DONE : AT_FAULT;
}

/* Linear regression, and for a response that it cannot take the command that can. */
static gradus_status fit_linear(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                const gradus_fit_options *options, gradus_error *err) {
  gradus_status status = gradus_linear_fit(fit, formula, frame, options, err);
  size_t length = strlen(err->message);
  if (status == GRADUS_ERROR_BAD_RESPONSE)
    snprintf(err->message + length, sizeof err->message - length,
             " (gradus logistic FORMULA FILE, for two classes)");
  return status;
}

static int run_steps(fit_run *r) {
  const command_options *o = r->options;
  gradus_fit_options fit_options = {0};
  gradus_error err = {0};
  int exit_status = fit_data(r, fit_linear, fit_options);
  if (exit_status == DONE && (o->robust != GRADUS_ROBUST_NONE || o->augment))
    exit_status = fit_rows(r);
  if (exit_status == DONE && o->robust != GRADUS_ROBUST_NONE &&
      gradus_fit_set_robust(r->fit, r->source, (gradus_robust)o->robust, &err) > 0)
    exit_status = fail_with(&err);
  if (exit_status == DONE && o->augment)
    exit_status = write_augment(r);
  return exit_status == DONE ? fit_finish(r) : exit_status;
}

static int run_linear(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  fit_run r = {
      .command = &command_linear, .options = options, .formula = operands[0], .path = operands[1]};
  int exit_status = run_steps(&r);
  fit_clear(&r);
  return exit_status;
}

const command_spec command_linear = {
    .name = "linear",
    .operands = "FORMULA FILE",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "fit a linear regression",
    .description =
        "Fits FORMULA to the rows of FILE by least squares and prints a report in the shape of R's "
        "summary(lm(...)).\n\n"
        "FORMULA is written as in R: y ~ x + factor(g), y ~ a*b, y ~ poly(x, 2), log(y) ~ . - z, "
        "y ~ x - 1, y ~ x + offset(t), cbind(y1, y2) ~ x. FILE is a CSV file with a header line, "
        "- for standard input, or @NAME for a bundled data set (gradus datasets lists them).\n\n"
        "Rows with a missing value (an empty cell or NA) in a column that the formula uses are "
        "left "
        "out and counted.",
    .examples = "gradus linear 'mpg ~ wt + factor(cyl)' cars.csv\n"
                "gradus linear 'mpg ~ wt + factor(cyl)' @mtcars --json\n"
                "gradus linear 'breaks ~ wool*tension' @warpbreaks --reference tension=M -o "
                "model.safetensors\n"
                "gradus linear 'y ~ x' data.csv --weights analytic:w --robust HC3\n",
    .groups = groups,
    .run = run_linear};
