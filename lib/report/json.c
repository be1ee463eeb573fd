// SPDX-License-Identifier: GPL-3.0-or-later
/* The report as one JSON object: model, terms, solver, warnings; the names are those of R's broom
   with underscores. */
#include "json.h"

#include <math.h>

/* What differs from response to response. */
static void put_response(json_t *model, const gradus_summary *s, bool *failed) {
  gradus_i_json_put(model, "sigma", gradus_i_json_number(s->sigma), failed);
  gradus_i_json_put(model, "r_squared", gradus_i_json_number(s->r_squared), failed);
  gradus_i_json_put(model, "adj_r_squared", gradus_i_json_number(s->adj_r_squared), failed);
  gradus_i_json_put(model, "uncentred", json_boolean(s->uncentred), failed);
  gradus_i_json_put(model, "statistic", gradus_i_json_number(s->statistic), failed);
  gradus_i_json_put(model, "p_value", gradus_i_json_number(s->p_value), failed);
  gradus_i_json_put(model, "log_lik", gradus_i_json_number(s->log_lik), failed);
  gradus_i_json_put(model, "null_log_lik", gradus_i_json_number(s->null_log_lik), failed);
  gradus_i_json_put(model, "r_squared_mcfadden", gradus_i_json_number(s->r_squared_mcfadden),
                    failed);
  gradus_i_json_put(model, "r_squared_cox_snell", gradus_i_json_number(s->r_squared_cox_snell),
                    failed);
  gradus_i_json_put(model, "r_squared_nagelkerke", gradus_i_json_number(s->r_squared_nagelkerke),
                    failed);
  gradus_i_json_put(model, "aic", gradus_i_json_number(s->aic), failed);
  gradus_i_json_put(model, "bic", gradus_i_json_number(s->bic), failed);
  gradus_i_json_put(model, "deviance", gradus_i_json_number(s->deviance), failed);
  gradus_i_json_put(model, "null_deviance", gradus_i_json_number(s->null_deviance), failed);
  gradus_i_json_put(model, "dispersion", gradus_i_json_number(s->dispersion), failed);
  json_t *quantiles = json_array();
  for (size_t i = 0; i < 5; i++)
    gradus_i_json_append(quantiles, gradus_i_json_number(s->residual_quantile[i]), failed);
  gradus_i_json_put(model, "residual_quantile", quantiles, failed);
}

void gradus_i_json_put_levels(json_t *model, const gradus_fit *fit, bool *failed) {
  json_t *levels = json_array();
  for (size_t c = 0; c <= fit->k; c++)
    gradus_i_json_append(levels, gradus_i_json_text(fit->levels[c]), failed);
  gradus_i_json_put(model, "levels", levels, failed);
  gradus_i_json_put(model, "reference_level", gradus_i_json_text(fit->levels[0]), failed);
}

static void put_common(json_t *model, const gradus_fit *fit, const gradus_summary *s,
                       bool exponentiated, bool *failed) {
  const char *formula = fit->design ? gradus_design_formula(fit->design) : NULL;
  gradus_i_json_put(model, "type", json_string(fit->model), failed);
  gradus_i_json_put(model, "family", gradus_i_json_text(fit->family), failed);
  gradus_i_json_put(model, "link", gradus_i_json_text(fit->link), failed);
  gradus_i_json_put(model, "formula", gradus_i_json_text(formula), failed);
  gradus_i_json_put(model, "theta", gradus_i_json_number(fit->theta), failed);
  gradus_i_json_put(model, "theta_std_error", gradus_i_json_number(fit->theta_std_error), failed);
  gradus_i_json_put(model, "modelled_level", gradus_i_json_text(fit->modelled_level), failed);
  gradus_i_json_put(model, "weights", json_string(gradus_i_weight_kind_name(fit->weight_kind)),
                    failed);
  gradus_i_json_put(model, "robust", json_string(gradus_i_robust_name(fit->robust_type)), failed);
  if (fit->firth)
    gradus_i_json_put(model, "penalised_log_lik",
                      gradus_i_json_number(gradus_fit_penalised_log_lik(fit)), failed);
  if (fit->family)
    gradus_i_json_put(model, "firth", json_boolean(fit->firth), failed);
  if (fit->family)
    gradus_i_json_put(model, "interval_method",
                      json_string(gradus_i_intervals_name(fit->interval_method)), failed);
  gradus_i_json_put(model, "l2", json_real(fit->l2), failed);
  gradus_i_json_put(model, "exponentiated", json_boolean(exponentiated), failed);
  gradus_i_json_put(model, "nobs", gradus_i_json_count(s->nobs), failed);
  gradus_i_json_put(model, "dropped_rows", gradus_i_json_count((double)s->dropped_rows), failed);
  gradus_i_json_put(model, "rank", gradus_i_json_count((double)s->rank), failed);
  gradus_i_json_put(model, "df", gradus_i_json_count(s->df), failed);
  gradus_i_json_put(model, "df_residual", gradus_i_json_count(s->df_residual), failed);
  gradus_i_json_put(model, "df_null", fit->family ? gradus_i_json_count(fit->df_null) : json_null(),
                    failed);
  if (fit->levels)
    gradus_i_json_put_levels(model, fit, failed);
  gradus_i_json_put(model, "effective_df", gradus_i_json_count(s->effective_df), failed);
}

