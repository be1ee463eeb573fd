// SPDX-License-Identifier: GPL-3.0-or-later
/* Logistic regression with full inference against its floor: Newton's method written for this one
   problem, blocks of rows over own threads, exponentials by a loop, the Fisher block by dsyrk.
   Usage: bench_logistic [FILE]: with FILE the rows are written there too, y and then x, as doubles,
   for the peers. */
#include "support.h"

#include <gradus/gradus.h> /* its GSL headers declare CBLAS too, and clash with cblas.h */
#include <lapacke.h>
#include <omp.h>
#include <string.h>

enum { N = 500000, P = 30, Q = P + 1, BLOCK = 512, REPEATS = 7 };

static void fill(double *x, double *y) {
  uint64_t state = 2;
  for (size_t i = 0; i < N; i++) {
    double eta = -0.5;
    for (size_t j = 0; j < P; j++) {
      double z = bench_random(&state) + bench_random(&state) + bench_random(&state);
      x[i * P + j] = z;
      eta += z * ((double)(j % 5) - 2) * 0.3;
    }
    y[i] = 0.5 * (bench_random(&state) + 1) < 1 / (1 + exp(-eta));
  }
}

/* Adds a block's gradient and Fisher matrix; the column of ones is the first. */
static void add_block(const double *x, const double *y, size_t rows, const double *b, double *g,
                      double *h, double *scratch) {
  double *eta = scratch, *scaled = scratch + BLOCK;
  for (size_t i = 0; i < rows; i++)
    eta[i] = b[0];
  cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)rows, P, 1, x, P, b + 1, 1, 1, eta, 1);
  for (size_t i = 0; i < rows; i++) {
    double mean = 1 / (1 + exp(-eta[i])), root = sqrt(mean * (1 - mean));
    eta[i] = mean - y[i];
    g[0] += eta[i];
    scaled[i * Q] = root;
    for (size_t j = 0; j < P; j++)
      scaled[i * Q + 1 + j] = root * x[i * P + j];
  }
  cblas_dgemv(CblasRowMajor, CblasTrans, (int)rows, P, 1, x, P, eta, 1, 1, g + 1, 1);
  cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, Q, (int)rows, 1, scaled, Q, 1, h, Q);
}

/* Newton to a largest mean gradient of 1e-8; returns the passes. */
static int newton(const double *x, const double *y, int threads, double *b) {
  memset(b, 0, Q * sizeof *b);
  for (int pass = 1;; pass++) {
    double g[Q] = {0}, h[Q * Q] = {0}, largest = 0;
#pragma omp parallel num_threads(threads)
    {
      omp_set_num_threads(1);
      double own_g[Q] = {0}, own_h[Q * Q] = {0};
      double *scratch = malloc(BLOCK * (Q + 1) * sizeof *scratch);
#pragma omp for schedule(static)
      for (size_t first = 0; first < N; first += BLOCK)
        add_block(x + first * P, y + first, N - first < BLOCK ? N - first : BLOCK, b, own_g, own_h,
                  scratch);
#pragma omp critical
      {
        cblas_daxpy(Q, 1, own_g, 1, g, 1);
        cblas_daxpy(Q * Q, 1, own_h, 1, h, 1);
      }
      free(scratch);
    }
    omp_set_num_threads(threads);
    for (size_t j = 0; j < Q; j++)
      largest = fmax(largest, fabs(g[j]) / N);
    if (largest <= 1e-8 || pass == 50)
      return pass;
    LAPACKE_dposv(LAPACK_COL_MAJOR, 'U', Q, 1, h, Q, g, Q);
    for (size_t j = 0; j < Q; j++)
      b[j] -= g[j];
  }
}

static void fit_once(const gsl_matrix *x, const gsl_vector *y, int threads, const double *b,
                     bool show) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.family = "binomial", .threads = threads};
  double worst = 0;
  if (gradus_glm_fit_matrix(&fit, x, y, NULL, NULL, &options, &err) > 0) {
    fprintf(stderr, "%s\n", err.message);
    exit(1);
  }
  for (size_t j = 0; j < Q; j++) {
    gradus_term term;
    gradus_fit_term(fit, 0, j, 0, &term, &err);
    worst = fmax(worst, fabs(term.estimate - b[j]));
  }
  const gradus_solver_report *report = gradus_fit_solver(fit);
  if (show)
    printf("    (%s, %zu iterations, certificate %.1e; %.1e from the floor's estimates)\n",
           report->name, report->iterations, report->certificate, worst);
  gradus_fit_free(fit);
}

static void write_rows(const char *path, const double *x, const double *y) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(y, sizeof *y, N, file) != N || fwrite(x, sizeof *x, N * P, file) != N * P ||
      fclose(file) != 0) {
    fprintf(stderr, "%s: cannot be written\n", path);
    exit(1);
  }
}

int main(int argc, char **argv) {
  double *x = malloc((size_t)N * P * sizeof *x), *y = malloc(N * sizeof *y), b[Q];
  fill(x, y);
  if (argc > 1)
    write_rows(argv[1], x, y);
  gsl_matrix_view xv = gsl_matrix_view_array(x, N, P);
  gsl_vector_view yv = gsl_vector_view_array(y, N);
  for (int threads = 1; threads <= 2; threads++) {
    double floor_times[REPEATS], times[REPEATS];
    int passes = 0;
    for (int i = -1; i < REPEATS; i++) { /* the first is a warm-up */
      double start = bench_now();
      passes = newton(x, y, threads, b);
      double middle = bench_now();
      fit_once(&xv.matrix, &yv.vector, threads, b, threads == 1 && i < 0);
      if (i >= 0) {
        floor_times[i] = middle - start;
        times[i] = bench_now() - middle;
      }
    }
    double least = bench_median(floor_times, REPEATS), own = bench_median(times, REPEATS);
    printf("n = %d, p = %d, %d thread%s: Newton by blocks (%d passes) %.3f s, gradus %.3f s, ratio "
           "%.2f\n",
           N, P, threads, threads > 1 ? "s" : "", passes, least, own, own / least);
  }
  free(x);
  free(y);
  return 0;
}
