// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass over the rows of a logistic and of a multinomial regression against floors: dsyrk over
   the same blocks of rows, reading the memory, the exponentials, the two products. All of a line in
   one run, interleaved. Usage: bench_kernels [elements|logistic|wide|batch|multinomial]. */
#include "../lib/linalg/fused.h"

#include "support.h"

#include <cblas.h>
#include <omp.h>
#include <string.h>

enum { REPEATS = 9, CALL = 2048 }; /* CALL: rows of a call, as an objective would make it */

typedef struct problem {
  size_t n, p, classes;
  double *x, *y, *parameters;
  int threads;
} problem;

static problem make(size_t n, size_t p, size_t classes) {
  size_t rows = classes ? classes : 1;
  problem q = {.n = n, .p = p, .classes = classes};
  uint64_t state = 1;
  q.x = malloc(n * p * sizeof *q.x);
  q.y = malloc(n * sizeof *q.y);
  q.parameters = malloc(rows * (p + 1) * sizeof *q.parameters);
  for (size_t i = 0; i < n * p; i++)
    q.x[i] = bench_random(&state);
  for (size_t i = 0; i < n; i++)
    q.y[i] = classes ? floor((double)classes * 0.5 * (1 + bench_random(&state)))
                     : (double)(bench_random(&state) > 0);
  for (size_t j = 0; j < rows * (p + 1); j++)
    q.parameters[j] = bench_random(&state);
  return q;
}

static void discard(problem *q) {
  free(q->x);
  free(q->y);
  free(q->parameters);
}

static gradus_i_fused_rows rows_of(const problem *q, bool matrix) {
  size_t rows = q->classes ? q->classes : 1;
  return (gradus_i_fused_rows){.columns = q->p,
                               .stride = q->p,
                               .weights = q->parameters,
                               .bias = q->parameters + rows * q->p,
                               .loss = gradus_i_row_loss_logistic,
                               .classes = q->classes,
                               .matrix = matrix};
}

/* What is done with rows first..first+count−1; `own` is this thread's memory. */
typedef void work(const problem *q, size_t first, size_t count, double *own);

/* Enough for every work. */
static size_t memory_of(const problem *q) {
  gradus_i_fused_rows in = rows_of(q, true);
  return gradus_i_fused_sums_length(&in) + gradus_i_fused_scratch_length(&in) +
         CALL * (q->classes + 1) + q->p * q->p;
}

static double run(const problem *q, work *each) {
  double start = bench_now();
#pragma omp parallel num_threads(q->threads)
  {
    omp_set_num_threads(1);
    double *own = calloc(memory_of(q), sizeof *own);
#pragma omp for schedule(static)
    for (size_t first = 0; first < q->n; first += CALL)
      each(q, first, q->n - first < CALL ? q->n - first : CALL, own);
    free(own);
  }
  return bench_now() - start;
}

static void fused(const problem *q, size_t first, size_t count, double *own, bool matrix) {
  gradus_i_fused_rows in = rows_of(q, matrix);
  in.rows = count;
  in.x = q->x + first * q->p;
  in.y = q->y + first;
  double *scratch = own + gradus_i_fused_sums_length(&in);
  if (q->classes)
    gradus_i_fused_softmax(&in, own, scratch);
  else
    gradus_i_fused_pass(&in, own, scratch);
}

static void with_matrix(const problem *q, size_t first, size_t count, double *own) {
  fused(q, first, count, own, true);
}

static void without_matrix(const problem *q, size_t first, size_t count, double *own) {
  fused(q, first, count, own, false);
}

static void dsyrk(const problem *q, size_t first, size_t count, double *own) {
  cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, (int)q->p, (int)count, 1,
              q->x + first * q->p, (int)q->p, 1, own, (int)q->p);
}

static void read_memory(const problem *q, size_t first, size_t count, double *own) {
  const double *x = q->x + first * q->p;
  double lane[32] = {0};
  for (size_t i = 0; i + 32 <= count * q->p; i += 32)
#pragma omp simd
    for (size_t l = 0; l < 32; l++)
      lane[l] += x[i + l];
  own[0] += lane[0] + lane[31];
}

static void exponentials(const problem *q, size_t first, size_t count, double *own) {
  size_t k = q->classes ? q->classes : 1;
  gradus_i_vector_exp_d(count * k, q->x + first * k, own);
}

/* The two products of a multinomial regression, and as many exponentials. */
static void products(const problem *q, size_t first, size_t count, double *own) {
  const double *x = q->x + first * q->p;
  int n = (int)count, p = (int)q->p, k = (int)q->classes;
  double *eta = own + q->classes * q->p;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, k, p, 1, x, p, q->parameters, p, 0, eta,
              k);
  gradus_i_vector_exp_d(count * q->classes, eta, eta);
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, p, n, 1, eta, k, x, p, 1, own, p);
}

