// SPDX-License-Identifier: GPL-3.0-or-later
#include "problems.h"
#include "cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const satisfaction[] = {"Medium", "High"};
static const char *const mpg_and_qsec[] = {NULL, "qsec"};

const problem_kind problem_kinds[] = {
    {.name = "gaussian", .design = "mtcars_lm"},
    {.name = "gaussian, two responses", .design = "mtcars_lm", .equations = mpg_and_qsec},
    {.name = "logistic", .design = "birthwt_logit", .family = "binomial", .link = "logit"},
    {.name = "logistic, l2",
     .design = "birthwt_logit",
     .family = "binomial",
     .link = "logit",
     .l2 = "0.04543"},
    {.name = "logistic, l2 of each column's own",
     .design = "birthwt_logit",
     .family = "binomial",
     .link = "logit",
     .l2 = "0.02397",
     .raw_penalty = true},
    {.name = "grouped logistic",
     .design = "esoph_grouped_logit",
     .family = "binomial",
     .link = "logit"},
    {.name = "probit", .design = "birthwt_probit", .family = "binomial", .link = "probit"},
    {.name = "poisson with offset",
     .design = "Insurance_poisson_offset",
     .family = "poisson",
     .link = "log"},
    {.name = "gamma, log link", .design = "airquality_gamma_log", .family = "gamma", .link = "log"},
    {.name = "gamma, inverse link: no loss where a mean is not positive",
     .design = "trees_gamma_inverse",
     .family = "gamma",
     .link = "inverse",
     .start_at_mean = true},
    {.name = "softmax, weighted",
     .design = "housing_multinomial",
     .classes = 3,
     .equations = satisfaction},
};
const size_t problem_kind_count = sizeof problem_kinds / sizeof *problem_kinds;

/* R 4.2.2: coef(lm(cbind(mpg, qsec) ~ wt + hp + factor(cyl), mtcars)), the second column. */
static const double qsec[] = {17.641069267079558, 1.3779374308829071, -0.020007967835604094,
                              -1.5124655920206977, -2.1936407690237529};

static double *numbers(size_t count) {
  double *values = calloc(count ? count : 1, sizeof *values);
  CU_ASSERT_PTR_NOT_NULL_FATAL(values);
  return values;
}

/* Makes the objective over rows that are there. */
static void assemble(problem *p, const char *family, const char *link, size_t classes) {
  model_rows_standardise(&p->rows);
  model_rows_finish(&p->rows, family, link, classes);
  p->rows.objective.scale = NULL;
  p->start = numbers(p->rows.objective.dim);
  p->reference = numbers(p->rows.objective.dim);
}

/* A second response beside the first. */
static void add_qsec(model_rows *q) {
  gradus_frame *frame = NULL;
  size_t column = 0;
  gsl_matrix *both = gsl_matrix_alloc(q->n, 2);
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@mtcars", NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(frame && gradus_frame_find(frame, "qsec", &column));
  for (size_t i = 0; i < q->n; i++) {
    gsl_matrix_set(both, i, 0, gsl_matrix_get(q->y, i, 0));
    gsl_matrix_set(both, i, 1, gradus_frame_numeric(frame, column)[i]);
  }
  gradus_frame_free(frame);
  gsl_matrix_free(q->y);
  q->y = both;
  q->k = 2;
}

/* Of ridge.csv: the exact minimiser for a λ. */
static double ridge(const problem_kind *kind, const char *name) {
  char key[128];
  snprintf(key, sizeof key, "%s,binomial,0.0,%s,%d,%s,", kind->design, kind->l2,
           kind->raw_penalty ? 0 : 1, name);
  return test_number_after("oracles/ridge.csv", key);
}

static double reference(const problem_kind *kind, size_t r, size_t column, const char *name) {
  char key[96];
  const char *equation = kind->equations ? kind->equations[r] : NULL;
  if (kind->l2)
    return ridge(kind, name);
  if (!equation)
    return test_high_precision(kind->design, "coef", name);
  if (strcmp(equation, "qsec") == 0)
    return qsec[column];
  snprintf(key, sizeof key, "%s:%s", equation, name);
  return test_high_precision(kind->design, "coef", key);
}

static void set_references(problem *p, const problem_kind *kind) {
  size_t columns = p->rows.p, k = p->rows.affine.k;
  char path[64];
  snprintf(path, sizeof path, "oracles/%s.design.csv", kind->design);
  gradus_frame *frame = test_read_frame(path); /* for its names */
  for (size_t r = 0; r < k; r++)
    for (size_t j = 0; j <= columns; j++) {
      double value = reference(kind, r, j, gradus_frame_column_name(frame, 3 + j));
      CU_ASSERT_FALSE(isnan(value));
      p->reference[j == 0 ? k * columns + r : r * columns + j - 1] = value;
    }
  gradus_frame_free(frame);
}

static void set_penalty(problem *p, const problem_kind *kind) {
  p->penalty = numbers(p->rows.objective.dim);
  for (size_t j = 0; j < p->rows.p; j++)
    p->penalty[j] = strtod(kind->l2, NULL) / (kind->raw_penalty ? pow(p->rows.unit[j], 2) : 1);
  p->rows.objective.penalty = p->penalty;
}

static void start_at_mean(problem *p) {
  double sum = 0;
  for (size_t i = 0; i < p->rows.n; i++)
    sum += gsl_matrix_get(p->rows.y, i, 0);
  p->start[p->rows.p] = p->rows.glm.link->predictor(sum / (double)p->rows.n);
}

problem *problem_open(const problem_kind *kind) {
  problem *p = calloc(1, sizeof *p);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  model_rows_read_design(&p->rows, kind->design);
  if (kind->equations == mpg_and_qsec)
    add_qsec(&p->rows);
  assemble(p, kind->family, kind->link, kind->classes);
  set_references(p, kind);
  if (kind->l2)
    set_penalty(p, kind);
  if (kind->start_at_mean)
    start_at_mean(p);
  return p;
}

/* Numbers between -1 and 1 by a multiplicative congruential generator (Park and Miller). */
static double next_number(uint64_t *state) {
  *state = *state * 48271 % 2147483647;
  return (double)*state / 1073741823.5 - 1;
}

problem *problem_generate(size_t n, size_t columns) {
  problem *p = calloc(1, sizeof *p);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  uint64_t state = 1;
  model_rows_open(&p->rows, n, columns, 1);
  for (size_t i = 0; i < n; i++) {
    double eta = 0.3, common = next_number(&state);
    for (size_t j = 0; j < columns; j++) {
      double x = next_number(&state) + 0.5 * common;
      gsl_matrix_set(p->rows.x, i, j, x);
      eta += (j % 2 ? -1 : 1) * x / (1 + (double)j);
    }
    gsl_matrix_set(p->rows.y, i, 0, next_number(&state) < tanh(eta / 2) ? 1 : 0);
  }
  assemble(p, "binomial", "logit", 0);
  return p;
}

void problem_close(problem *p) {
  model_rows_close(&p->rows);
  free(p->penalty);
  free(p->start);
  free(p->reference);
  free(p);
}
