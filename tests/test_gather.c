// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in any order from every kind of source. */
#include "../lib/model/internal.h"
#include "support/counting.h"

#include <stdlib.h>

enum { MOST = 32 };

static void check_same(const gradus_batch *got, size_t i, const gradus_batch *all, size_t at,
                       const gradus_source_shape *shape) {
  for (size_t j = 0; j < shape->columns; j++) {
    CU_ASSERT_EQUAL(got->x[i * got->x_stride + j], all->x[at * all->x_stride + j]);
    if (all->x_low)
      CU_ASSERT_EQUAL(got->x_low[i * got->x_stride + j], all->x_low[at * all->x_stride + j]);
  }
  for (size_t r = 0; r < shape->responses; r++)
    CU_ASSERT_EQUAL(got->y[i * got->y_stride + r], all->y[at * all->y_stride + r]);
  CU_ASSERT_EQUAL_FATAL(got->weight != NULL, all->weight != NULL);
  CU_ASSERT_EQUAL_FATAL(got->offset != NULL, all->offset != NULL);
  if (all->weight)
    CU_ASSERT_EQUAL(got->weight[i], all->weight[at]);
  if (all->offset)
    CU_ASSERT_EQUAL(got->offset[i], all->offset[at]);
  CU_ASSERT_EQUAL(got->row[i], all->row ? all->row[at] : at);
}

