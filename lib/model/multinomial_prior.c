// SPDX-License-Identifier: GPL-3.0-or-later
/* What Jeffreys' prior adds to the score of a multinomial model: ½ tr(I⁻¹ ∂I/∂θ), which is, of a
   row with the probabilities p and the covariance H of its linear predictors, for the predictor u,

     ½ w Σ_rs H_rs κ_rsu = ½ w p_u (H_uu - Σ_r p_r H_rr - 2 Σ_s p_s H_us + 2 Σ_rs p_r p_s H_rs)

   with the third cumulants κ of one draw. */
#include "multinomial.h"

#include <math.h>
#include <string.h>

/* Row of the class of a coordinate, and its input. */
static double input_of(const gradus_i_multinomial *s, size_t place, const double *x, size_t *r) {
  *r = place < s->k * s->p ? place / s->p : place - s->k * s->p;
  return place < s->k * s->p ? x[place % s->p] : 1;
}

/* z (k×m): the rows whose products are H. */
static void set_rows(const gradus_i_class_prior *prior, const double *x, double *z) {
  size_t m = prior->m, r;
  memset(z, 0, prior->s->k * m * sizeof *z);
  for (size_t i = 0; i < m; i++) {
    double input = input_of(prior->s, prior->place[i], x, &r), *row = z + r * m;
    for (size_t l = i; input != 0 && l < m; l++)
      row[l] += input * prior->root[i * m + l];
  }
}

/* From the predictors to the part that the score of each gains, over Σw; p: k + 1. */
static void set_parts(const gradus_i_class_prior *prior, double *eta, const double *z,
                      double *mean) {
  size_t k = prior->s->k, m = prior->m;
  double largest = 0, sum = 0, trace = 0, square = 0;
  for (size_t r = 0; r < k; r++)
    largest = fmax(largest, eta[r]);
  for (size_t r = 0; r < k; r++)
    sum += eta[r] = exp(eta[r] - largest);
  sum += exp(-largest);
  memset(mean, 0, m * sizeof *mean);
  for (size_t r = 0; r < k; r++) {
    eta[r] /= sum;
    for (size_t l = 0; l < m; l++) {
      mean[l] += eta[r] * z[r * m + l];
      trace += eta[r] * z[r * m + l] * z[r * m + l];
    }
  }
  for (size_t l = 0; l < m; l++)
    square += mean[l] * mean[l];
  for (size_t u = 0; u < k; u++) {
    double own = 0, with_mean = 0;
    for (size_t l = 0; l < m; l++) {
      own += z[u * m + l] * z[u * m + l];
      with_mean += z[u * m + l] * mean[l];
    }
    eta[u] *= 0.5 * (own - trace - 2 * with_mean + 2 * square);
  }
}

static gradus_status add_parts(void *context, const gradus_batch *batch, double *accumulator,
                               double *scratch, gradus_error *err) {
  (void)err;
  const gradus_i_class_prior *prior = context;
  size_t k = prior->s->k, r;
  double *eta = scratch, *z = eta + batch->rows * k, *mean = z + k * prior->m;
  gradus_i_affine_predict(&prior->s->model, prior->theta, batch, eta);
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double weight = batch->weight ? batch->weight[i] : 1, *part = eta + i * k;
    if (!(weight > 0))
      continue;
    set_rows(prior, x, z);
    set_parts(prior, part, z, mean);
    for (size_t j = 0; j < prior->m; j++) {
      double input = input_of(prior->s, prior->place[j], x, &r);
      accumulator[j] += weight * part[r] * input;
    }
  }
  return GRADUS_OK;
}

gradus_status gradus_i_class_prior_score(gradus_i_class_prior *prior, double *added,
                                         gradus_error *err) {
  size_t k = prior->s->k, chunk = gradus_i_chunk_rows(prior->s->p + 2 * k);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = prior->m,
                        .scratch_size = chunk * k + (k + 1) * prior->m,
                        .process = add_parts};
  memset(added, 0, prior->m * sizeof *added);
  return gradus_i_pass_run(&pass, prior, prior->source, prior->s->options->threads, added, err);
}
