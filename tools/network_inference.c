// SPDX-License-Identifier: GPL-3.0-or-later
/* What is made of a trained network and its rows: diagnosis, standard errors, effects. */
#include "command.h"

/* Standard errors that are formed unasked cost about so many multiplications at most. */
static const double affordable = 2e9;
enum { PARAMETERS = 300 };

/* The rows that were trained on. */
static int training_rows(fit_run *r) {
  gradus_error err = {0};
  gradus_network_metrics held, test;
  int exit_status = fit_rows(r);
  if (exit_status != DONE)
    return exit_status;
  if (gradus_fit_network_metrics(r->fit, GRADUS_SET_VALIDATION, &held, &err) > 0 ||
      gradus_fit_network_metrics(r->fit, GRADUS_SET_TEST, &test, &err) > 0)
    return fail_with(&err);
  if (held.rows == 0 && test.rows == 0)
    return DONE;
  r->given = r->source;
  r->source = NULL;
  return gradus_network_rows(&r->source, r->fit, r->given, GRADUS_SET_TRAIN, &err) > 0
             ? fail_with(&err)
             : DONE;
}

static bool is_penalised(const command_options *o) {
  return o->l1 > 0 || o->l2 > 0;
}

/* Whether errors are wanted that the fit does not have from the start. */
static bool wants_errors(const fit_run *r) {
  size_t parameters = gradus_params_size(gradus_fit_params(r->fit));
  bool deep = gradus_fit_coefficients(r->fit) == 0;
  gradus_network_metrics train;
  if (is_penalised(r->options) ||
      gradus_fit_network_metrics(r->fit, GRADUS_SET_TRAIN, &train, NULL) > 0)
    return false;
  if (r->options->errors)
    return deep || parameters > PARAMETERS;
  double cost = (double)train.rows * (double)parameters * (double)parameters;
  return deep && parameters <= PARAMETERS && cost <= affordable;
}

/* A training is not lost where they cannot be formed: the report says why. */
static int conclude(const fit_run *r, gradus_status status, bool asked, const gradus_error *err) {
  if (status == GRADUS_ERROR_OUT_OF_MEMORY)
    return fail_with(err);
  if (status > 0 && asked && !r->options->quiet)
    warn(err->message);
  return DONE;
}

static int add_errors(const fit_run *r) {
  gradus_error err = {0};
  if (!wants_errors(r))
    return DONE;
  gradus_status status = gradus_fit_set_errors(r->fit, r->source, r->options->threads, &err);
  return conclude(r, status, r->options->errors != 0, &err);
}

static int add_effects(const fit_run *r) {
  gradus_error err = {0};
  if (!r->options->effects)
    return DONE;
  gradus_status status = gradus_fit_set_effects(r->fit, r->source, r->options->threads, &err);
  return conclude(r, status, true, &err);
}

static int add_diagnosis(const fit_run *r) {
  gradus_error err = {0};
  gradus_status status = gradus_fit_set_diagnosis(r->fit, r->source, r->options->threads, &err);
  return conclude(r, status, false, &err);
}

int network_inference(fit_run *r) {
  int exit_status = training_rows(r);
  if (exit_status == DONE)
    exit_status = add_diagnosis(r);
  if (exit_status == DONE)
    exit_status = add_errors(r);
  return exit_status == DONE ? add_effects(r) : exit_status;
}
