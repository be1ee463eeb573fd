// SPDX-License-Identifier: GPL-3.0-or-later
/* Collinear columns of networks without hidden layers: dropped as the regressions drop them. Hidden
   layers take such columns as they are: their weights are not identified anyway. */
#include "network.h"

#include <math.h>
#include <string.h>

/* Columns up to which it is looked for collinear ones, whose cost grows with their square. */
enum { COLUMNS_MOST = 4096 };

gradus_status gradus_i_network_find_columns(gradus_i_network_job *job, gradus_error *err) {
  bool penalised = job->fit.l2 > 0 || job->options->l1 > 0;
  const gradus_i_network *network = job->made->network;
  bool shaped = network->lengths > 0 || network->nodes[0].out.rank > 1; /* steps share weights */
  if (penalised || shaped || gradus_i_network_is_deep(network) || job->p > COLUMNS_MOST)
    return GRADUS_OK;
  gradus_i_least_squares_options options = {
      .no_intercept = !job->bias, .threads = job->fit.threads, .rough = true, .any_rank = true};
  gradus_status status = gradus_i_least_squares_solve(&job->columns, job->train, &options, err);
  if (status <= 0)
    job->dropped = job->columns->dropped;
  return status;
}

/* The weight of a column of response r, and of its bias, in θ. */
static double *weight_of(const gradus_fit *fit, double *theta, size_t r, size_t j) {
  size_t first = fit->has_intercept ? 1 : 0;
  return j < first ? &theta[fit->k * fit->p + r] : &theta[r * fit->p + j - first];
}

void gradus_i_network_mark_dropped(gradus_fit *fit, double value) {
  double *theta = gradus_params_values(fit->params);
  for (size_t j = 0; j < fit->q; j++)
    for (size_t r = 0; fit->dropped[j] && r < fit->k; r++)
      *weight_of(fit, theta, r, j) = value;
}

gradus_status gradus_i_network_know(gradus_fit *fit, gradus_error *err) {
  gradus_i_network_fit *made = fit->network;
  size_t size = gradus_params_size(fit->params);
  const double *theta = gradus_params_const_values(fit->params);
  if (fit->rank == fit->q && !fit->limit)
    return GRADUS_OK;
  if (!made->known)
    made->known = gradus_i_allocate_raw(size, sizeof *made->known);
  if (!made->known)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < size; i++)
    made->known[i] = isnan(theta[i]) ? 0 : theta[i];
  if (fit->limit)
    gradus_i_network_stand_in(fit, made->known);
  return GRADUS_OK;
}

const double *gradus_i_network_theta(const gradus_fit *fit) {
  const double *known = fit->network->known;
  return known ? known : gradus_params_const_values(fit->params);
}

gradus_status gradus_i_network_take_columns(gradus_fit *fit, const gradus_i_network_job *job,
                                            gradus_error *err) {
  const gradus_i_least_squares *columns = job->columns;
  if (!columns)
    return GRADUS_OK;
  gradus_status status = gradus_i_fit_take_relations(fit, columns, err);
  if (status > 0)
    return status;
  fit->rank = columns->rank;
  fit->effective_df = fit->likelihood_df = (double)(fit->k * fit->rank);
  fit->df_residual = fit->nobs - fit->effective_df;
  gradus_i_network_mark_dropped(fit, NAN);
  status = gradus_i_network_know(fit, err);
  if (status <= 0)
    status = gradus_i_fit_warn_rank(fit, job->fit.collinear, err);
  if (status <= 0)
    gradus_i_fit_warn_condition(fit, columns->condition, err);
  return status;
}
