// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_rows.h"
#include "cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void model_rows_open(model_rows *q, size_t n, size_t p, size_t k) {
  *q = (model_rows){.n = n, .p = p, .k = k};
  q->x = gsl_matrix_calloc(n, p);
  q->y = gsl_matrix_calloc(n, k);
  q->weight = gsl_vector_alloc(n);
  q->offset = gsl_vector_calloc(n);
  gsl_vector_set_all(q->weight, 1);
  q->centre = calloc(p, sizeof *q->centre);
  q->unit = calloc(p, sizeof *q->unit);
  for (size_t j = 0; j < p; j++)
    q->unit[j] = 1;
}

void model_rows_standardise(model_rows *q) {
  for (size_t j = 0; j < q->p; j++) {
    double sum = 0, square = 0, weight = 0;
    for (size_t i = 0; i < q->n; i++) {
      weight += gsl_vector_get(q->weight, i);
      sum += gsl_vector_get(q->weight, i) * gsl_matrix_get(q->x, i, j);
    }
    q->centre[j] = sum / weight;
    for (size_t i = 0; i < q->n; i++) {
      double d = gsl_matrix_get(q->x, i, j) - q->centre[j];
      square += gsl_vector_get(q->weight, i) * d * d;
    }
    q->unit[j] = sqrt(square / weight);
    for (size_t i = 0; i < q->n; i++)
      gsl_matrix_set(q->x, i, j, (gsl_matrix_get(q->x, i, j) - q->centre[j]) / q->unit[j]);
  }
}

void model_rows_finish(model_rows *q, const char *family, const char *link, size_t classes) {
  gradus_error err = {0};
  CHECK_STATUS(gradus_source_from_matrix(&q->source, q->x, q->y, q->weight, GRADUS_WEIGHT_PRIOR,
                                         q->offset, &err),
               GRADUS_OK, &err);
  size_t k = classes > 0 ? classes - 1 : q->k;
  q->affine = (gradus_i_affine){.p = q->p, .k = k, .bias = true, .loss = &gradus_i_loss_gaussian};
  if (classes > 0)
    q->affine.loss = &gradus_i_loss_softmax;
  if (family) {
    q->glm = (gradus_i_glm_loss){.family = gradus_i_family_find(family),
                                 .link = gradus_i_link_find(link)};
    CU_ASSERT_TRUE_FATAL(q->glm.family && q->glm.link);
    q->affine.loss = &gradus_i_loss_glm;
    q->affine.loss_data = &q->glm;
  }
  size_t dim = k * (q->p + 1);
  q->scale = calloc(dim, sizeof *q->scale);
  double spread = 0, mean = 0;
  for (size_t i = 0; i < q->n; i++)
    mean += gsl_matrix_get(q->y, i, 0) / (double)q->n;
  for (size_t i = 0; i < q->n; i++)
    spread += pow(gsl_matrix_get(q->y, i, 0) - mean, 2) / (double)q->n;
  for (size_t j = 0; j < dim; j++)
    q->scale[j] = sqrt(spread);
  q->objective = (gradus_i_objective){.type = &gradus_i_affine_type,
                                      .model = &q->affine,
                                      .source = q->source,
                                      .dim = dim,
                                      .row_size = q->p + k + 1,
                                      .scale = q->scale,
                                      .threads = 1};
}

void model_rows_close(model_rows *q) {
  gradus_source_free(q->source);
  gsl_matrix_free(q->x);
  gsl_matrix_free(q->y);
  gsl_vector_free(q->weight);
  gsl_vector_free(q->offset);
  free(q->centre);
  free(q->unit);
  free(q->scale);
}

void model_rows_read_design(model_rows *q, const char *id) {
  char path[64];
  snprintf(path, sizeof path, "oracles/%s.design.csv", id);
  gradus_frame *frame = test_read_frame(path);
  model_rows_open(q, gradus_frame_rows(frame), gradus_frame_columns(frame) - 4, 1);
  for (size_t i = 0; i < q->n; i++) {
    gsl_matrix_set(q->y, i, 0, gradus_frame_numeric(frame, 0)[i]);
    gsl_vector_set(q->weight, i, gradus_frame_numeric(frame, 1)[i]);
    gsl_vector_set(q->offset, i, gradus_frame_numeric(frame, 2)[i]);
    for (size_t j = 0; j < q->p; j++)
      gsl_matrix_set(q->x, i, j, gradus_frame_numeric(frame, 4 + j)[i]);
  }
  gradus_frame_free(frame);
}

void model_rows_read_formula(model_rows *q, const char *text, const char *file) {
  gradus_frame *frame = NULL;
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  gradus_cursor *cursor = NULL;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, file, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&formula, text, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&design, formula, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, design, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  model_rows_open(q, shape->rows, shape->columns, shape->responses);
  CHECK_STATUS(gradus_cursor_open(&cursor, source, q->n, &err), GRADUS_OK, &err);
  gradus_batch batch;
  CHECK_STATUS(gradus_cursor_read(cursor, 0, q->n, &batch, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(batch.rows, q->n);
  for (size_t i = 0; i < batch.rows; i++) {
    for (size_t j = 0; j < q->p; j++)
      gsl_matrix_set(q->x, i, j, batch.x[i * batch.x_stride + j]);
    for (size_t r = 0; r < q->k; r++)
      gsl_matrix_set(q->y, i, r, batch.y[i * batch.y_stride + r]);
  }
  gradus_cursor_free(cursor);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(formula);
  gradus_frame_free(frame);
}

void model_rows_make_logistic(model_rows *q, size_t n, size_t p) {
  model_rows_open(q, n, p, 1);
  for (size_t i = 0; i < n; i++) {
    double eta = 0.3;
    for (size_t j = 0; j < p; j++) {
      double x = sin(1.7 * (double)(i + 1) * (double)(j + 1)) + 0.2 * cos(0.01 * (double)(i * i));
      gsl_matrix_set(q->x, i, j, x);
      eta += x * (j % 2 ? -0.8 : 0.6);
    }
    gsl_matrix_set(q->y, i, 0, eta + 2 * sin(12.9898 * (double)(i + 1)) > 0);
  }
  model_rows_standardise(q);
  model_rows_finish(q, "binomial", "logit", 0);
}

double model_rows_estimate(const model_rows *q, const double *theta, size_t r, size_t j) {
  if (j < q->p)
    return theta[r * q->p + j] / q->unit[j];
  double bias = theta[q->affine.k * q->p + r];
  for (size_t i = 0; i < q->p; i++)
    bias -= theta[r * q->p + i] / q->unit[i] * q->centre[i];
  return bias;
}
