// SPDX-License-Identifier: GPL-3.0-or-later
/* Losses: half the deviance of a generalised linear model, squares, softmax with cross-entropy. */
#include "../linalg/elementwise.h"
#include "loss.h"

#include <math.h>
#include <string.h>

static double weight_of(const gradus_batch *batch, size_t i) {
  return batch->weight ? batch->weight[i] : 1;
}

/* ---- generalised linear models ---- */

static void glm_rows(const void *data, gradus_i_order order, const gradus_batch *batch, size_t k,
                     double *eta, double *curvature, double *sum) {
  (void)k;
  const gradus_i_glm_loss *g = data;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = weight_of(batch, i);
    gradus_i_observation at = {0};
    bool valid = isfinite(eta[i]) && gradus_i_link_valid(g->link, g->family->is_binomial, eta[i]);
    if (valid)
      gradus_i_observe(g->family, g->link, g->shape, batch->y[i * batch->y_stride], eta[i], &at);
    valid = valid && g->family->valid_mean(at.mean);
    if (w > 0)
      *sum += valid ? 0.5 * w * at.deviance : HUGE_VAL;
    if (order >= GRADUS_I_GRADIENT)
      eta[i] = w > 0 ? -w * at.score : 0;
    if (order >= GRADUS_I_MATRIX)
      curvature[i] = w > 0 ? w * at.fisher : 0;
  }
}

gradus_i_row_loss *gradus_i_glm_row_loss(const gradus_i_family *family, const gradus_i_link *link) {
  static const struct {
    const char *family, *link;
    gradus_i_row_loss *loss;
  } kernels[] = {{"binomial", "logit", gradus_i_row_loss_logistic},
                 {"quasibinomial", "logit", gradus_i_row_loss_logistic},
                 {"poisson", "log", gradus_i_row_loss_poisson},
                 {"quasipoisson", "log", gradus_i_row_loss_poisson},
                 {"gaussian", "identity", gradus_i_row_loss_gaussian}};
  for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
    if (strcmp(kernels[i].family, family->name) == 0 && strcmp(kernels[i].link, link->name) == 0)
      return kernels[i].loss;
  return NULL;
}

static gradus_i_row_loss *glm_fused(const void *data) {
  const gradus_i_glm_loss *g = data;
  return gradus_i_glm_row_loss(g->family, g->link);
}

const gradus_i_loss gradus_i_loss_glm = {
    .name = "half the deviance", .order = GRADUS_I_MATRIX, .rows = glm_rows, .fused = glm_fused};

/* ---- squares ---- */

static void gaussian_rows(const void *data, gradus_i_order order, const gradus_batch *batch,
                          size_t k, double *eta, double *curvature, double *sum) {
  (void)data;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = weight_of(batch, i), square = 0;
    const double *y = batch->y + i * batch->y_stride;
    for (size_t r = 0; r < k; r++) {
      double residual = eta[i * k + r] - y[r];
      square += residual * residual;
      if (order >= GRADUS_I_GRADIENT)
        eta[i * k + r] = w > 0 ? w * residual : 0;
      for (size_t s = 0; order >= GRADUS_I_MATRIX && s < k; s++)
        curvature[(i * k + r) * k + s] = r == s ? w : 0;
    }
    if (w > 0)
      *sum += 0.5 * w * square;
  }
}

static gradus_i_row_loss *gaussian_fused(const void *data) {
  (void)data;
  return gradus_i_row_loss_gaussian;
}

const gradus_i_loss gradus_i_loss_gaussian = {.name = "half the squared error",
                                              .order = GRADUS_I_MATRIX,
                                              .rows = gaussian_rows,
                                              .fused = gaussian_fused};

/* ---- softmax with cross-entropy ---- */

enum { GROUP = 64 }; /* rows whose exponentials are taken together */

static size_t class_of(const gradus_batch *batch, size_t i) { /* of no weight: y may be anything */
  return weight_of(batch, i) > 0 ? (size_t)batch->y[i * batch->y_stride] : 0;
}

/* Probabilities of the k free classes of up to GROUP rows into eta; log_sum: log Σ exp of each row,
   the reference's 1 included. */
