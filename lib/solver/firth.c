// SPDX-License-Identifier: GPL-3.0-or-later
/* The modified score is Σ (w(y - μ) + h(1/2 - μ)) x with the leverages h of the weighted
   least-squares problem. Fisher's scoring leaves the prior's curvature out, and with few rows it
   would circle about the maximum. So that curvature is learnt from the scores: steps are those of
   BFGS (Nocedal 1980) with the inverse Fisher information in the place of the first matrix, halved
   while the penalised likelihood would fall. */
#include "firth.h"
#include "secants.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct firth {
  const gradus_source *source;
  const gradus_i_firth_options *options;
  size_t p, q, rank; /* the rank of the columns, once it is known */
  bool has_rank;
  /* At the present estimate: */
  gradus_i_least_squares *step;
  gradus_i_glm_sums sums;
  double half_log_determinant;
  double *estimate, *score, *score_size, *root; /* q, q, q; q×q: rows of the root */
  double *next, *direction, *product, *kept;    /* q, q, q; 3q² + q */
  double *old_score;                            /* q */
  gradus_i_secants secants;
} firth;

static void firth_clear(firth *f) {
  gradus_i_least_squares_free(f->step);
  gradus_i_release(f->estimate);
}

static gradus_status firth_allocate(firth *f, gradus_error *err) {
  size_t q = f->q, cells;
  if (!gradus_i_multiply(q, 4 * q + 9 + 2 * GRADUS_I_SECANTS_MOST, &cells) ||
      !(f->estimate = gradus_i_allocate(cells, sizeof *f->estimate)))
    return gradus_i_out_of_memory(err);
  f->score = f->estimate + q;
  f->score_size = f->score + q;
  f->next = f->score_size + q;
  f->direction = f->next + q;
  f->product = f->direction + q;
  f->root = f->product + q;
  f->kept = f->root + q * q;
  f->old_score = f->kept + 3 * q * q + q;
  f->secants = (gradus_i_secants){.n = q, .steps = f->old_score + q};
  f->secants.falls = f->secants.steps + GRADUS_I_SECANTS_MOST * q;
  return GRADUS_OK;
}

/* ---- the modified score ---- */

/* Per chunk: the rows in scaled columns, and these times the root. */
static gradus_status add_score(void *context, const gradus_batch *batch, double *accumulator,
                               double *scratch, gradus_error *err) {
  (void)err;
  const firth *f = context;
  const double *scale = f->step->layout.scale;
  size_t q = f->q, first = q - f->p;
  double *z = scratch, *a = scratch + batch->rows * q;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t j = 0; j < q; j++)
      z[i * q + j] = (j < first ? 1 : batch->x[i * batch->x_stride + j - first]) * scale[j];
  gradus_i_rows_multiply(batch->rows, q, f->step->rank, z, f->root, a);
  for (size_t i = 0; i < batch->rows; i++) {
    double weight = batch->weight ? batch->weight[i] : 1, leverage = 0;
    const double *x = batch->x + i * batch->x_stride, *b = f->estimate;
    double eta = (batch->offset ? batch->offset[i] : 0) + (first ? b[0] : 0);
    for (size_t j = first; j < q; j++)
      eta += b[j] * x[j - first];
    gradus_i_observation o;
    gradus_i_observe(f->options->glm->family, f->options->glm->link, 0,
                     batch->y[i * batch->y_stride], eta, &o);
    for (size_t l = 0; l < f->step->rank; l++)
      leverage += a[i * q + l] * a[i * q + l];
    /* The rows' leverage is that of the weighted ones; ½ - μ keeps its digits as -½ tanh(η/2). */
    double part = weight * o.score - weight * o.fisher * leverage * 0.5 * tanh(0.5 * eta);
    double size = weight * fabs(o.score) + weight * o.fisher * leverage * 0.5;
    for (size_t j = 0; weight > 0 && j < q; j++) {
      double input = j < first ? 1 : x[j - first];
      accumulator[j] += part * input;
      accumulator[q + j] += size * fabs(input);
    }
  }
  return GRADUS_OK;
}

static gradus_status find_score(firth *f, gradus_error *err) {
  size_t chunk = gradus_i_chunk_rows(2 * f->q + 1);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = 2 * f->q,
                        .scratch_size = 2 * chunk * f->q,
                        .process = add_score};
  int threads = gradus_i_threads(f->options->glm->threads);
  /* score and score_size lie side by side */
  return gradus_i_pass_run(&pass, f, f->source, threads, f->score, err);
}

