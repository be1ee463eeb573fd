// SPDX-License-Identifier: GPL-3.0-or-later
/* Firth's estimates of a multinomial model: the maximum of the likelihood times Jeffreys' prior
   |I(θ)|^½ (Firth 1993, Biometrika 80:27-38; Kosmidis and Firth 2011, Biometrika 98:755-759). Steps
   are as in solver/firth.c: Fisher's scoring, and what the last steps tell of the curvature that it
   leaves out. */
#include "../solver/secants.h"
#include "iterate.h"
#include "multinomial.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct firth {
  gradus_i_multinomial *s;
  gradus_i_standard standard;
  gradus_source *source; /* standardised */
  gradus_i_objective objective;
  bool *left_out;   /* dim: of dropped columns */
  size_t m, *place; /* coordinates that are not: where they stand in θ */
  /* At the estimate, for standardised columns: */
  double *estimate, *theta; /* m, dim */
  gradus_i_value value;
  double *matrix, *root; /* m×m each; root row-major: root·rootᵀ = I⁻¹ */
  double half_log_determinant;
  double *added, *score; /* dim: of the prior; m: in all */
  double *old, *old_score, *direction, *length, *units, *scale;
  gradus_i_secants secants;
  double *memory;
} firth;

static void clear(firth *f) {
  gradus_source_free(f->source);
  gradus_i_release(f->left_out);
  gradus_i_release(f->place);
  gradus_i_release(f->memory);
}

static void list_places(firth *f) {
  const gradus_i_multinomial *s = f->s;
  size_t first = s->q - s->p;
  for (size_t i = 0; i < s->dim; i++) {
    const bool *dropped = s->columns->dropped;
    f->left_out[i] = i < s->k * s->p ? dropped[first + i % s->p] : dropped[0];
    if (!f->left_out[i])
      f->place[f->m++] = i;
  }
}

static gradus_status allocate(firth *f, gradus_error *err) {
  size_t dim = f->s->dim, p = f->s->p, square, all;
  bool fits = gradus_i_multiply(dim, dim, &square) && gradus_i_multiply(square, 4, &all);
  f->left_out = gradus_i_allocate(dim, sizeof *f->left_out);
  f->place = gradus_i_allocate(dim, sizeof *f->place);
  if (fits)
    f->memory = gradus_i_allocate(3 * square + (11 + 2 * GRADUS_I_SECANTS_MOST) * dim + 2 * p,
                                  sizeof *f->memory);
  if (!f->left_out || !f->place || !f->memory)
    return gradus_i_out_of_memory(err);
  double **const vectors[] = {&f->estimate, &f->theta, &f->value.gradient, &f->added,
                              &f->score,    &f->old,   &f->old_score,      &f->direction,
                              &f->length,   &f->units, &f->scale};
  double *next = f->memory;
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++, next += dim)
    *vectors[i] = next;
  list_places(f);
  f->secants = (gradus_i_secants){.n = f->m, .steps = next};
  f->secants.falls = next += GRADUS_I_SECANTS_MOST * dim;
  f->standard.centre = next += GRADUS_I_SECANTS_MOST * dim;
  f->standard.factor = next += p;
  f->value.matrix = next += p;
  f->matrix = next += square;
  f->root = next + square;
  return GRADUS_OK;
}

/* ---- there and back ---- */

static void to_units(const firth *f, double *units) {
  const gradus_i_multinomial *s = f->s;
  for (size_t r = 0; r < s->k; r++) {
    double shift = 0;
    for (size_t j = 0; j < s->p; j++) {
      units[r * s->p + j] = f->theta[r * s->p + j] * f->standard.factor[j];
      shift += units[r * s->p + j] * f->standard.centre[j];
    }
    if (s->q > s->p)
      units[s->k * s->p + r] = f->theta[s->k * s->p + r] - shift;
  }
}

static gradus_status set_start(firth *f, gradus_error *err) {
  const gradus_i_multinomial *s = f->s;
  bool bias = s->q > s->p;
  gradus_status status = GRADUS_OK;
  for (size_t r = 0; bias && r < s->k; r++)
    f->units[s->k * s->p + r] = s->bias[r];
  if (s->options->start)
    status = gradus_i_read_start(f->units, s->options->start, s->k, s->p, bias, err);
  for (size_t r = 0; r < s->k; r++) {
    double shift = 0;
    for (size_t j = 0; j < s->p; j++) {
      f->theta[r * s->p + j] = f->units[r * s->p + j] / f->standard.factor[j];
      shift += f->units[r * s->p + j] * f->standard.centre[j];
    }
    if (bias)
      f->theta[s->k * s->p + r] = f->units[s->k * s->p + r] + shift;
  }
  for (size_t j = 0; j < f->m; j++)
    f->estimate[j] = f->theta[f->place[j]];
  memset(f->theta, 0, s->dim * sizeof *f->theta);
  return status;
}

