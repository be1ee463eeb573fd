// SPDX-License-Identifier: GPL-3.0-or-later
/* Scoring as the caller begins and sees it: where it starts, and its progress. */
#include "../objective/loss.h"
#include "glm.h"

#include <math.h>
#include <string.h>

static double norm(const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum = hypot(sum, values[i]);
  return sum;
}

/* ‖∇F‖ at w->theta: the steps do not form it, so it takes a pass. NaN where that fails. */
static double gradient_norm(const gradus_i_glm_watch *w) {
  const gradus_i_irls_options *irls = w->irls;
  gradus_i_glm_loss loss = {.family = irls->family, .link = irls->link, .shape = irls->shape};
  gradus_i_affine model = {
      .p = w->p, .k = 1, .bias = w->first > 0, .loss = &gradus_i_loss_glm, .loss_data = &loss};
  gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                  .model = &model,
                                  .source = w->source,
                                  .dim = w->p + w->first,
                                  .row_size = w->p + 1,
                                  .threads = irls->threads};
  gradus_i_value value = {.gradient = w->gradient};
  gradus_status status =
      gradus_i_objective_evaluate(&objective, w->theta, GRADUS_I_GRADIENT, &value, NULL);
  return status > 0 ? NAN : norm(w->gradient, w->p + w->first);
}

static bool pass_on(void *context, const gradus_i_irls *state) {
  gradus_i_glm_watch *w = context;
  /* From the intercept first to the order of the parameters. */
  memcpy(w->theta, state->estimate + w->first, w->p * sizeof *w->theta);
  if (w->first)
    w->theta[w->p] = state->estimate[0];
  bool firth = w->options->firth;
  gradus_progress progress = {
      .solver = gradus_i_solver_words[GRADUS_I_WORD_IRLS],
      .iteration = w->irls->done + state->iterations + 1,
      .loss = (0.5 * state->sums.deviance - (firth ? state->half_log_determinant : 0)) /
              state->sums.weight,
      .gradient_norm = firth ? NAN : gradient_norm(w), /* the prior's part is not formed */
      .step = state->certificate,
      .certificate = state->certificate,
      .theta = w->theta,
      .size = w->p + w->first};
  return w->options->progress(w->options->progress_context, &progress);
}

static gradus_status take_start(double *estimate, const gradus_params *start, size_t p,
                                size_t first, gradus_error *err) {
  const gradus_block *weight = gradus_params_find(start, "output.weight");
  const gradus_block *bias = gradus_params_find(start, "output.bias");
  const double *values = gradus_params_const_values(start);
  if (!weight || weight->size != p || (first && (!bias || bias->size != 1)))
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "the start has %zu weights, this model %zu",
                         weight ? weight->size : 0, p);
  for (size_t j = 0; j < p; j++)
    estimate[first + j] = isfinite(values[weight->offset + j]) ? values[weight->offset + j] : 0;
  if (first)
    estimate[0] = isfinite(values[bias->offset]) ? values[bias->offset] : 0;
  return GRADUS_OK;
}

gradus_status gradus_i_glm_watch_begin(gradus_i_glm_watch *watch, gradus_i_irls_options *irls,
                                       const gradus_source *source,
                                       const gradus_fit_options *options, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns;
  *watch = (gradus_i_glm_watch){.options = options,
                                .irls = irls,
                                .source = source,
                                .p = p,
                                .first = irls->no_intercept ? 0 : 1};
  if (!options->progress && !options->start)
    return GRADUS_OK;
  watch->theta = gradus_i_allocate(3 * (p + 1), sizeof *watch->theta);
  if (!watch->theta)
    return gradus_i_out_of_memory(err);
  watch->gradient = watch->theta + p + 1;
  if (options->progress) {
    irls->progress = pass_on;
    irls->progress_context = watch;
  }
  if (!options->start)
    return GRADUS_OK;
  double *start = watch->gradient + p + 1;
  irls->start = start;
  return take_start(start, options->start, p, watch->first, err);
}

void gradus_i_glm_watch_end(gradus_i_glm_watch *watch) {
  gradus_i_release(watch->theta);
  watch->irls->start = NULL;
  watch->irls->progress = NULL;
  watch->irls->progress_context = NULL;
}