/* ½ log|XᵀWX| of the columns that are not dropped, from root·rootᵀ = (ZᵀWZ)⁻¹. */
static gradus_status find_determinant(firth *f, gradus_error *err) {
  const gradus_i_least_squares *s = f->step;
  size_t rank = s->rank, at = 0;
  double *u = f->kept + rank * rank, *vt = u + rank * rank, *singular = vt + rank * rank;
  f->half_log_determinant = 0;
  for (size_t j = 0; j < f->q; j++) {
    if (s->dropped[j])
      continue;
    for (size_t l = 0; l < rank; l++)
      f->kept[at + l * rank] = f->root[j * f->q + l];
    f->half_log_determinant -= log(s->layout.scale[j]);
    at++;
  }
  if (rank == 0)
    return GRADUS_OK;
  gradus_status status = gradus_i_svd(rank, f->kept, u, singular, vt, err);
  for (size_t l = 0; status <= 0 && l < rank; l++)
    f->half_log_determinant -= log(singular[l]);
  return status;
}

/* ---- the iteration ---- */

/* All that is known at f->estimate but for the score. So far out that weights underflow, and with
   them columns, the prior is 0. */
static gradus_status look(firth *f, bool rough, gradus_error *err) {
  const gradus_i_irls_options *glm = f->options->glm;
  gradus_error own = {0};
  gradus_i_least_squares_free(f->step);
  f->step = NULL;
  gradus_status status = gradus_i_irls_step(&f->step, f->source, glm, f->estimate, rough, &own);
  bool lost = status == GRADUS_ERROR_NO_COMPLETE_ROWS || status == GRADUS_ERROR_UNDERDETERMINED ||
              (f->step && f->step->rank < f->rank);
  if (f->has_rank && lost) {
    f->half_log_determinant = -HUGE_VAL;
    return GRADUS_OK;
  }
  if (status > 0)
    return gradus_i_fail(err, status, "%s", own.message);
  f->has_rank = true;
  f->rank = f->step->rank;
  gradus_i_transpose(f->q, f->rank, f->step->root, f->root);
  status = find_determinant(f, err);
  if (status <= 0)
    status = gradus_i_glm_sums_at(&f->sums, f->source, glm, f->estimate, 0, err);
  return status;
}

static double objective(const firth *f) {
  return f->half_log_determinant - 0.5 * f->sums.deviance;
}

/* product = (XᵀWX)⁻¹ v, in the units of the estimates. */
static void multiply_inverse(const firth *f, const double *v, double *product) {
  const double *scale = f->step->layout.scale;
  memset(product, 0, f->q * sizeof *product);
  for (size_t l = 0; l < f->step->rank; l++) {
    double sum = 0;
    for (size_t j = 0; j < f->q; j++)
      sum += f->root[j * f->q + l] * scale[j] * v[j];
    for (size_t j = 0; j < f->q; j++)
      product[j] += f->root[j * f->q + l] * scale[j] * sum;
  }
}

/* The step of Fisher's scoring for a score; that of the other coefficients where one is fixed. */
static void find_scoring_step(void *context, const double *score, double *step) {
  firth *f = context;
  size_t fixed = f->options->fixed;
  multiply_inverse(f, score, step);
  if (!f->options->has_fixed)
    return;
  memset(f->next, 0, f->q * sizeof *f->next);
  f->next[fixed] = 1;
  multiply_inverse(f, f->next, f->product);
  double times = step[fixed] / f->product[fixed];
  for (size_t j = 0; j < f->q; j++)
    step[j] = j == fixed ? 0 : step[j] - times * f->product[j];
}

static void find_direction(firth *f) {
  gradus_i_secants_direct(&f->secants, find_scoring_step, f, f->score, f->old_score, f->direction);
  memcpy(f->old_score, f->score, f->q * sizeof *f->old_score);
}

/* Beside the length of the linear predictor, both weighted over the rows. */
static double relative_length(const firth *f) {
  const gradus_i_layout *l = &f->step->layout;
  double longest = 0, size = f->step->norm[l->q] / l->scale[l->q];
  for (size_t j = 0; j < f->q; j++)
    longest = fmax(longest, fabs(f->direction[j]) * f->step->norm[j] / l->scale[j]);
  return size > 0 ? longest / size : longest;
}

static double certificate(const firth *f) {
  double largest = 0;
  for (size_t j = 0; j < f->q; j++)
    if (!f->step->dropped[j] && f->score_size[j] > 0)
      largest = fmax(largest, fabs(f->score[j]) / f->score_size[j]);
  return largest;
}

