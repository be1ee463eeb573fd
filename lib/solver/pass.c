// SPDX-License-Identifier: GPL-3.0-or-later
/* Passes over a source in chunks of rows, on several threads, reduced in a fixed order. */
#include "internal.h"

#include <string.h>

size_t gradus_i_chunk_rows(size_t row_size) {
  enum { DOUBLES = 65536, FEWEST = 1024, MOST = 4096 };
  size_t rows = DOUBLES / (row_size ? row_size : 1);
  rows -= rows % 8;
  return rows < FEWEST ? FEWEST : rows > MOST ? MOST : rows;
}

/* Chunks are reduced one after the other within a group, groups side by side, and then the groups'
   accumulators in order. How many groups there are depends on the problem alone, never on the
   number of threads. */
static size_t count_groups(const gradus_i_pass *pass, size_t chunks) {
  enum { FEWEST = 8, MOST = 64, BYTES = 4 << 20 };
  size_t groups = BYTES / (pass->accumulator_size * sizeof(double) + 1);
  groups = groups < FEWEST ? FEWEST : groups > MOST ? MOST : groups;
  return groups < chunks ? groups : chunks;
}

/* Chunks first..end-1 (or all that the source has) into an accumulator. */
static gradus_status run_chunks(const gradus_i_pass *pass, void *context, gradus_cursor *cursor,
                                size_t first, size_t end, double *accumulator, double *scratch,
                                gradus_error *err) {
  gradus_status status = GRADUS_OK;
  gradus_batch batch = {.rows = 1};
  size_t position = first * pass->chunk_rows;
  for (size_t chunk = first; status <= 0 && batch.rows > 0 && chunk < end; chunk++) {
    status = gradus_cursor_read(cursor, position, pass->chunk_rows, &batch, err);
    if (status <= 0 && batch.rows > 0)
      status = pass->process(context, &batch, accumulator, scratch, err);
    position += batch.rows;
  }
  return status;
}

static gradus_status merge(const gradus_i_pass *pass, void *context, double *total,
                           const double *accumulator, gradus_error *err) {
  if (pass->merge)
    return pass->merge(context, total, accumulator, err);
  for (size_t i = 0; i < pass->accumulator_size; i++)
    total[i] += accumulator[i];
  return GRADUS_OK;
}

/* A source that is read in order, of unknown length: one group. */
static gradus_status run_stream(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, double *total, gradus_error *err) {
  gradus_cursor *cursor = NULL;
  double *scratch = gradus_i_allocate_raw(pass->scratch_size, sizeof *scratch);
  gradus_status status = scratch ? gradus_cursor_open(&cursor, source, pass->chunk_rows, err)
                                 : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = run_chunks(pass, context, cursor, 0, SIZE_MAX, total, scratch, err);
  gradus_cursor_free(cursor);
  gradus_i_release(scratch);
  return status;
}

/* The first failure in the order of the groups. */
typedef struct failure {
  size_t group;
  gradus_status status;
  gradus_error error;
} failure;

static void note_failure(failure *failed, size_t group, gradus_status status,
                         const gradus_error *error) {
#pragma omp critical(gradus_pass_failure)
  if (group < failed->group)
    *failed = (failure){group, status, *error};
}

static void run_groups(const gradus_i_pass *pass, void *context, const gradus_source *source,
                       size_t chunks, size_t groups, double *accumulators, failure *failed) {
  gradus_error own = {0};
  gradus_cursor *cursor = NULL;
  double *scratch = gradus_i_allocate_raw(pass->scratch_size, sizeof *scratch);
  gradus_status opened = scratch ? gradus_cursor_open(&cursor, source, pass->chunk_rows, &own)
                                 : gradus_i_out_of_memory(&own);
#pragma omp for schedule(dynamic, 1)
  for (size_t group = 0; group < groups; group++) {
    size_t first = group * chunks / groups, end = (group + 1) * chunks / groups;
    gradus_status status = opened;
    if (status <= 0)
      status = run_chunks(pass, context, cursor, first, end,
                          accumulators + group * pass->accumulator_size, scratch, &own);
    if (status > 0)
      note_failure(failed, group, status, &own);
  }
  gradus_cursor_free(cursor);
  gradus_i_release(scratch);
}

gradus_status gradus_i_pass_run(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, int threads, double *total,
                                gradus_error *err) {
  memset(total, 0, pass->accumulator_size * sizeof(double));
  size_t rows = gradus_source_get_shape(source)->rows, cells;
  size_t chunks = rows / pass->chunk_rows + (rows % pass->chunk_rows != 0);
  size_t groups = count_groups(pass, chunks);
  if (groups <= 1 || !gradus_source_random_access(source))
    return run_stream(pass, context, source, total, err);
  double *accumulators = gradus_i_multiply(groups, pass->accumulator_size, &cells)
                             ? gradus_i_allocate(cells, sizeof *accumulators)
                             : NULL;
  if (!accumulators)
    return gradus_i_out_of_memory(err);
  failure failed = {.group = SIZE_MAX};
  int useful = groups < (size_t)threads ? (int)groups : threads;
#pragma omp parallel num_threads(useful)
  {
    gradus_i_thread_scope scope = gradus_i_threads_begin(1);
    run_groups(pass, context, source, chunks, groups, accumulators, &failed);
    gradus_i_threads_end(scope);
  }
  gradus_status status = failed.status;
  if (status > 0)
    gradus_i_fail(err, status, "%s", failed.error.message);
  for (size_t group = 0; status <= 0 && group < groups; group++)
    status = merge(pass, context, total, accumulators + group * pass->accumulator_size, err);
  gradus_i_release(accumulators);
  (void)useful;
  return status;
}
