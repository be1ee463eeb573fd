// SPDX-License-Identifier: GPL-3.0-or-later
/* Observation rows of a generalised linear model, by R's definitions (influence.glm, rstandard,
   rstudent, cooks.distance, dffits). */
#include "internal.h"

#include <math.h>

/* Of one row, with its weight in them. */
typedef struct residuals {
  double deviance, pearson, working;
} residuals;

static residuals residuals_of(const gradus_i_observation *at, double y, double weight) {
  double side = y - at->mean; /* the slope of a link may be negative: the score has not this sign */
  return (residuals){
      .deviance = copysign(sqrt(weight * fmax(at->deviance, 0)), side),
      .pearson = copysign(fabs(at->score) * sqrt(weight / at->fisher), side),
      .working = at->score / at->fisher,
  };
}

void gradus_i_observe_glm(gradus_diagnostics *d, const gradus_i_glm *glm, const gradus_fit *fit,
                          const gradus_batch *batch, size_t i) {
  size_t at = batch->first + i;
  gradus_i_observation o = gradus_i_glm_observe(glm, fit, batch, i);
  residuals e =
      residuals_of(&o, batch->y[i * batch->y_stride], gradus_i_variance_weight(fit, batch, i));
  double h = d->hat[at], left = 1 - h;
  if (batch->weight && batch->weight[i] == 0)
    e = (residuals){NAN, NAN, NAN};
  d->fitted[at] = o.mean;
  d->resid[at] = e.deviance;
  d->pearson_resid[at] = e.pearson;
  d->working_resid[at] = e.working;
  if (h == 1) { /* undefined, as all that follows */
    d->std_resid[at] = d->student_resid[at] = d->cooksd[at] = d->dffits[at] = NAN;
    return;
  }
  double rest = (fit->deviance - e.deviance * e.deviance / left) / (fit->df_residual - 1);
  double sigma = sqrt(rest > 0 ? rest : 0); /* of the other rows */
  double likely =
      copysign(sqrt(e.deviance * e.deviance + e.pearson * e.pearson * h / left), e.deviance);
  d->std_resid[at] = e.deviance / sqrt(fit->dispersion * left);
  d->student_resid[at] = fit->dispersion_known ? likely : likely / sigma;
  d->cooksd[at] =
      (e.pearson / left) * (e.pearson / left) * h / (fit->dispersion * (double)fit->rank);
  d->dffits[at] = e.deviance * sqrt(h) / (sigma * left);
}