/* The model row; with several responses a list of what differs stands under "responses". */
static gradus_status put_model(json_t *root, const gradus_fit *fit,
                               const gradus_report_options *options, bool *failed,
                               gradus_error *err) {
  json_t *model = json_object(), *responses = NULL;
  size_t rows = fit->levels ? 1 : fit->k; /* classes share one likelihood */
  if (rows > 1)
    responses = json_array();
  gradus_status status = GRADUS_OK;
  for (size_t r = 0; status <= 0 && r < rows; r++) {
    gradus_summary summary;
    status = gradus_fit_summary(fit, r, &summary, err);
    if (status > 0)
      break;
    if (r == 0)
      put_common(model, fit, &summary, options->exponentiate, failed);
    json_t *row = responses ? json_object() : model;
    if (responses)
      gradus_i_json_put(row, "response", gradus_i_json_text(gradus_fit_response_name(fit, r)),
                        failed);
    put_response(row, &summary, failed);
    if (responses)
      gradus_i_json_append(responses, row, failed);
  }
  if (responses)
    gradus_i_json_put(model, "responses", responses, failed);
  gradus_i_json_put(root, "model", model, failed);
  return status > 0 ? status : GRADUS_OK;
}

static json_t *term_row(const gradus_term *term, bool several, bool *failed) {
  json_t *row = json_object();
  gradus_i_json_put(row, "term", gradus_i_json_text(term->term), failed);
  if (several)
    gradus_i_json_put(row, "response", gradus_i_json_text(term->response), failed);
  gradus_i_json_put(row, "estimate", gradus_i_json_number(term->estimate), failed);
  if (term->infinite) {
    int direction = isnan(term->estimate) ? 0 : term->estimate > 0 ? 1 : -1;
    gradus_i_json_put(row, "infinite", json_integer(direction), failed);
  }
  gradus_i_json_put(row, "std_error", gradus_i_json_number(term->std_error), failed);
  gradus_i_json_put(row, "statistic", gradus_i_json_number(term->statistic), failed);
  gradus_i_json_put(row, "p_value", gradus_i_json_number(term->p_value), failed);
  gradus_i_json_put(row, "conf_low", gradus_i_json_number(term->conf_low), failed);
  gradus_i_json_put(row, "conf_high", gradus_i_json_number(term->conf_high), failed);
  return row;
}

static gradus_status put_terms(json_t *root, const gradus_fit *fit,
                               const gradus_report_options *options, bool *failed,
                               gradus_error *err) {
  json_t *rows = json_array();
  gradus_status status = GRADUS_OK;
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; status <= 0 && j < fit->q; j++) {
      gradus_term term;
      status = gradus_i_report_term(&term, fit, r, j, options, err);
      if (status <= 0)
        gradus_i_json_append(rows, term_row(&term, fit->k > 1 || fit->levels, failed), failed);
    }
  gradus_i_json_put(root, "terms", rows, failed);
  return status > 0 ? status : GRADUS_OK;
}

static void put_solver(json_t *root, const gradus_solver_report *report, bool *failed) {
  json_t *solver = json_object();
  gradus_i_json_put(solver, "name", gradus_i_json_text(report->name), failed);
  gradus_i_json_put(solver, "method", gradus_i_json_text(report->method), failed);
  gradus_i_json_put(solver, "stop", gradus_i_json_text(report->stop), failed);
  gradus_i_json_put(solver, "converged", json_boolean(report->converged), failed);
  gradus_i_json_put(solver, "iterations", gradus_i_json_count((double)report->iterations), failed);
  gradus_i_json_put(solver, "certificate", gradus_i_json_number(report->certificate), failed);
  gradus_i_json_put(solver, "condition", gradus_i_json_number(report->condition), failed);
  gradus_i_json_put(root, "solver", solver, failed);
}

static void put_warnings(json_t *root, const gradus_fit *fit, bool *failed) {
  json_t *warnings = json_array();
  for (size_t i = 0; i < fit->warning_count; i++) {
    json_t *warning = json_object();
    gradus_i_json_put(warning, "code", json_string(gradus_status_name(fit->warnings[i].code)),
                      failed);
    gradus_i_json_put(warning, "message", gradus_i_json_text(fit->warnings[i].message), failed);
    gradus_i_json_append(warnings, warning, failed);
  }
  gradus_i_json_put(root, "warnings", warnings, failed);
}

gradus_status gradus_i_report_json(gradus_i_text *text, const gradus_fit *fit,
                                   const gradus_report_options *options, gradus_error *err) {
  bool failed = false;
  json_t *root = json_object();
  bool network = gradus_fit_layers(fit) > 0;
  gradus_status status = network
                             ? gradus_i_json_put_network(root, fit, options->level, &failed, err)
                             : put_model(root, fit, options, &failed, err);
  if (status == GRADUS_OK && (!network || fit->q > 0))
    status = put_terms(root, fit, options, &failed, err);
  put_solver(root, &fit->solver, &failed);
  put_warnings(root, fit, &failed);
  if (status == GRADUS_OK && failed)
    status = gradus_i_out_of_memory(err);
  if (status == GRADUS_OK)
    status = gradus_i_json_write(text, root, JSON_INDENT(2), err);
  json_decref(root);
  if (status == GRADUS_OK)
    gradus_i_text_string(text, "\n");
  return status == GRADUS_OK && text->failed ? gradus_i_out_of_memory(err) : status;
}
