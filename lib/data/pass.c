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

/* Chunks are reduced one after the other within a group, groups side by side, and then the groups'
   accumulators are merged in order. How many groups there are depends on the problem alone, never
   on the number of threads. */
static size_t count_groups(const gradus_i_pass *pass, size_t chunks) {
  enum { FEWEST = 8, MOST = 64, BYTES = 4 << 20 };
  size_t groups = BYTES / (pass->accumulator_size * sizeof(double) + 1);
  groups = groups < FEWEST ? FEWEST : groups > MOST ? MOST : groups;
  size_t worth = (chunks + 1) / 2; /* an accumulator for at least two chunks */
  return groups < worth ? groups : worth;
}

/* Chunks first..end-1 (or all that the source has) into an accumulator. */
static gradus_status run_chunks(const gradus_i_pass *pass, void *context, gradus_cursor *cursor,
                                size_t first, size_t end, double *accumulator, double *scratch,
                                gradus_error *err) {
  gradus_status status = GRADUS_OK;
  gradus_batch batch = {.rows = 1};
  size_t rows = pass->chunk_rows, position = first * rows;
  size_t last = end == SIZE_MAX ? SIZE_MAX : end * rows;
  /* A source may hand out fewer rows than it is asked for. */
  while (status <= 0 && batch.rows > 0 && position < last) {
    size_t wanted = last - position < rows ? last - position : rows;
    status = gradus_cursor_read(cursor, position, wanted, &batch, err);
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

/* The groups of one pass. The first one's accumulator is the total itself. */
typedef struct group_set {
  const gradus_i_pass *pass;
  void *context;
  const gradus_source *source;
  size_t chunks, groups;
  double *total, *others;
  /* The first failure in the order of the groups. */
  size_t failed_group;
  gradus_status failed;
  gradus_error error;
} group_set;

static double *accumulator_of(const group_set *set, size_t group) {
  return group == 0 ? set->total : set->others + (group - 1) * set->pass->accumulator_size;
}

static void note_failure(group_set *set, size_t group, gradus_status status,
                         const gradus_error *error) {
#pragma omp critical(gradus_pass_failure)
  if (group < set->failed_group) {
    set->failed_group = group;
    set->failed = status;
    set->error = *error;
  }
}

static void run_groups(group_set *set) {
  gradus_error own = {0};
  gradus_cursor *cursor = NULL;
  double *scratch = gradus_i_allocate_raw(set->pass->scratch_size, sizeof *scratch);
  gradus_status opened = scratch
                             ? gradus_cursor_open(&cursor, set->source, set->pass->chunk_rows, &own)
                             : gradus_i_out_of_memory(&own);
#pragma omp for schedule(dynamic, 1)
  for (size_t group = 0; group < set->groups; group++) {
    size_t first = group * set->chunks / set->groups;
    size_t end = (group + 1) * set->chunks / set->groups;
    gradus_status status = opened;
    if (status <= 0)
      status = run_chunks(set->pass, set->context, cursor, first, end, accumulator_of(set, group),
                          scratch, &own);
    if (status > 0)
      note_failure(set, group, status, &own);
  }
  gradus_cursor_free(cursor);
  gradus_i_release(scratch);
}

static gradus_status run_side_by_side(group_set *set, int threads, gradus_error *err) {
  size_t cells, others = set->groups - 1;
  if (gradus_i_multiply(others, set->pass->accumulator_size, &cells))
    set->others = gradus_i_allocate(cells, sizeof *set->others);
  if (!set->others)
    return gradus_i_out_of_memory(err);
  int useful = set->groups < (size_t)threads ? (int)set->groups : threads;
  (void)useful;
#pragma omp parallel num_threads(useful)
  {
    gradus_i_thread_scope scope = gradus_i_threads_begin(1);
    run_groups(set);
    gradus_i_threads_end(scope);
  }
  gradus_status status = set->failed;
  if (status > 0)
    gradus_i_fail(err, status, "%s", set->error.message);
  for (size_t group = 1; status <= 0 && group < set->groups; group++)
    status = merge(set->pass, set->context, set->total, accumulator_of(set, group), err);
  gradus_i_release(set->others);
  return status;
}

/* The same on one thread: one accumulator serves all groups but the first, to the same bits. */
static gradus_status run_in_turn(const group_set *set, gradus_error *err) {
  const gradus_i_pass *pass = set->pass;
  gradus_cursor *cursor = NULL;
  double *memory =
      gradus_i_allocate_raw(pass->accumulator_size + pass->scratch_size, sizeof *memory);
  if (!memory)
    return gradus_i_out_of_memory(err);
  double *scratch = memory + pass->accumulator_size;
  gradus_i_thread_scope scope = gradus_i_threads_begin(1);
  gradus_status status = gradus_cursor_open(&cursor, set->source, pass->chunk_rows, err);
  for (size_t group = 0; status <= 0 && group < set->groups; group++) {
    double *accumulator = group == 0 ? set->total : memory;
    if (group > 0)
      memset(memory, 0, pass->accumulator_size * sizeof *memory);
    status = run_chunks(pass, set->context, cursor, group * set->chunks / set->groups,
                        (group + 1) * set->chunks / set->groups, accumulator, scratch, err);
    if (status <= 0 && group > 0)
      status = merge(pass, set->context, set->total, memory, err);
  }
  gradus_cursor_free(cursor);
  gradus_i_threads_end(scope);
  gradus_i_release(memory);
  return status;
}

gradus_status gradus_i_pass_run(const gradus_i_pass *pass, void *context,
                                const gradus_source *source, int threads, double *total,
                                gradus_error *err) {
  memset(total, 0, pass->accumulator_size * sizeof(double));
  size_t rows = gradus_source_get_shape(source)->rows;
  size_t chunks = rows / pass->chunk_rows + (rows % pass->chunk_rows != 0);
  group_set set = {.pass = pass,
                   .context = context,
                   .source = source,
                   .chunks = chunks,
                   .groups = count_groups(pass, chunks),
                   .total = total,
                   .failed_group = SIZE_MAX};
  if (set.groups <= 1) { /* or a stream of unknown length */
    set.groups = 1;
    set.chunks = SIZE_MAX;
  }
  bool side_by_side = threads > 1 && set.groups > 1 && gradus_source_random_access(source);
  return side_by_side ? run_side_by_side(&set, threads, err) : run_in_turn(&set, err);
}
