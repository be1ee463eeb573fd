// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial regression, n = 100,000 × p = 50, 10 classes: one evaluation of loss and gradient
   against its two matrix products and exponentials, then whole fits by L-BFGS to a certificate of
   1e-8 and by Newton's method. Usage: bench_multinomial [FILE]: FILE gets the data (n×p inputs,
   then n classes, doubles) for bench/peers/multinomial.py. */
#include "support.h"

#include "../lib/linalg/elementwise.h"
#include "../lib/model/iterate.h"

#include <gradus/gradus.h>
#include <gsl/gsl_cblas.h>
#include <omp.h>
#include <string.h>

enum { N = 100000, P = 50, K = 10, REPEATS = 9, FITS = 3 };

static void fill(double *x, double *y) {
  uint64_t state = 1;
  double w[K][P];
  for (size_t c = 0; c < K; c++)
    for (size_t j = 0; j < P; j++)
      w[c][j] = bench_random(&state);
  for (size_t i = 0; i < N; i++) {
    double best = -HUGE_VAL;
    for (size_t j = 0; j < P; j++)
      x[i * P + j] = bench_random(&state);
    for (size_t c = 0; c < K; c++) {
      double u = 0.5 + 0.5 * bench_random(&state), eta = -log(-log(u > 0 ? u : 0.5)); /* Gumbel */
      for (size_t j = 0; j < P; j++)
        eta += w[c][j] * x[i * P + j];
      if (eta > best) {
        best = eta;
        y[i] = (double)c;
      }
    }
  }
}

/* The floor: both products and the exponentials, block by block, nothing else. */
static double floor_evaluation(const double *x, const double *theta, double *gradient,
                               int threads) {
  enum { BLOCK = 1024 };
  size_t blocks = (N + BLOCK - 1) / BLOCK;
  double sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
  {
    int saved = omp_get_max_threads();
    omp_set_num_threads(1);
    double *eta = malloc(BLOCK * (K - 1) * sizeof *eta);
    double *own = calloc((K - 1) * P, sizeof *own);
#pragma omp for schedule(static)
    for (size_t b = 0; b < blocks; b++) {
      size_t first = b * BLOCK, rows = N - first < BLOCK ? N - first : BLOCK;
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, K - 1, P, 1, x + first * P, P,
                  theta, P, 0, eta, K - 1);
      gradus_i_vector_exp_d(rows * (K - 1), eta, eta);
      cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, K - 1, P, (int)rows, 1, eta, K - 1,
                  x + first * P, P, 1, own, P);
      sum += eta[0];
    }
#pragma omp critical
    cblas_daxpy((K - 1) * P, 1, own, 1, gradient, 1);
    free(eta);
    free(own);
    omp_set_num_threads(saved);
  }
  return sum;
}

static void check(gradus_status status, const gradus_error *err) {
  if (status <= 0)
    return;
  fprintf(stderr, "%s\n", err->message);
  exit(1);
}

static void evaluations(const gradus_source *source, const double *x) {
  enum { DIM = (K - 1) * (P + 1) };
  static double theta[DIM], gradient[DIM];
  gradus_error err = {0};
  gradus_i_affine model = {.p = P, .k = K - 1, .bias = true, .loss = &gradus_i_loss_softmax};
  uint64_t state = 5;
  for (size_t j = 0; j < DIM; j++)
    theta[j] = 0.5 * bench_random(&state);
  for (int threads = 1; threads <= 2; threads++) {
    double least[REPEATS], own[REPEATS], sink = 0;
    gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                    .model = &model,
                                    .source = source,
                                    .dim = DIM,
                                    .row_size = P + K,
                                    .threads = threads};
    gradus_i_value value = {.gradient = gradient};
    for (int i = -1; i < REPEATS; i++) {
      double start = bench_now();
      sink += floor_evaluation(x, theta, gradient, threads);
      double middle = bench_now();
      check(gradus_i_objective_evaluate(&objective, theta, GRADUS_I_GRADIENT, &value, &err), &err);
      if (i >= 0) {
        least[i] = middle - start;
        own[i] = bench_now() - middle;
      }
    }
    double a = bench_median(least, REPEATS), b = bench_median(own, REPEATS);
    printf("loss and gradient, %d thread%s: two products and exponentials %.4f s, gradus %.4f s, "
           "ratio %.2f (checksum %g)\n",
           threads, threads > 1 ? "s" : "", a, b, b / a, sink);
  }
}

/* The solver alone: what peers time. */
static double solve(const gradus_source *source, const double *y, const gradus_i_solver *solver,
                    int threads, gradus_solver_report *report) {
  static double theta[(K - 1) * (P + 1)], shares[K];
  gradus_error err = {0};
  gradus_fit_options options = {.tolerance = 1e-8, .threads = threads};
  memset(shares, 0, sizeof shares);
  for (size_t i = 0; i < N; i++)
    shares[(size_t)y[i]] += 1.0 / N;
  gradus_i_iteration problem = {.solver = solver,
                                .source = source,
                                .k = K - 1,
                                .intercept = true,
                                .loss = &gradus_i_loss_softmax,
                                .shares = shares,
                                .options = &options};
  double start = bench_now();
  check(gradus_i_iterate(&problem, theta, report, &err), &err);
  return bench_now() - start;
}

static double fit(const gsl_matrix *x, const gsl_vector *y, const char *solver, int threads) {
  gradus_fit *model = NULL;
  gradus_error err = {0};
  gradus_term term;
  gradus_fit_options options = {.solver = solver, .tolerance = 1e-8, .threads = threads};
  double start = bench_now();
  check(gradus_multinomial_fit_matrix(&model, x, y, NULL, &options, &err), &err);
  gradus_fit_term(model, 0, 1, 0, &term, &err);
  double seconds = bench_now() - start;
  gradus_fit_free(model);
  return seconds;
}

int main(int argc, char **argv) {
  double *x = malloc(sizeof(double) * N * P), *y = malloc(sizeof(double) * N);
  gradus_error err = {0};
  gradus_source *source = NULL;
  fill(x, y);
  if (argc > 1) {
    FILE *file = fopen(argv[1], "wb");
    if (!file || fwrite(x, sizeof *x, N * P, file) != N * P || fwrite(y, sizeof *y, N, file) != N ||
        fclose(file) != 0)
      return 1;
  }
  gsl_matrix_view xv = gsl_matrix_view_array(x, N, P), column = gsl_matrix_view_array(y, N, 1);
  gsl_vector_view yv = gsl_vector_view_array(y, N);
  check(gradus_source_from_matrix(&source, &xv.matrix, &column.matrix, NULL, GRADUS_WEIGHT_NONE,
                                  NULL, &err),
        &err);
  evaluations(source, x);
  static const char *const solvers[] = {"lbfgs", "newton"};
  for (size_t s = 0; s < 2; s++)
    for (int threads = 1; threads <= 2; threads++) {
      double alone[FITS], whole[FITS];
      gradus_solver_report report;
      for (int i = 0; i < FITS; i++) {
        alone[i] = solve(source, y, gradus_i_solver_find(solvers[s]), threads, &report);
        whole[i] = fit(&xv.matrix, &yv.vector, solvers[s], threads);
      }
      printf("%s, %d thread%s: solver %.3f s (%zu iterations, certificate %.1e), fit with "
             "covariance %.3f s\n",
             solvers[s], threads, threads > 1 ? "s" : "", bench_median(alone, FITS),
             report.iterations, report.certificate, bench_median(whole, FITS));
    }
  gradus_source_free(source);
  free(x);
  free(y);
  return 0;
}
