// SPDX-License-Identifier: GPL-3.0-or-later
/* Passes over a source in chunks of rows, on several threads, reduced in a fixed order. */
#include "internal.h"

#include <string.h>

size_t gradus_i_chunk_rows(size_t row_size) {
  enum { DOUBLES = 65536, FEWEST = 512, MOST = 4096 };
  size_t rows = DOUBLES / (row_size ? row_size : 1);
  rows -= rows % 8;
  return rows < FEWEST ? FEWEST : rows > MOST ? MOST : rows;
}

/* What one thread needs. */
typedef struct worker {
  gradus_cursor *cursor;
  double *accumulator, *scratch;
} worker;

static gradus_status worker_open(worker *w, const gradus_i_pass *pass, const gradus_source *source,
                                 gradus_error *err) {
  w->accumulator = gradus_i_allocate_raw(pass->accumulator_size, sizeof(double));
  w->scratch = gradus_i_allocate_raw(pass->scratch_size, sizeof(double));
  if (!w->accumulator || !w->scratch)
    return gradus_i_out_of_memory(err);
  return gradus_cursor_open(&w->cursor, source, pass->chunk_rows, err);
}

static void worker_close(worker *w) {
  gradus_cursor_free(w->cursor);
  gradus_i_release(w->accumulator);
  gradus_i_release(w->scratch);
}

static gradus_status process_chunk(worker *w, const gradus_i_pass *pass, void *context,
                                   size_t chunk, size_t *rows, gradus_error *err) {
  gradus_batch batch;
  gradus_status status =
      gradus_cursor_read(w->cursor, chunk * pass->chunk_rows, pass->chunk_rows, &batch, err);
  *rows = batch.rows;
  if (status > 0 || batch.rows == 0)
    return status;
  memset(w->accumulator, 0, pass->accumulator_size * sizeof(double));
  return pass->process(context, &batch, w->accumulator, w->scratch, err);
}

static gradus_status merge_chunk(const worker *w, const gradus_i_pass *pass, void *context,
                                 double *total, gradus_error *err) {
  if (pass->merge)
    return pass->merge(context, total, w->accumulator, err);
  for (size_t i = 0; i < pass->accumulator_size; i++)
    total[i] += w->accumulator[i];
  return GRADUS_OK;
}

/* In order, on this thread, until the source has no more rows. */
static gradus_status run_serial(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, double *total, gradus_error *err) {
  worker w = {0};
  gradus_status status = worker_open(&w, pass, source, err);
  size_t rows = 1;
  for (size_t chunk = 0; status <= 0 && rows > 0; chunk++) {
    status = process_chunk(&w, pass, context, chunk, &rows, err);
    if (status <= 0 && rows > 0)
      status = merge_chunk(&w, pass, context, total, err);
  }
  worker_close(&w);
  return status;
}

#ifdef _OPENMP
#include <omp.h>

static gradus_status run_parallel(const gradus_i_pass *pass, void *context,
                                  const gradus_source *source, int threads, size_t chunks,
                                  double *total, gradus_error *err) {
  /* The first failure in the order of the chunks is the one that is told: `failed` is read and
   * written in that order. */
  gradus_status failed = GRADUS_OK;
#pragma omp parallel num_threads(threads)
  {
    omp_set_num_threads(1);
    worker w = {0};
    gradus_error own = {0};
    gradus_status opened = worker_open(&w, pass, source, &own);
#pragma omp for ordered schedule(static, 1)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
      gradus_status status = opened, before;
      size_t rows = 0;
#pragma omp atomic read
      before = failed;
      if (status <= 0 && before <= 0)
        status = process_chunk(&w, pass, context, chunk, &rows, &own);
#pragma omp ordered
      {
        if (failed <= 0 && status <= 0 && rows > 0)
          status = merge_chunk(&w, pass, context, total, &own);
        if (failed <= 0 && status > 0) {
#pragma omp atomic write
          failed = status;
          gradus_i_fail(err, status, "%s", own.message);
        }
      }
    }
    worker_close(&w);
  }
  return failed;
}
#endif

gradus_status gradus_i_pass_run(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, int threads, double *total,
                                gradus_error *err) {
  memset(total, 0, pass->accumulator_size * sizeof(double));
#ifdef _OPENMP
  size_t rows = gradus_source_get_shape(source)->rows;
  size_t chunks = rows / pass->chunk_rows + (rows % pass->chunk_rows != 0);
  if (threads > 1 && chunks > 1 && gradus_source_random_access(source)) {
    int useful = chunks < (size_t)threads ? (int)chunks : threads;
    return run_parallel(pass, context, source, useful, chunks, total, err);
  }
#else
  (void)threads;
#endif
  return run_serial(pass, context, source, total, err);
}