/* Gathered rows are those that a read of all rows has. */
static void check_gather(const gradus_source *source) {
  enum { SIZE = 7, CALLS = 9 };
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  gradus_cursor *all_rows, *cursor;
  gradus_batch all, got;
  size_t n = shape->rows, positions[2 * SIZE];
  CHECK_STATUS(gradus_cursor_open(&all_rows, source, n, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_read(all_rows, 0, n, &all, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(all.rows, n);
  CHECK_STATUS(gradus_cursor_open(&cursor, source, SIZE, NULL), GRADUS_OK, NULL);
  for (size_t call = 0; call < CALLS; call++) {
    for (size_t i = 0; i < 2 * SIZE; i++)
      positions[i] = (call * 31 + i * i * 17 + (i == 2 ? n - 1 : 0)) % n;
    size_t count = call % 2 ? SIZE : 3;
    CHECK_STATUS(gradus_cursor_gather(cursor, positions, count, SIZE, &got, NULL), GRADUS_OK, NULL);
    CU_ASSERT_EQUAL(got.rows, count);
    for (size_t i = 0; i < count; i++)
      check_same(&got, i, &all, positions[i], shape);
    /* And reading goes on as if nothing had been. */
    CHECK_STATUS(gradus_cursor_read(cursor, call, 1, &got, NULL), GRADUS_OK, NULL);
    CU_ASSERT(got.rows == 1 && got.x[0] == all.x[call * all.x_stride]);
  }
  positions[1] = n;
  CHECK_STATUS(gradus_cursor_gather(cursor, positions, 2, 0, &got, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_cursor_gather(cursor, positions, SIZE + 1, 0, &got, NULL),
               GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  gradus_cursor_free(all_rows);
  gradus_cursor_free(cursor);
}

static void matrices_give_rows_in_any_order(void) {
  model_rows q;
  model_rows_read_design(&q, "Insurance_poisson_offset");
  model_rows_finish(&q, "poisson", "log", 0);
  check_gather(q.source);
  gradus_source *bare = NULL; /* inputs alone, and few columns of many */
  gsl_matrix_view some = gsl_matrix_submatrix(q.x, 0, 1, q.n, 3);
  CHECK_STATUS(
      gradus_source_from_matrix(&bare, &some.matrix, NULL, NULL, GRADUS_WEIGHT_NONE, NULL, NULL),
      GRADUS_OK, NULL);
  check_gather(bare);
  gradus_source_free(bare);
  model_rows_close(&q);
}

/* A frame with missing rows, a factor, a product, weights and an offset; a response of one column
   and one of two, then as trials. */
static void check_frame(const char *text, gradus_weight_kind kind, bool grouped) {
  gradus_frame *frame = NULL;
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL, *derived = NULL, *scaled = NULL;
  gradus_error err = {0};
  gradus_design_options options = {.weights = kind ? "Wind" : NULL, .weight_kind = kind};
  double centre[MOST] = {1, 2, 3}, factor[MOST];
  for (size_t j = 0; j < MOST; j++)
    factor[j] = 0.5 + (double)j;
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@airquality", NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&formula, text, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&design, formula, frame, &options, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_source_from_frame(&source, design, frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  check_gather(source);
  if (grouped) {
    CHECK_STATUS(gradus_i_group_trials(&derived, source, &err), GRADUS_OK, &err);
    check_gather(derived);
  }
  CHECK_STATUS(gradus_i_scale_source(&scaled, derived ? derived : source, centre, factor, &err),
               GRADUS_OK, &err);
  check_gather(scaled);
  gradus_source_free(scaled);
  gradus_source_free(derived);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(formula);
  gradus_frame_free(frame);
}

static void frames_and_what_is_derived_from_them_too(void) {
  check_frame("Temp ~ Day", GRADUS_WEIGHT_NONE, false);
  check_frame("Temp ~ Day + Month", GRADUS_WEIGHT_ANALYTIC, false);
  check_frame("Temp ~ Solar.R * factor(Month) + poly(Day, 2) + offset(Day)", GRADUS_WEIGHT_ANALYTIC,
              false);
  check_frame("cbind(Day, Month) ~ Ozone + I(Temp^2)", GRADUS_WEIGHT_NONE, true);
}

static void streams_cannot_be_gathered_and_say_so(void) {
  model_rows q;
  counting c;
  gradus_cursor *cursor;
  gradus_batch batch;
  gradus_error err = {0};
  model_rows_make_logistic(&q, 20, 2);
  gradus_source *source = make_counting(&c, &q, false), *stream;
  check_gather(source);
  gradus_source_free(source);
  free(c.reads);
  stream = make_counting(&c, &q, true);
  CHECK_STATUS(gradus_cursor_open(&cursor, stream, 5, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_gather(cursor, (size_t[]){3}, 1, 0, &batch, &err),
               GRADUS_ERROR_UNSUPPORTED, &err);
  CHECK_CONTAINS(err.message, "in order only");
  gradus_cursor_free(cursor);
  gradus_source_free(stream);
  free(c.reads);
  model_rows_close(&q);
}

/* What is made from a stream is one. */
static void what_is_derived_from_streams_is_read_in_order(void) {
  model_rows q;
  counting c;
  gradus_source *grouped = NULL, *scaled = NULL;
  const double centre[] = {0, 0}, factor[] = {1, 1};
  model_rows_open(&q, 20, 2, 2);
  model_rows_finish(&q, NULL, NULL, 0);
  for (int stream = 0; stream < 2; stream++) {
    gradus_source *source = make_counting(&c, &q, stream == 1);
    CHECK_STATUS(gradus_i_group_trials(&grouped, source, NULL), GRADUS_OK, NULL);
    CHECK_STATUS(gradus_i_scale_source(&scaled, grouped, centre, factor, NULL), GRADUS_OK, NULL);
    CU_ASSERT_EQUAL(gradus_source_random_access(grouped), stream == 0);
    CU_ASSERT_EQUAL(gradus_source_random_access(scaled), stream == 0);
    gradus_source_free(scaled);
    gradus_source_free(grouped);
    gradus_source_free(source);
    free(c.reads);
  }
  model_rows_close(&q);
}

/* A copy of rows, each from a part of its own, and none of them in step with a period. */
static void samples_are_spread_over_all_rows(void) {
  enum { ROWS = 40 };
  model_rows q;
  gradus_source *sample = NULL;
  gradus_cursor *cursor;
  gradus_batch batch;
  size_t phase[10] = {0};
  model_rows_make_logistic(&q, 10 * ROWS, 3);
  CHECK_STATUS(gradus_i_sample_source(&sample, q.source, ROWS, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_open(&cursor, sample, ROWS, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, ROWS, &batch, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL_FATAL(batch.rows, ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    CU_ASSERT_EQUAL(batch.row[i] / 10, i);
    phase[batch.row[i] % 10]++;
    for (size_t j = 0; j < 3; j++)
      CU_ASSERT_EQUAL(batch.x[i * batch.x_stride + j], gsl_matrix_get(q.x, batch.row[i], j));
    CU_ASSERT_EQUAL(batch.y[i * batch.y_stride], gsl_matrix_get(q.y, batch.row[i], 0));
  }
  for (size_t i = 0; i < 10; i++)
    CU_ASSERT(phase[i] >= 2 && phase[i] <= 6);
  gradus_cursor_free(cursor);
  gradus_source_free(sample);
  CHECK_STATUS(gradus_i_sample_source(&sample, q.source, 20 * ROWS, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(gradus_source_get_shape(sample)->rows, 10 * ROWS);
  check_gather(sample);
  gradus_source_free(sample);
  model_rows_close(&q);
}

/* Hands out one row more than it is asked for. */
static gradus_status read_too_many(const void *data, void *cursor, size_t first, size_t max_rows,
                                   gradus_batch *batch, gradus_error *err) {
  (void)cursor, (void)err;
  *batch = (gradus_batch){.rows = max_rows + 1, .first = first, .x = data};
  return GRADUS_OK;
}

static void more_rows_than_asked_for_are_refused(void) {
  static const gradus_source_type generous = {.name = "generous", .read = read_too_many};
  double x[16] = {0};
  gradus_source_shape shape = {.columns = 1};
  gradus_source *source = NULL;
  gradus_cursor *cursor = NULL;
  gradus_batch batch;
  gradus_error err = {0};
  CHECK_STATUS(gradus_source_new(&source, &generous, x, &shape, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_open(&cursor, source, 4, NULL), GRADUS_OK, NULL);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, 4, &batch, &err), GRADUS_ERROR_INVALID_ARGUMENT, &err);
  CHECK_CONTAINS(err.message, "\"generous\" handed out 5 rows where 4 were asked");
  CU_ASSERT_EQUAL(batch.rows, 0);
  gradus_cursor_free(cursor);
  gradus_source_free(source);
}

int main(void) {
  static const test_case cases[] = {
      {"matrices give rows in any order", matrices_give_rows_in_any_order},
      {"frames, and what is derived from them, too", frames_and_what_is_derived_from_them_too},
      {"streams cannot be gathered, and say so", streams_cannot_be_gathered_and_say_so},
      {"what is derived from streams is read in order",
       what_is_derived_from_streams_is_read_in_order},
      {"samples are spread over all rows", samples_are_spread_over_all_rows},
      {"more rows than asked for are refused", more_rows_than_asked_for_are_refused},
  };
  return test_main("gather", cases, sizeof cases / sizeof *cases);
}