/* ---- what is known at the estimate ---- */

/* Root and determinant of the information; false, and a prior of 0, so far out that it is singular.
 */
static bool factorise(firth *f) {
  size_t m = f->m, dim = f->s->dim;
  double total = f->s->sums.total;
  f->half_log_determinant = m > 0 ? -HUGE_VAL : 0;
  if (m == 0)
    return true;
  for (size_t j = 0; j < m; j++) {
    double diagonal = total * f->value.matrix[f->place[j] * (dim + 1)];
    if (!(diagonal > 0 && isfinite(diagonal)))
      return false;
    f->length[j] = 1 / sqrt(diagonal);
  }
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++)
      f->matrix[i + j * m] =
          total * f->value.matrix[f->place[i] + f->place[j] * dim] * f->length[i] * f->length[j];
  if (!gradus_i_all_finite(f->matrix, m * m) || !gradus_i_cholesky(m, f->matrix))
    return false;
  double half = 0;
  for (size_t j = 0; j < m; j++)
    half += log(f->matrix[j * (m + 1)]) - log(f->length[j]);
  if (!gradus_i_triangle_inverse(m, f->matrix))
    return false;
  for (size_t i = 0; i < m; i++)
    for (size_t l = i; l < m; l++)
      f->root[i * m + l] = f->matrix[i + l * m] * f->length[i];
  f->half_log_determinant = half;
  return true;
}

static gradus_status look(firth *f, gradus_error *err) {
  for (size_t j = 0; j < f->m; j++)
    f->theta[f->place[j]] = f->estimate[j];
  gradus_status status =
      gradus_i_objective_evaluate(&f->objective, f->theta, GRADUS_I_MATRIX, &f->value, err);
  if (status <= 0)
    factorise(f);
  return status;
}

/* The logarithm of the penalised likelihood. */
static double penalised(const firth *f) {
  return f->half_log_determinant - f->s->sums.total * f->value.loss;
}

static gradus_status find_score(firth *f, gradus_error *err) {
  gradus_i_class_prior prior = {.s = f->s,
                                .source = f->source,
                                .theta = f->theta,
                                .m = f->m,
                                .place = f->place,
                                .root = f->root};
  gradus_status status = gradus_i_class_prior_score(&prior, f->added, err);
  for (size_t j = 0; status <= 0 && j < f->m; j++)
    f->score[j] = f->added[j] - f->s->sums.total * f->value.gradient[f->place[j]];
  return status;
}

/* ---- the iteration ---- */

static void scoring(void *context, const double *score, double *step) {
  const firth *f = context;
  size_t m = f->m;
  double *product = f->units; /* free between reports */
  memset(product, 0, m * sizeof *product);
  for (size_t i = 0; i < m; i++)
    for (size_t l = i; l < m; l++)
      product[l] += f->root[i * m + l] * score[i];
  for (size_t i = 0; i < m; i++) {
    step[i] = 0;
    for (size_t l = i; l < m; l++)
      step[i] += f->root[i * m + l] * product[l];
  }
}

static double certificate(const firth *f) {
  double largest = 0;
  for (size_t j = 0; j < f->m; j++)
    largest = fmax(largest, fabs(f->score[j]) / (f->s->sums.total * f->scale[f->place[j]]));
  return largest;
}

/* Length of the step beside that of θ, each coordinate as the information weighs it. */
static double relative_length(const firth *f) {
  double step = 0, size = 0;
  for (size_t j = 0; j < f->m; j++) {
    step = fmax(step, fabs(f->direction[j]) / f->length[j]);
    size = fmax(size, fabs(f->estimate[j]) / f->length[j]);
  }
  return size > 0 ? step / size : step;
}

/* Goes along the direction; *moved is false if no part of it keeps the likelihood from falling. */
static gradus_status advance(firth *f, bool *moved, gradus_error *err) {
  enum { HALVINGS = 40 };
  double before = penalised(f), part = 1;
  memcpy(f->old, f->estimate, f->m * sizeof *f->old);
  *moved = false;
  for (int halving = 0; !*moved && halving < HALVINGS; halving++, part *= 0.5) {
    for (size_t j = 0; j < f->m; j++)
      f->estimate[j] = f->old[j] + part * f->direction[j];
    gradus_status status = look(f, err);
    if (status > 0)
      return status;
    *moved = penalised(f) >= before - 1e-12 * (fabs(before) + 1);
  }
  if (*moved)
    return GRADUS_OK;
  memcpy(f->estimate, f->old, f->m * sizeof *f->old);
  return look(f, err);
}

