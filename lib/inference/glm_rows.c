// SPDX-License-Identifier: GPL-3.0-or-later
/* Fitted rows of any model as its last least-squares problem saw them: what a row's residual and
   its weight are there. Of a linear model these are the data's own, of a generalised one those of
   the working response (McCullagh and Nelder 1989, section 2.5). */
#include "internal.h"

#include <math.h>

gradus_i_glm gradus_i_glm_of(const gradus_fit *fit) {
  return (gradus_i_glm){.family = gradus_i_family_find(fit->family),
                        .link = fit->family ? gradus_i_link_find(fit->link) : NULL};
}

gradus_i_observation gradus_i_glm_observe(const gradus_i_glm *glm, const gradus_fit *fit,
                                          const gradus_batch *batch, size_t i) {
  gradus_i_observation at;
  gradus_i_observe(glm->family, glm->link, fit->theta, batch->y[i * batch->y_stride],
                   gradus_i_linear_predictor(fit, 0, batch, i), &at);
  return at;
}

gradus_i_row_weight gradus_i_row_score(const gradus_i_glm *glm, const gradus_fit *fit,
                                       const gradus_batch *batch, size_t i, size_t r) {
  double w = gradus_i_variance_weight(fit, batch, i);
  if (!glm->family) {
    double e = batch->y[i * batch->y_stride + r] - gradus_i_linear_predictor(fit, r, batch, i);
    return (gradus_i_row_weight){.score = e * (w / fit->responses[r].scale), .weight = w};
  }
  if (w == 0 || gradus_i_row_count(fit, batch, i) == 0)
    return (gradus_i_row_weight){0};
  gradus_i_observation at = gradus_i_glm_observe(glm, fit, batch, i);
  return (gradus_i_row_weight){.score = w * at.score, .weight = w * at.fisher};
}

gradus_status gradus_i_check_responses(const gradus_i_glm *glm, const gradus_batch *batch,
                                       gradus_error *err) {
  for (size_t i = 0; glm->family && i < batch->rows; i++) {
    double y = batch->y[i * batch->y_stride];
    if ((!batch->weight || batch->weight[i] > 0) && !glm->family->accepts(y))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; for the family %s it must be %s",
                           gradus_i_batch_row(batch, i), y, glm->family->name,
                           glm->family->requirement);
  }
  return GRADUS_OK;
}

gradus_status gradus_i_fitted_rows(const gradus_source **rows, gradus_source **grouped,
                                   const gradus_fit *fit, const gradus_source *source,
                                   gradus_error *err) {
  *rows = source;
  *grouped = NULL;
  gradus_status status = gradus_i_check_fitted_rows(fit, source, err);
  if (status > 0 || gradus_source_get_shape(source)->responses == fit->k)
    return status;
  status = gradus_i_group_trials(grouped, source, err);
  *rows = *grouped;
  return status;
}