typedef struct timed {
  const char *name;
  work *each;
} timed;

/* Medians of all works, interleaved; prints them, and each one's ratio to the first. */
static void compare(problem *q, const timed *works, size_t count) {
  enum { MOST = 8 };
  double times[MOST][REPEATS], medians[MOST];
  for (q->threads = 1; q->threads <= 2; q->threads++) {
    for (int r = -1; r < REPEATS; r++) /* the first is a warm-up */
      for (size_t w = 0; w < count; w++) {
        double seconds = run(q, works[w].each);
        if (r >= 0)
          times[w][r] = seconds;
      }
    printf("n = %zu, p = %zu, %d thread%s:", q->n, q->p, q->threads, q->threads > 1 ? "s" : "");
    for (size_t w = 0; w < count; w++) {
      medians[w] = bench_median(times[w], REPEATS);
      printf(" %s %.2f ms (%.2f)", works[w].name, 1e3 * medians[w], medians[w] / medians[0]);
    }
    printf("\n");
  }
}

static void logistic(size_t n, size_t p) {
  problem q = make(n, p, 0);
  compare(&q,
          (const timed[]){{"dsyrk", dsyrk},
                          {"with Fisher matrix", with_matrix},
                          {"read", read_memory},
                          {"without", without_matrix},
                          {"exp", exponentials}},
          5);
  discard(&q);
}

static void multinomial(void) {
  problem q = make(100000, 50, 10);
  compare(&q,
          (const timed[]){{"two dgemm and exp", products},
                          {"loss and gradient", without_matrix},
                          {"read", read_memory},
                          {"with Fisher matrix", with_matrix}},
          4);
  discard(&q);
}

/* An epoch in random batches of 64 gathered rows, against one pass in order. */
static void batches(void) {
  enum { N = 500000, P = 30, BATCH = 64 };
  problem q = make(N, P, 0);
  q.threads = 1;
  size_t *order = malloc(N * sizeof *order);
  double *own = calloc(memory_of(&q), sizeof *own), whole[REPEATS], gathered[REPEATS];
  uint64_t state = 7;
  for (size_t i = 0; i < N; i++) {
    size_t j = (size_t)((double)(i + 1) * 0.5 * (1 + bench_random(&state)));
    order[i] = order[j];
    order[j] = i;
  }
  for (int r = 0; r < REPEATS; r++) {
    whole[r] = run(&q, without_matrix);
    double start = bench_now();
    gradus_i_fused_rows in = rows_of(&q, false);
    in.x = q.x;
    in.y = q.y;
    for (size_t first = 0; first < N; first += BATCH) {
      in.index = order + first;
      in.rows = N - first < BATCH ? N - first : BATCH;
      in.next = in.index + in.rows;
      in.coming = N - first - in.rows < BATCH ? N - first - in.rows : BATCH;
      gradus_i_fused_pass(&in, own, own + gradus_i_fused_sums_length(&in));
    }
    gathered[r] = bench_now() - start;
  }
  double pass = bench_median(whole, REPEATS), epoch = bench_median(gathered, REPEATS);
  printf("n = %d, p = %d: a pass %.2f ms, an epoch of batches of %d gathered rows %.2f ms (%.2f)\n",
         N, P, 1e3 * pass, BATCH, 1e3 * epoch, epoch / pass);
  free(order);
  free(own);
  discard(&q);
}

static void elements(void) {
  enum { N = 4000, LOOPS = 200 };
  static double x[N], out[N];
  uint64_t state = 1;
  const gradus_i_elementwise_d *table = gradus_i_elementwise_table_d(gradus_i_instructions_best());
  const struct {
    const char *name;
    void (*run)(size_t, const double *, double *);
  } functions[] = {{"exp", table->exp},         {"expm1", table->expm1},
                   {"log", table->log},         {"softplus", table->softplus},
                   {"sigmoid", table->sigmoid}, {"tanh", table->tanh}};
  for (size_t i = 0; i < N; i++)
    x[i] = 5 + 5 * bench_random(&state);
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
    double times[REPEATS];
    for (int r = 0; r < REPEATS; r++) {
      double start = bench_now();
      for (int loop = 0; loop < LOOPS; loop++)
        functions[f].run(N, x, out);
      times[r] = (bench_now() - start) / LOOPS / N;
    }
    printf("%s: %.2f ns an element\n", functions[f].name, 1e9 * bench_median(times, REPEATS));
  }
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!*what || !strcmp(what, "elements"))
    elements();
  if (!*what || !strcmp(what, "logistic"))
    logistic(500000, 30);
  if (!*what || !strcmp(what, "wide")) {
    logistic(1000000, 5);
    logistic(200000, 100);
    logistic(100000, 200);
  }
  if (!*what || !strcmp(what, "batch"))
    batches();
  if (!*what || !strcmp(what, "multinomial"))
    multinomial();
  return 0;
}
