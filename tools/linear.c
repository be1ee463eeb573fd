// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus linear */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_fit[] = {
    {"output", 'o', OPTION_TEXT, "MODEL", MEMBER(output),
     "write the model to this file (safetensors), for predict and summary"},
    {"weights", 'w', OPTION_TEXT, "KIND:COLUMN", MEMBER(weights),
     "weight the rows by COLUMN. KIND is frequency (a row stands for that many equal rows), "
     "analytic (the variance of a row is sigma^2 over its weight, as R's lm has it) or prior"},
    {"robust", 0, OPTION_CHOICE, "none|HC0|HC1|HC2|HC3", MEMBER(robust),
     "heteroscedasticity-consistent standard errors"},
    {"collinear", 0, OPTION_CHOICE, "drop|error", MEMBER(collinear),
     "columns that earlier ones determine: drop them with a warning (the default), or fail"},
    {"solver", 0, OPTION_WORD, "auto|cholesky|qr|svd", MEMBER(solver),
     "how to solve; auto (the default) takes the fastest that keeps all digits"},
    {"l2", 0, OPTION_NUMBER, "LAMBDA", MEMBER(l2),
     "ridge: add LAMBDA/2 times the sum of squared weights (not the intercept) to half the mean "
     "squared error"},
    {"augment", 0, OPTION_TEXT, "FILE.csv", MEMBER(augment),
     "write the observation rows: row (from 1), fitted, resid, hat, std_resid, student_resid, "
     "cooksd, dffits"},
    {0}};

static const option_spec *const groups[] = {options_fit,   options_report,   options_level,
                                            options_input, options_messages, NULL};

/* Everything that one run holds. */
typedef struct run {
  const command_options *options;
  gradus_frame *frame;
  gradus_fit *fit;
  gradus_source *source;
  char *weights; /* name of the weight column, in a copy of the option */
} run;

/* KIND:COLUMN. A weight without a kind is refused: the kinds give different errors and tests. */
static int read_weights(run *r, gradus_fit_options *fit_options) {
  static const char *const kinds[] = {"frequency", "analytic", "prior"};
  const char *text = r->options->weights;
  if (!text)
    return DONE;
  const char *colon = strchr(text, ':');
  for (size_t i = 0; colon && i < 3; i++)
    if (strlen(kinds[i]) == (size_t)(colon - text) &&
        strncmp(kinds[i], text, strlen(kinds[i])) == 0)
      fit_options->weight_kind = (gradus_weight_kind)(i + GRADUS_WEIGHT_FREQUENCY);
  if (fit_options->weight_kind == GRADUS_WEIGHT_NONE || !colon[1])
    return fail_usage(&command_linear,
                      "option --weights: \"%s\" does not say what kind of weight it is: write "
                      "frequency:COLUMN, analytic:COLUMN or prior:COLUMN",
                      text);
  r->weights = strdup(colon + 1);
  fit_options->weights = r->weights;
  return r->weights ? DONE : fail_usage(&command_linear, "out of memory");
}

/* Judged before the data are read: a formula that cannot be parsed is the command line's fault. */
static int check_formula(const char *text, const char *file) {
  gradus_formula *formula;
  gradus_error err = {0};
  gradus_status status = gradus_formula_parse(&formula, text, &err);
  gradus_formula_free(formula);
  if (status <= 0)
    return DONE;
  if (strchr(file, '~') && !strchr(text, '~'))
    return fail_usage(&command_linear, "the formula comes first, then the file");
  return fail_usage(&command_linear, "%s", err.message);
}

static int fit_model(run *r, const char *formula) {
  const command_options *o = r->options;
  gradus_fit_options fit_options = {.solver = o->solver,
                                    .l2 = o->l2,
                                    .collinear = (gradus_collinear)o->collinear,
                                    .threads = o->threads};
  gradus_error err = {0};
  int exit_status = read_weights(r, &fit_options);
  if (exit_status != DONE)
    return exit_status;
  if (gradus_linear_fit(&r->fit, formula, r->frame, &fit_options, &err) > 0)
    return fail_with(&err);
  if (o->robust == GRADUS_ROBUST_NONE && !o->augment)
    return DONE;
  if (gradus_source_from_frame(&r->source, gradus_fit_design(r->fit), r->frame, NULL, &err) > 0)
    return fail_with(&err);
  if (o->robust != GRADUS_ROBUST_NONE &&
      gradus_fit_set_robust(r->fit, r->source, (gradus_robust)o->robust, &err) > 0)
    return fail_with(&err);
  return DONE;
}

static void write_heads(FILE *file, const run *r) {
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

static int write_augment(const run *r) {
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

static int run_steps(run *r, const char *formula, const char *path) {
  const command_options *o = r->options;
  gradus_error err = {0};
  int exit_status = check_formula(formula, path);
  if (exit_status == DONE)
    exit_status = read_frame(&r->frame, path, o, &command_linear);
  if (exit_status == DONE)
    exit_status = fit_model(r, formula);
  if (exit_status == DONE && o->augment)
    exit_status = write_augment(r);
  if (exit_status == DONE && o->output && gradus_fit_save(r->fit, o->output, &err) > 0)
    exit_status = fail_with(&err);
  if (exit_status == DONE)
    exit_status = report_fit(r->fit, o);
  return exit_status;
}

static int run_linear(const command_options *options, const char *const *operands, size_t count) {
  (void)count;
  run r = {.options = options};
  int exit_status = run_steps(&r, operands[0], operands[1]);
  gradus_source_free(r.source);
  gradus_fit_free(r.fit);
  gradus_frame_free(r.frame);
  free(r.weights);
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
