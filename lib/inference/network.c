// SPDX-License-Identifier: GPL-3.0-or-later
/* The covariance of a network's parameters from its Gauss-Newton matrix, as a root. */
#include "network.h"
#include "../model/network_output.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK, FULL_MAX = 2000 };

/* Eigenvalues of the matrix with a diagonal of 1 that are below this part of the largest are those
   of directions of which the rows say nothing. */
static const double rank_tolerance = 1e-11;
/* The part of a derivative that may lie in such directions. */
static const double null_tolerance = 1e-3;

void gradus_network_inference_free(gradus_network_inference *inference) {
  if (!inference)
    return;
  gradus_i_release(inference->root);
  gradus_i_release(inference->length);
  gradus_i_release(inference->value);
  gradus_i_release(inference);
}

/* ---- one pass: matrix, gradient and Pearson's sum ---- */

enum { SUM_PEARSON, SUM_WEIGHT, SUM_ROWS, SUM_BAD, SUM_COUNT };

typedef struct workspace {
  gradus_i_network_rows rows;
  double *curvature, *jacobian, *factored;
} workspace;

typedef struct pass_context {
  const gradus_network_inference *inference;
  size_t width; /* room for a row of the Jacobian */
} pass_context;

static size_t lay_out(workspace *w, const pass_context *c, double *memory) {
  const gradus_i_network_view *v = &c->inference->view;
  size_t own = gradus_i_network_rows_size(v), cells = BLOCK * v->k;
  if (memory) {
    gradus_i_network_rows_open(&w->rows, v, memory);
    w->curvature = memory + own;
    w->jacobian = w->curvature + cells * v->k;
    w->factored = w->jacobian + cells * c->width;
  }
  return own + cells * (v->k + c->width + c->inference->m);
}

/* factored = the root of each row's curvature times its Jacobian. */
static void multiply(const workspace *w, size_t k, size_t m) {
  memset(w->factored, 0, w->rows.rows * k * m * sizeof *w->factored);
  for (size_t i = 0; i < w->rows.rows; i++) {
    double *root = w->curvature + i * k * k;
    gradus_i_curvature_root(k, root);
    for (size_t a = 0; a < k; a++)
      for (size_t b = a; b < k; b++)
        for (size_t j = 0; j < m; j++)
          w->factored[(i * k + a) * m + j] += root[a * k + b] * w->jacobian[(i * k + b) * m + j];
  }
}

static void add_block(const pass_context *c, workspace *w, const gradus_batch *part, double *sums) {
  const gradus_network_inference *inference = c->inference;
  const gradus_i_network_view *v = &inference->view;
  size_t k = v->k, m = inference->m;
  double *gradient = sums + SUM_COUNT, loss = 0;
  gradus_i_network_rows_take(&w->rows, part, 0, part->rows);
  gradus_i_network_rows_forward(&w->rows, part, 0);
  gradus_i_network_jacobian(&w->rows, inference->information.output_only, w->jacobian);
  v->loss->rows(v->loss_data, GRADUS_I_MATRIX, part, k, w->rows.eta, w->curvature, &loss);
  if (!isfinite(loss))
    sums[SUM_BAD] = 1;
  for (size_t i = 0; i < part->rows; i++) {
    double weight = part->weight ? part->weight[i] : 1, score = w->rows.eta[i * k];
    sums[SUM_WEIGHT] += weight;
    sums[SUM_ROWS] += weight > 0;
    if (k == 1 && w->curvature[i] > 0) /* (y - μ)²/V, times the weight */
      sums[SUM_PEARSON] += score * score / w->curvature[i];
    for (size_t r = 0; r < k; r++)
      for (size_t j = 0; j < m; j++)
        gradient[j] += w->rows.eta[i * k + r] * w->jacobian[(i * k + r) * m + j];
  }
  multiply(w, k, m);
  gradus_i_rows_gram(part->rows * k, m, w->factored, m, gradient + m, m);
}

static gradus_status add_batch(void *context, const gradus_batch *batch, double *sums,
                               double *scratch, gradus_error *err) {
  (void)err;
  const pass_context *c = context;
  workspace w;
  lay_out(&w, c, scratch);
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t rows = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    gradus_batch part = gradus_i_network_part(batch, first, rows);
    add_block(c, &w, &part, sums);
  }
  return GRADUS_OK;
}

/* ---- from the matrix to its root ---- */

/* By the Cholesky factor; false where that would lose digits. */
static bool root_of_regular(gradus_network_inference *s, double *scaled) {
  size_t m = s->m;
  if (!gradus_i_cholesky(m, scaled))
    return false;
  for (size_t j = 0; j < m; j++)
    if (!(scaled[j * (m + 1)] * scaled[j * (m + 1)] > 1e-8))
      return false;
  if (!gradus_i_triangle_inverse(m, scaled))
    return false;
  s->rank = m;
  for (size_t i = 0; i < m; i++)
    for (size_t l = 0; l < m; l++)
      s->root[i * m + l] = l >= i ? scaled[i + l * m] / s->length[i] : 0;
  return true;
}

