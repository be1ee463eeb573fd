// SPDX-License-Identifier: GPL-3.0-or-later
/* From the command line to a fit and its report: what linear, logistic and glm share. */
#include "command.h"

#include <string.h>

#define MEMBER(name) offsetof(command_options, name)

const option_spec options_fit[] = {
    {"output", 'o', OPTION_TEXT, "MODEL", MEMBER(output),
     "write the model to this file (safetensors), for predict, evaluate and summary"},
    {"weights", 'w', OPTION_TEXT, "KIND:COLUMN", MEMBER(weights),
     "weight the rows by COLUMN. KIND is frequency (a row stands for that many equal rows), "
     "analytic (the variance of a row is sigma^2 over its weight, as R's lm has it) or prior (the "
     "number of trials of a proportion, as R's glm has it; of a multinomial model cases)"},
    {0}};

const option_spec options_collinear[] = {
    {"collinear", 0, OPTION_CHOICE, "drop|error", MEMBER(collinear),
     "columns that earlier ones determine: drop them with a warning (the default), or fail"},
    {0}};

/* A weight without a kind is refused: the kinds give different errors and tests. */
int read_weights(const command_options *options, const command_spec *command,
                 gradus_weight_kind *kind, const char **column) {
  static const char *const kinds[] = {"frequency", "analytic", "prior"};
  const char *text = options->weights;
  if (!text)
    return DONE;
  const char *colon = strchr(text, ':');
  for (size_t i = 0; colon && i < 3; i++)
    if (strlen(kinds[i]) == (size_t)(colon - text) &&
        strncmp(kinds[i], text, strlen(kinds[i])) == 0)
      *kind = (gradus_weight_kind)(i + GRADUS_WEIGHT_FREQUENCY);
  if (*kind == GRADUS_WEIGHT_NONE || !colon[1])
    return fail_usage(command,
                      "option --weights: \"%s\" does not say what kind of weight it is: write "
                      "frequency:COLUMN, analytic:COLUMN or prior:COLUMN",
                      text);
  *column = colon + 1;
  return DONE;
}

/* Judged before the data are read: a formula that cannot be parsed is the command line's fault. */
static int check_formula(const fit_run *r) {
  gradus_formula *formula;
  gradus_error err = {0};
  gradus_status status = gradus_formula_parse(&formula, r->formula, &err);
  gradus_formula_free(formula);
  if (status <= 0)
    return DONE;
  if (strchr(r->path, '~') && !strchr(r->formula, '~'))
    return fail_usage(r->command, "the formula comes first, then the file");
  return fail_usage(r->command, "%s", err.message);
}

int fit_prepare(fit_run *r, gradus_fit_options *fit_options) {
  fit_options->collinear = (gradus_collinear)r->options->collinear;
  fit_options->threads = r->options->threads;
  fit_options->separation = GRADUS_SEPARATION_LIMIT;
  int exit_status = check_formula(r);
  if (exit_status == DONE)
    exit_status = read_frame(&r->frame, r->path, r->options, r->command);
  if (exit_status == DONE)
    exit_status =
        read_weights(r->options, r->command, &fit_options->weight_kind, &fit_options->weights);
  return exit_status == DONE ? solver_prepare(r, fit_options) : exit_status;
}

int fit_data(fit_run *r, fit_function function, gradus_fit_options fit_options) {
  gradus_error err = {0};
  int exit_status = fit_prepare(r, &fit_options);
  if (exit_status == DONE && function(&r->fit, r->formula, r->frame, &fit_options, &err) > 0)
    exit_status = fail_with_file(&err, r->path, r->options);
  return exit_status == DONE ? solver_finish(r) : exit_status;
}

int fit_finish(fit_run *r) {
  gradus_error err = {0};
  if (r->options->exponentiate && !gradus_fit_ratio(r->fit))
    return fail_usage(r->command,
                      "option --exponentiate: exp(estimate) has no meaning with the link %s; it is "
                      "a ratio where the link is logit, log or cloglog",
                      gradus_fit_link(r->fit));
  int exit_status = fit_inference(r);
  if (exit_status != DONE)
    return exit_status;
  if (r->options->output && gradus_fit_save(r->fit, r->options->output, &err) > 0)
    return fail_with(&err);
  return report_fit(r->fit, r->options);
}

void fit_clear(fit_run *r) {
  solver_clear(r);
  gradus_source_free(r->source);
  gradus_source_free(r->given);
  gradus_fit_free(r->fit);
  gradus_frame_free(r->frame);
}
