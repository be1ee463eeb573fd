// SPDX-License-Identifier: GPL-3.0-or-later
#include "problems.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const satisfaction[] = {"Medium", "High"};
static const char *const mpg_and_qsec[] = {NULL, "qsec"};

const problem_kind problem_kinds[] = {
    {.name = "gaussian", .design = "mtcars_lm", .loss = &gradus_i_loss_gaussian, .responses = 1},
    {.name = "gaussian, two responses",
     .design = "mtcars_lm",
     .loss = &gradus_i_loss_gaussian,
     .responses = 2,
     .equations = mpg_and_qsec},
    {.name = "logistic",
     .design = "birthwt_logit",
     .family = "binomial",
     .link = "logit",
     .responses = 1},
    {.name = "logistic, l2",
     .design = "birthwt_logit",
     .family = "binomial",
     .link = "logit",
     .responses = 1,
     .l2 = "0.04543"},
    {.name = "logistic, l2 of each column's own",
     .design = "birthwt_logit",
     .family = "binomial",
     .link = "logit",
     .responses = 1,
     .l2 = "0.02397",
     .raw_penalty = true},
    {.name = "grouped logistic",
     .design = "esoph_grouped_logit",
     .family = "binomial",
     .link = "logit",
     .responses = 1},
    {.name = "probit",
     .design = "birthwt_probit",
     .family = "binomial",
     .link = "probit",
     .responses = 1},
    {.name = "poisson with offset",
     .design = "Insurance_poisson_offset",
     .family = "poisson",
     .link = "log",
     .responses = 1},
    {.name = "gamma, log link",
     .design = "airquality_gamma_log",
     .family = "gamma",
     .link = "log",
     .responses = 1},
    {.name = "gamma, inverse link: no loss where a mean is not positive",
     .design = "trees_gamma_inverse",
     .family = "gamma",
     .link = "inverse",
     .responses = 1,
     .start_at_mean = true},
    {.name = "softmax, weighted",
     .design = "housing_multinomial",
     .loss = &gradus_i_loss_softmax,
     .responses = 2,
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

/* Mean 0 and variance 1 (divisor n), as enet.csv has its standardised columns. */
static void standardise(problem *p) {
  size_t n = p->x->size1, columns = p->x->size2;
  p->mean = numbers(columns);
  p->deviation = numbers(columns);
  for (size_t j = 0; j < columns; j++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
      sum += gsl_matrix_get(p->x, i, j);
    p->mean[j] = sum / (double)n;
    for (size_t i = 0; i < n; i++)
      squares += pow(gsl_matrix_get(p->x, i, j) - p->mean[j], 2);
    p->deviation[j] = sqrt(squares / (double)n);
    for (size_t i = 0; i < n; i++)
      gsl_matrix_set(p->x, i, j, (gsl_matrix_get(p->x, i, j) - p->mean[j]) / p->deviation[j]);
  }
}

/* Source, model and objective over the rows that are there. */
static void assemble(problem *p, size_t k, const gradus_i_loss *loss) {
  gradus_error err = {0};
  CHECK_STATUS(gradus_source_from_matrix(&p->source, p->x, p->y, p->weights,
                                         p->weights ? GRADUS_WEIGHT_PRIOR : GRADUS_WEIGHT_NONE,
                                         p->offset, &err),
               GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p->source);
  size_t columns = p->x->size2;
  p->affine = (gradus_i_affine){.p = columns, .k = k, .bias = true, .loss = loss};
  p->affine.loss_data = loss == &gradus_i_loss_glm ? &p->glm : NULL;
  p->objective = (gradus_i_objective){.type = &gradus_i_affine_type,
                                      .model = &p->affine,
                                      .source = p->source,
                                      .dim = k * (columns + 1),
                                      .row_size = columns + k,
                                      .threads = 1};
  p->start = numbers(p->objective.dim);
  p->reference = numbers(p->objective.dim);
}

static void read_rows(problem *p, const gradus_frame *frame) {
  size_t n = gradus_frame_rows(frame), columns = gradus_frame_columns(frame) - 4;
  p->x = gsl_matrix_alloc(n, columns);
  p->weights = gsl_vector_alloc(n);
  p->offset = gsl_vector_alloc(n);
  for (size_t i = 0; i < n; i++) {
    gsl_matrix_set(p->y, i, 0, gradus_frame_numeric(frame, 0)[i]);
    gsl_vector_set(p->weights, i, gradus_frame_numeric(frame, 1)[i]);
    gsl_vector_set(p->offset, i, gradus_frame_numeric(frame, 2)[i]);
    for (size_t j = 0; j < columns; j++)
      gsl_matrix_set(p->x, i, j, gradus_frame_numeric(frame, 4 + j)[i]);
  }
}

static void read_qsec(problem *p) {
  gradus_frame *frame = NULL;
  size_t column = 0;
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@mtcars", NULL, NULL), GRADUS_OK, NULL);
  CU_ASSERT_TRUE_FATAL(frame && gradus_frame_find(frame, "qsec", &column));
  for (size_t i = 0; i < p->y->size1; i++)
    gsl_matrix_set(p->y, i, 1, gradus_frame_numeric(frame, column)[i]);
  gradus_frame_free(frame);
}

/* Of ridge.csv: the exact minimiser for a λ. */
static double ridge(const problem_kind *kind, const char *name) {
  char line[256], key[128];
  double value = NAN;
  FILE *file = fopen(test_data("oracles/ridge.csv"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  int length = snprintf(key, sizeof key, "%s,binomial,0.0,%s,%d,%s,", kind->design, kind->l2,
                        kind->raw_penalty ? 0 : 1, name);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, key, (size_t)length) == 0)
      value = strtod(line + length, NULL);
  fclose(file);
  return value;
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

static void set_references(problem *p, const problem_kind *kind, const gradus_frame *frame) {
  size_t columns = p->affine.p, k = p->affine.k;
  for (size_t r = 0; r < k; r++)
    for (size_t j = 0; j <= columns; j++) {
      double value = reference(kind, r, j, gradus_frame_column_name(frame, 3 + j));
      CU_ASSERT_FALSE(isnan(value));
      p->reference[j == 0 ? k * columns + r : r * columns + j - 1] = value;
    }
}

static void set_penalty(problem *p, const problem_kind *kind) {
  p->penalty = numbers(p->objective.dim);
  for (size_t j = 0; j < p->affine.p; j++)
    p->penalty[j] = strtod(kind->l2, NULL) / (kind->raw_penalty ? pow(p->deviation[j], 2) : 1);
  p->objective.penalty = p->penalty;
}

static void start_at_mean(problem *p) {
  double sum = 0;
  for (size_t i = 0; i < p->y->size1; i++)
    sum += gsl_matrix_get(p->y, i, 0);
  p->start[p->affine.p] = p->glm.link->predictor(sum / (double)p->y->size1);
}

problem *problem_open(const problem_kind *kind) {
  char path[64];
  gradus_frame *frame = NULL;
  gradus_error err = {0};
  problem *p = calloc(1, sizeof *p);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  snprintf(path, sizeof path, "oracles/%s.design.csv", kind->design);
  CHECK_STATUS(gradus_frame_read_csv(&frame, test_data(path), NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  bool softmax = kind->loss == &gradus_i_loss_softmax;
  p->y = gsl_matrix_alloc(gradus_frame_rows(frame), softmax ? 1 : kind->responses);
  read_rows(p, frame);
  if (p->y->size2 == 2)
    read_qsec(p);
  standardise(p);
  if (kind->family)
    p->glm = (gradus_i_glm_loss){.family = gradus_i_family_find(kind->family),
                                 .link = gradus_i_link_find(kind->link)};
  assemble(p, kind->responses, kind->family ? &gradus_i_loss_glm : kind->loss);
  set_references(p, kind, frame);
  if (kind->l2)
    set_penalty(p, kind);
  if (kind->start_at_mean)
    start_at_mean(p);
  gradus_frame_free(frame);
  return p;
}

/* Numbers between -1 and 1 by a multiplicative congruential generator (Park and Miller). */
static double next_number(uint64_t *state) {
  *state = *state * 48271 % 2147483647;
  return (double)*state / 1073741823.5 - 1;
}

problem *problem_generate(size_t n, size_t p_columns) {
  problem *p = calloc(1, sizeof *p);
  CU_ASSERT_PTR_NOT_NULL_FATAL(p);
  uint64_t state = 1;
  p->x = gsl_matrix_alloc(n, p_columns);
  p->y = gsl_matrix_alloc(n, 1);
  for (size_t i = 0; i < n; i++) {
    double eta = 0.3, common = next_number(&state);
    for (size_t j = 0; j < p_columns; j++) {
      double x = next_number(&state) + 0.5 * common;
      gsl_matrix_set(p->x, i, j, x);
      eta += (j % 2 ? -1 : 1) * x / (1 + (double)j);
    }
    gsl_matrix_set(p->y, i, 0, next_number(&state) < tanh(eta / 2) ? 1 : 0);
  }
  standardise(p);
  p->glm = (gradus_i_glm_loss){.family = gradus_i_family_find("binomial"),
                               .link = gradus_i_link_find("logit")};
  assemble(p, 1, &gradus_i_loss_glm);
  return p;
}

void problem_close(problem *p) {
  gradus_source_free(p->source);
  gsl_matrix_free(p->x);
  gsl_matrix_free(p->y);
  gsl_vector_free(p->weights);
  gsl_vector_free(p->offset);
  free(p->mean);
  free(p->deviation);
  free(p->penalty);
  free(p->start);
  free(p->reference);
  free(p);
}

void problem_raw_theta(const problem *p, const double *theta, double *raw) {
  size_t columns = p->affine.p, k = p->affine.k;
  for (size_t r = 0; r < k; r++) {
    double bias = theta[k * columns + r];
    for (size_t j = 0; j < columns; j++) {
      raw[r * columns + j] = theta[r * columns + j] / p->deviation[j];
      bias -= raw[r * columns + j] * p->mean[j];
    }
    raw[k * columns + r] = bias;
  }
}