/* By its eigenvectors, which are its singular vectors; those of the smallest values are left out.
 */
static gradus_status root_of_singular(gradus_network_inference *s, double *scaled,
                                      gradus_error *err) {
  size_t m = s->m;
  double *u = gradus_i_allocate_raw(m, 2 * m * sizeof *u);
  gradus_status status =
      u ? gradus_i_svd(m, scaled, u, s->value, u + m * m, err) : gradus_i_out_of_memory(err);
  s->rank = 0;
  while (status <= 0 && s->rank < m && s->value[s->rank] > rank_tolerance * s->value[0])
    s->rank++;
  for (size_t i = 0; status <= 0 && i < m; i++)
    for (size_t l = 0; l < s->rank; l++)
      s->root[i * s->rank + l] =
          s->length[i] > 0 ? u[i + l * m] / (sqrt(s->value[l]) * s->length[i]) : 0;
  gradus_i_release(u);
  return status;
}

static void scale(const gradus_network_inference *s, const double *matrix, double *scaled) {
  size_t m = s->m;
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i <= j; i++) {
      double lengths = s->length[i] * s->length[j];
      scaled[i + j * m] = scaled[j + i * m] = lengths > 0 ? matrix[i + j * m] / lengths : 0;
    }
}

static gradus_status set_root(gradus_network_inference *s, const double *matrix,
                              gradus_error *err) {
  size_t m = s->m;
  double *scaled = gradus_i_allocate_raw(m, m * sizeof *scaled);
  if (!scaled)
    return gradus_i_out_of_memory(err);
  for (size_t j = 0; j < m; j++)
    s->length[j] = matrix[j * (m + 1)] > 0 ? sqrt(matrix[j * (m + 1)]) : 0;
  scale(s, matrix, scaled);
  gradus_status status = GRADUS_OK;
  if (!root_of_regular(s, scaled)) {
    scale(s, matrix, scaled);
    status = root_of_singular(s, scaled, err);
  }
  gradus_i_release(scaled);
  return status;
}

/* Square of the length of rootᵀ·v. */
static double squared(const gradus_network_inference *s, const double *v, double *work) {
  double square = 0;
  memset(work, 0, s->rank * sizeof *work);
  for (size_t i = 0; i < s->m; i++) {
    const double *row = s->root + i * s->rank;
    if (v[i] == 0)
      continue;
    for (size_t l = 0; l < s->rank; l++)
      work[l] += v[i] * row[l];
  }
  for (size_t l = 0; l < s->rank; l++)
    square += work[l] * work[l];
  return square;
}

double gradus_i_network_error(const gradus_network_inference *s, const double *derivative,
                              double *work) {
  double square = squared(s, derivative, work), all = 0, known = 0;
  for (size_t i = 0; s->rank < s->m && i < s->m; i++) {
    double scaled = s->length[i] > 0 ? derivative[i] / s->length[i] : 0;
    if (derivative[i] != 0 && !(s->length[i] > 0))
      return NAN;
    all += scaled * scaled;
  }
  for (size_t l = 0; s->rank < s->m && l < s->rank; l++)
    known += s->value[l] * work[l] * work[l];
  if (all - known > null_tolerance * null_tolerance * all)
    return NAN;
  return sqrt(square * s->information.dispersion);
}

/* ---- making it ---- */

static gradus_status choose_parameters(gradus_network_inference *s, gradus_error *err) {
  const gradus_i_network *network = s->view.network;
  gradus_network_information *info = &s->information;
  s->m = gradus_params_size(network->params);
  info->output_only =
      s->view.output_only || s->m > FULL_MAX || !gradus_i_network_has_rows_gradient(network);
  if (info->output_only) {
    size_t output = gradus_i_network_output_node(network);
    s->m = output > 0 ? network->nodes[output].parameters : 0;
    info->first = output > 0 ? network->nodes[output].theta : 0;
  }
  s->held = gradus_i_network_hold(&s->view, info->output_only, 0, NULL);
  info->parameters = s->m;
  info->held = s->held;
  if (s->m > 0 && s->m <= FULL_MAX)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "the output layer has %zu parameters: standard errors are formed of 1 to %d",
                       s->m, FULL_MAX);
}