/* False where the caller wants no more. */
static bool tell(firth *f) {
  const gradus_fit_options *options = f->s->options;
  const gradus_solver_report *report = &f->s->report;
  if (!options->progress)
    return true;
  to_units(f, f->units);
  gradus_progress progress = {.solver = report->name,
                              .iteration = report->iterations + 1,
                              .loss = -penalised(f) / f->s->sums.total,
                              .gradient_norm = NAN,
                              .step = report->certificate,
                              .certificate = report->certificate,
                              .theta = f->units,
                              .size = f->s->dim};
  return options->progress(options->progress_context, &progress);
}

static gradus_status iterate(firth *f, gradus_solver_report *report, gradus_error *err) {
  const gradus_fit_options *options = f->s->options;
  size_t most = options->max_iterations ? options->max_iterations : 300;
  double last = HUGE_VAL;
  gradus_status status = look(f, err);
  for (; status <= 0; report->iterations++) {
    bool moved = false;
    status = find_score(f, err);
    if (status > 0)
      break;
    if (report->iterations > 0)
      gradus_i_secants_learn(&f->secants, f->old, f->estimate, f->old_score, f->score, last > 1e-9);
    gradus_i_secants_direct(&f->secants, scoring, f, f->score, f->old_score, f->direction);
    memcpy(f->old_score, f->score, f->m * sizeof *f->old_score);
    report->certificate = certificate(f);
    double length = relative_length(f);
    bool enough = report->certificate <= options->tolerance;
    if (enough || length <= 4 * DBL_EPSILON || (length < 1e-11 && length >= last)) {
      report->converged = true;
      report->stop =
          gradus_i_solver_words[enough ? GRADUS_I_WORD_GRADIENT : GRADUS_I_WORD_STANDSTILL];
      break;
    }
    last = length;
    if (report->iterations == most)
      break;
    status = advance(f, &moved, err);
    if (status <= 0 && !moved) {
      report->stop = gradus_i_solver_words[GRADUS_I_WORD_NO_ASCENT];
      break;
    }
    if (status <= 0 && !tell(f)) {
      report->stop = gradus_i_solver_words[GRADUS_I_WORD_CALLER];
      report->iterations++;
      break;
    }
  }
  return status;
}

/* ---- the whole ---- */

static gradus_status prepare(firth *f, gradus_error *err) {
  gradus_i_multinomial *s = f->s;
  bool centred = s->q > s->p && !s->columns->dropped[0];
  gradus_status status = allocate(f, err);
  if (status <= 0)
    status = gradus_i_standardise(&f->source, &f->standard, s->source, centred, s->options->threads,
                                  err);
  if (status > 0)
    return status;
  gradus_i_class_scale(s, f->scale);
  f->objective = (gradus_i_objective){.type = &gradus_i_affine_type,
                                      .model = &s->model,
                                      .source = f->source,
                                      .dim = s->dim,
                                      .row_size = s->p + s->k,
                                      .frozen = f->left_out,
                                      .scale = f->scale,
                                      .threads = s->options->threads};
  return set_start(f, err);
}

/* log|I|/2 for the columns in the units of the data. */
static double determinant_in_units(const firth *f) {
  double half = f->half_log_determinant;
  for (size_t j = 0; j < f->m; j++)
    if (f->place[j] < f->s->k * f->s->p)
      half -= log(f->standard.factor[f->place[j] % f->s->p]);
  return half;
}

gradus_status gradus_i_multinomial_firth(gradus_i_multinomial *s, gradus_error *err) {
  firth f = {.s = s};
  s->report = (gradus_solver_report){.name = gradus_i_solver_words[GRADUS_I_WORD_IRLS],
                                     .method = gradus_i_solver_words[GRADUS_I_WORD_HOW_FIRTH],
                                     .stop = gradus_i_solver_words[GRADUS_I_WORD_MAX_ITERATIONS],
                                     .condition = s->columns->condition};
  gradus_status status = prepare(&f, err);
  if (status <= 0)
    status = iterate(&f, &s->report, err);
  if (status <= 0) {
    to_units(&f, s->theta);
    s->half_log_determinant = determinant_in_units(&f);
  }
  clear(&f);
  return status;
}
