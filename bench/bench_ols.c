// SPDX-License-Identifier: GPL-3.0-or-later
/* Ordinary least squares with full inference against its floor: the Gram matrix by dsyrk in blocks
   of rows over own threads, and dpotrf. Usage: bench_ols [tall|square|tiny] (all without an
   argument). */
#include "support.h"

#include <gradus/gradus.h> /* its GSL headers declare CBLAS too, and clash with cblas.h */
#include <lapacke.h>
#include <omp.h>
#include <string.h>

enum { REPEATS = 9 };

static void fill(double *x, double *y, size_t n, size_t p) {
  uint64_t state = 1;
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t j = 0; j < p; j++) {
      x[i * p + j] = bench_random(&state);
      sum += x[i * p + j] / (double)(j + 1);
    }
    y[i] = 2 + sum + bench_random(&state);
  }
}

/* The floor: no centring, no right-hand side, no inference. */
static void floor_gram(const double *x, size_t n, size_t p, int threads, double *gram) {
  enum { BLOCK = 2048 };
  size_t blocks = (n + BLOCK - 1) / BLOCK;
  memset(gram, 0, p * p * sizeof *gram);
#pragma omp parallel num_threads(threads)
  {
    omp_set_num_threads(1);
    double *own = calloc(p * p, sizeof *own);
#pragma omp for schedule(static)
    for (size_t b = 0; b < blocks; b++) {
      size_t first = b * BLOCK, rows = n - first < BLOCK ? n - first : BLOCK;
      cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, (int)p, (int)rows, 1, x + first * p,
                  (int)p, 1, own, (int)p);
    }
#pragma omp critical
    cblas_daxpy((int)(p * p), 1, own, 1, gram, 1);
    free(own);
  }
  omp_set_num_threads(threads);
  LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)p, gram, (int)p);
}

static void fit_once(const gsl_matrix *x, const gsl_vector *y, int threads, bool show) {
  gradus_fit *fit = NULL;
  gradus_error err = {0};
  gradus_fit_options options = {.threads = threads};
  gradus_summary summary;
  gradus_term term;
  if (gradus_linear_fit_vector(&fit, x, y, NULL, &options, &err) > 0) {
    fprintf(stderr, "%s\n", err.message);
    exit(1);
  }
  gradus_fit_summary(fit, 0, &summary, &err);
  for (size_t j = 0; j < gradus_fit_coefficients(fit); j++)
    gradus_fit_term(fit, 0, j, 0, &term, &err);
  if (show)
    printf("    (%s: %s)\n", gradus_fit_solver(fit)->name, gradus_fit_solver(fit)->method);
  gradus_fit_free(fit);
}

static void compare(size_t n, size_t p) {
  double *x = malloc(n * p * sizeof *x), *y = malloc(n * sizeof *y);
  double *gram = malloc(p * p * sizeof *gram);
  fill(x, y, n, p);
  gsl_matrix_view xv = gsl_matrix_view_array(x, n, p);
  gsl_vector_view yv = gsl_vector_view_array(y, n);
  for (int threads = 1; threads <= 2; threads++) {
    double floor_times[REPEATS], times[REPEATS];
    for (int i = -1; i < REPEATS; i++) { /* the first is a warm-up */
      double start = bench_now();
      floor_gram(x, n, p, threads, gram);
      double middle = bench_now();
      fit_once(&xv.matrix, &yv.vector, threads, threads == 1 && i < 0);
      if (i >= 0) {
        floor_times[i] = middle - start;
        times[i] = bench_now() - middle;
      }
    }
    double least = bench_median(floor_times, REPEATS), own = bench_median(times, REPEATS);
    printf("n = %zu, p = %zu, %d thread%s: dsyrk + dpotrf %.4f s, gradus %.4f s, ratio %.2f\n", n,
           p, threads, threads > 1 ? "s" : "", least, own, own / least);
  }
  free(x);
  free(y);
  free(gram);
}

/* Everything allocated and freed, coefficients and standard errors, in microseconds a fit. */
static void tiny(void) {
  enum { N = 100, P = 3, LOOPS = 20000 };
  double x[N * P], y[N], times[REPEATS], sink = 0;
  fill(x, y, N, P);
  gsl_matrix_view xv = gsl_matrix_view_array(x, N, P);
  gsl_vector_view yv = gsl_vector_view_array(y, N);
  for (int i = 0; i < REPEATS; i++) {
    double start = bench_now();
    for (int loop = 0; loop < LOOPS; loop++) {
      gradus_fit *fit = NULL;
      gradus_term term;
      if (gradus_linear_fit_vector(&fit, &xv.matrix, &yv.vector, NULL, NULL, NULL) > 0)
        exit(1);
      for (size_t j = 0; j <= P; j++) {
        gradus_fit_term(fit, 0, j, 0, &term, NULL);
        sink += term.std_error;
      }
      gradus_fit_free(fit);
    }
    times[i] = (bench_now() - start) / LOOPS;
  }
  printf("n = %d, p = %d and intercept, matrix API: %.2f µs a fit (checksum %g)\n", N, P,
         1e6 * bench_median(times, REPEATS), sink);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!*what || !strcmp(what, "tall"))
    compare(1000000, 50);
  if (!*what || !strcmp(what, "square"))
    compare(2000, 500);
  if (!*what || !strcmp(what, "tiny"))
    tiny();
  return 0;
}