/* Goes along the direction; *moved is false if no part of it keeps the objective from falling. */
static gradus_status advance(firth *f, bool *moved, gradus_error *err) {
  enum { HALVINGS = 40 };
  double before = objective(f), part = 1;
  memcpy(f->next, f->estimate, f->q * sizeof *f->next);
  *moved = false;
  for (int halving = 0; !*moved && halving < HALVINGS; halving++, part *= 0.5) {
    for (size_t j = 0; j < f->q; j++)
      f->estimate[j] = f->next[j] + part * f->direction[j];
    gradus_status status = look(f, true, err);
    if (status > 0)
      return status;
    *moved = objective(f) >= before - 1e-12 * (fabs(before) + 1);
  }
  if (*moved)
    return GRADUS_OK;
  memcpy(f->estimate, f->next, f->q * sizeof *f->next);
  return look(f, true, err);
}

/* False where the caller wants no more. */
static bool tell(const firth *f, gradus_i_irls *s) {
  const gradus_i_irls_options *glm = f->options->glm;
  if (!glm->progress)
    return true;
  s->sums = f->sums;
  s->half_log_determinant = f->half_log_determinant;
  memcpy(s->estimate, f->estimate, f->q * sizeof *s->estimate);
  return glm->progress(glm->progress_context, s);
}

static gradus_status iterate(firth *f, gradus_i_irls *s, gradus_error *err) {
  size_t most = f->options->glm->max_iterations ? f->options->glm->max_iterations : 300;
  double last = HUGE_VAL;
  double enough = fmax(f->options->glm->enough, 4 * DBL_EPSILON);
  s->stop = gradus_i_solver_words[GRADUS_I_WORD_MAX_ITERATIONS];
  gradus_status status = look(f, true, err);
  for (; status <= 0; s->iterations++) {
    bool moved = false;
    status = find_score(f, err);
    if (status > 0)
      break;
    if (f->options->has_fixed)
      f->score[f->options->fixed] = 0;
    if (s->iterations > 0) /* shorter, its score is rounding error; `next` is where it began */
      gradus_i_secants_learn(&f->secants, f->next, f->estimate, f->old_score, f->score,
                             last > 1e-9);
    find_direction(f);
    s->certificate = certificate(f);
    double length = relative_length(f);
    if (length <= enough || (length < 1e-11 && length >= last)) {
      s->converged = true;
      s->stop = gradus_i_solver_words[GRADUS_I_WORD_STANDSTILL];
      break;
    }
    last = length;
    if (s->iterations == most)
      break;
    status = advance(f, &moved, err);
    if (status <= 0 && !moved) {
      s->stop = gradus_i_solver_words[GRADUS_I_WORD_NO_ASCENT];
      break;
    }
    if (status <= 0 && !tell(f, s)) {
      s->stop = gradus_i_solver_words[GRADUS_I_WORD_CALLER];
      s->iterations++;
      break;
    }
  }
  return status;
}

static void take_solution(firth *f, gradus_i_irls *s) {
  s->step = f->step;
  f->step = NULL;
  s->sums = f->sums;
  s->half_log_determinant = f->half_log_determinant;
  memcpy(s->estimate, f->estimate, f->q * sizeof *s->estimate);
  for (size_t j = 0; j < f->q; j++)
    if (s->step->dropped[j])
      s->estimate[j] = 0;
}

gradus_status gradus_i_firth_solve(gradus_i_irls **solution, const gradus_source *source,
                                   const gradus_i_firth_options *options, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns;
  firth f = {
      .source = source, .options = options, .p = p, .q = p + (options->glm->no_intercept ? 0 : 1)};
  gradus_i_irls *s = *solution = gradus_i_allocate(1, sizeof *s);
  gradus_status status = firth_allocate(&f, err);
  if (status <= 0 && (!s || !(s->estimate = gradus_i_allocate(f.q, sizeof *s->estimate))))
    status = gradus_i_out_of_memory(err);
  if (status <= 0 && options->glm->start)
    memcpy(f.estimate, options->glm->start, f.q * sizeof *f.estimate);
  /* Checks the responses. */
  if (status <= 0)
    status = gradus_i_glm_sums_at(&f.sums, source, options->glm, f.estimate, 0, err);
  if (status <= 0)
    status = iterate(&f, s, err);
  if (status <= 0 && !options->has_fixed)
    status = look(&f, false, err);
  if (status <= 0)
    take_solution(&f, s);
  firth_clear(&f);
  if (status > 0) {
    gradus_i_irls_free(s);
    *solution = NULL;
  }
  return status;
}