static void softmax(size_t rows, size_t k, double *eta, double *log_sum) {
  double largest[GROUP], total[GROUP];
  for (size_t i = 0; i < rows; i++) {
    double *row = eta + i * k, shift = 0;
    for (size_t r = 0; r < k; r++)
      shift = row[r] > shift ? row[r] : shift;
    for (size_t r = 0; r < k; r++)
      row[r] -= shift;
    largest[i] = shift;
    total[i] = -shift; /* of the reference */
  }
  gradus_i_vector_exp_d(rows * k, eta, eta);
  gradus_i_vector_exp_d(rows, total, total);
  for (size_t i = 0; i < rows; i++) {
    double *row = eta + i * k, sum = 0;
    for (size_t r = 0; r < k; r++)
      sum += row[r];
    total[i] += sum;
    double inverse = 1 / total[i];
    for (size_t r = 0; r < k; r++)
      row[r] *= inverse;
  }
  gradus_i_vector_log_d(rows, total, total);
  for (size_t i = 0; i < rows; i++)
    log_sum[i] = largest[i] + total[i];
}

/* From the probabilities of a row (k) and its loss to its sums, scores (in the place of the
   probabilities) and curvature (k×k). */
static void add_softmax(gradus_i_order order, double w, size_t class, double loss, size_t k,
                        double *row, double *curvature, double *sum) {
  if (w > 0)
    *sum += isfinite(loss) ? w * loss : HUGE_VAL;
  for (size_t r = 0; order >= GRADUS_I_MATRIX && r < k; r++)
    for (size_t s = 0; s < k; s++)
      curvature[r * k + s] = w > 0 ? w * row[r] * ((r == s ? 1 : 0) - row[s]) : 0;
  for (size_t r = 0; order >= GRADUS_I_GRADIENT && r < k; r++)
    row[r] = w > 0 ? w * (row[r] - (r + 1 == class ? 1 : 0)) : 0;
}

static void softmax_rows(const void *data, gradus_i_order order, const gradus_batch *batch,
                         size_t k, double *eta, double *curvature, double *sum) {
  (void)data;
  for (size_t first = 0; first < batch->rows; first += GROUP) {
    size_t rows = batch->rows - first < GROUP ? batch->rows - first : GROUP;
    double own[GROUP], log_sum[GROUP];
    for (size_t i = 0; i < rows; i++) {
      size_t class = class_of(batch, first + i);
      own[i] = class > 0 ? eta[(first + i) * k + class - 1] : 0;
    }
    softmax(rows, k, eta + first * k, log_sum);
    for (size_t i = 0; i < rows; i++) {
      size_t at = first + i;
      add_softmax(order, weight_of(batch, at), class_of(batch, at), log_sum[i] - own[i], k,
                  eta + at * k, curvature ? curvature + at * k * k : NULL, sum);
    }
  }
}

const gradus_i_loss gradus_i_loss_softmax = {
    .name = "cross-entropy of softmax", .order = GRADUS_I_MATRIX, .rows = softmax_rows};

/* The same with the classes whose possible[c] is 0 left out; those get the probability 0. */
static double softmax_of_possible(const double *possible, double *eta, size_t k) {
  double largest = possible[0] != 0 ? 0 : -HUGE_VAL, total = 0;
  for (size_t r = 0; r < k; r++)
    if (possible[r + 1] != 0)
      largest = fmax(largest, eta[r]);
  for (size_t r = 0; r < k; r++)
    total += eta[r] = possible[r + 1] != 0 ? exp(eta[r] - largest) : 0;
  if (possible[0] != 0)
    total += exp(-largest);
  for (size_t r = 0; r < k; r++)
    eta[r] /= total;
  return largest + log(total);
}

static void conditional_rows(const void *data, gradus_i_order order, const gradus_batch *batch,
                             size_t k, double *eta, double *curvature, double *sum) {
  (void)data;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *y = batch->y + i * batch->y_stride;
    double w = weight_of(batch, i), *row = eta + i * k;
    size_t class = w > 0 ? (size_t)y[0] : 0;
    double own = class > 0 ? row[class - 1] : 0, loss = softmax_of_possible(y + 1, row, k) - own;
    add_softmax(order, w, class, loss, k, row, curvature ? curvature + i * k * k : NULL, sum);
  }
}

const gradus_i_loss gradus_i_loss_conditional_softmax = {
    .name = "cross-entropy of softmax over the possible classes",
    .order = GRADUS_I_MATRIX,
    .rows = conditional_rows};
