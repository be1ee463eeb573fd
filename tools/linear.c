// SPDX-License-Identifier: GPL-3.0-or-later
/* gradus linear */
#include "command.h"

#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

static const option_spec options_linear[] = {
    {"solver", 0, OPTION_WORD,
     "auto|cholesky|qr|svd|newton|levenberg-marquardt|lbfgs|gradient-descent", MEMBER(solver),
     "how to solve; auto (the default) takes the fastest closed form that keeps all digits"},
    {0}};

static const option_spec *const groups[] = {
    options_fit,
    options_collinear,
    options_inference,
    options_linear,
    options_solver,
    options_descent,
    options_report,
    options_level,
    options_input,
    options_messages,
    NULL,
};

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
  gradus_fit_options fit_options = {0};
  int exit_status = fit_data(r, fit_linear, fit_options);
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
        "an IDX or .npy file, - for standard input, or @NAME for a bundled data set (gradus "
        "datasets lists them).\n\n"
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