static gradus_status allocate(gradus_network_inference *s, gradus_error *err) {
  s->root = gradus_i_allocate(s->m, s->m * sizeof *s->root);
  s->length = gradus_i_allocate(s->m, sizeof *s->length);
  s->value = gradus_i_allocate(s->m, sizeof *s->value);
  return s->root && s->length && s->value ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* What the pass summed: n, dispersion, distance. */
static gradus_status conclude(gradus_network_inference *s, const double *sums, gradus_error *err) {
  gradus_network_information *info = &s->information;
  info->rank = s->rank;
  info->nobs = s->view.weight_kind == GRADUS_WEIGHT_FREQUENCY ? sums[SUM_WEIGHT] : sums[SUM_ROWS];
  info->df_residual = info->nobs - (double)s->rank;
  if (!s->view.dispersion_known && !(info->df_residual > 0))
    return gradus_i_fail(err, GRADUS_ERROR_UNDERDETERMINED,
                         "%g rows and %zu identified parameters: nothing is left to estimate "
                         "errors from; take fewer units",
                         info->nobs, s->rank);
  info->dispersion = s->view.dispersion_known ? 1 : sums[SUM_PEARSON] / info->df_residual;
  double *work = gradus_i_allocate(s->rank + 1, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  double square = squared(s, sums + SUM_COUNT, work);
  info->distance = info->dispersion > 0 ? sqrt(square / info->dispersion)
                   : square > 0         ? HUGE_VAL
                                        : 0;
  gradus_i_release(work);
  if (s->rank + s->held < s->m)
    return gradus_i_fail(err, GRADUS_WARNING_RANK_DEFICIENT,
                         "the rows identify %zu of the network's %zu parameters: units say the "
                         "same, or nothing; what depends on the others has no standard error",
                         s->rank, s->m - s->held);
  return GRADUS_OK;
}

static gradus_status sum_rows(gradus_network_inference *s, const gradus_source *source,
                              double **sums, gradus_error *err) {
  const gradus_i_network_view *v = &s->view;
  size_t dim = gradus_params_size(v->network->params);
  pass_context context = {.inference = s, .width = s->information.output_only ? s->m : dim};
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(v->p + v->k),
                        .accumulator_size = SUM_COUNT + s->m + s->m * s->m,
                        .scratch_size = lay_out(NULL, &context, NULL),
                        .process = add_batch};
  *sums = gradus_i_allocate_raw(pass.accumulator_size, sizeof **sums);
  if (!*sums)
    return gradus_i_out_of_memory(err);
  gradus_status status =
      gradus_i_pass_run(&pass, &context, source, gradus_i_threads(s->threads), *sums, err);
  if (status <= 0 && ((*sums)[SUM_BAD] > 0 || !gradus_i_all_finite(*sums, pass.accumulator_size)))
    status = gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                           "the loss or its derivatives are not finite at the network's "
                           "parameters: there are no standard errors");
  return status;
}

gradus_status gradus_i_network_inference_make(gradus_network_inference **inference,
                                              const gradus_i_network_view *view,
                                              const gradus_source *source, int threads,
                                              gradus_error *err) {
  double *sums = NULL;
  gradus_network_inference *s = *inference = NULL;
  gradus_status status = gradus_i_network_check_rows(view, source, true, err);
  if (status <= 0 && view->loss == &gradus_i_loss_gaussian && view->k > 1)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "a network of several gaussian responses has several dispersions: fit "
                           "one network for each to have standard errors");
  if (status > 0)
    return status;
  s = gradus_i_allocate(1, sizeof *s);
  if (!s)
    return gradus_i_out_of_memory(err);
  s->view = *view;
  s->threads = threads;
  gradus_i_thread_scope scope = gradus_i_threads_begin(threads);
  status = choose_parameters(s, err);
  if (status <= 0)
    status = allocate(s, err);
  if (status <= 0)
    status = sum_rows(s, source, &sums, err);
  if (status <= 0)
    status = set_root(s, sums + SUM_COUNT + s->m, err);
  if (status <= 0)
    status = conclude(s, sums, err);
  gradus_i_threads_end(scope);
  gradus_i_release(sums);
  if (status > 0)
    gradus_network_inference_free(s);
  else
    *inference = s;
  return status;
}

/* ---- what it says ---- */

void gradus_network_inform(const gradus_network_inference *inference,
                           gradus_network_information *information) {
  *information = inference->information;
}

double gradus_network_std_error(const gradus_network_inference *s, size_t parameter) {
  if (parameter >= s->m || !(s->length[parameter] > 0))
    return NAN;
  double square = 0, known = 0, length = s->length[parameter];
  const double *row = s->root + parameter * s->rank;
  for (size_t l = 0; l < s->rank; l++) {
    square += row[l] * row[l];
    known += s->rank < s->m ? s->value[l] * row[l] * row[l] : 0;
  }
  if (s->rank < s->m && 1 - known * length * length > null_tolerance * null_tolerance)
    return NAN;
  return sqrt(square * s->information.dispersion);
}

gradus_status gradus_network_covariance(const gradus_network_inference *s, gsl_matrix *covariance,
                                        gradus_error *err) {
  if (covariance->size1 != s->m || covariance->size2 != s->m)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "the covariance is %zux%zu, the matrix %zux%zu",
                         s->m, s->m, covariance->size1, covariance->size2);
  for (size_t i = 0; i < s->m; i++)
    for (size_t j = 0; j < s->m; j++) {
      double sum = 0;
      for (size_t l = 0; l < s->rank; l++)
        sum += s->root[i * s->rank + l] * s->root[j * s->rank + l];
      gsl_matrix_set(covariance, i, j, sum * s->information.dispersion);
    }
  return GRADUS_OK;
}

double gradus_i_network_reach(const gradus_network_inference *s, double level) {
  return s->view.loss == &gradus_i_loss_gaussian
             ? gradus_i_t_quantile(level, s->information.df_residual)
             : gradus_i_normal_quantile(level);
}
