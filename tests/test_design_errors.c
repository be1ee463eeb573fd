// SPDX-License-Identifier: GPL-3.0-or-later
/* What designs refuse, and with which words; failing memory; what a model file may say. */
#include "../lib/data/internal.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const numbers = "y,x,z,f,m,e\n1,1,,a,1,\n2,2,3,b,x,\n3,4,5,a,3,\n4,7,6,b,4,\n";

static gradus_frame *frame_of(const char *csv) {
  gradus_error err = {0};
  gradus_frame *frame;
  gradus_csv_options options = {.name = "t.csv"};
  CHECK_STATUS(gradus_frame_parse_csv(&frame, csv, strlen(csv), &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

/* A design and its source, the source made and freed. */
static gradus_status fit(gradus_design **design, const char *formula, const gradus_frame *frame,
                         const gradus_design_options *options, gradus_error *err) {
  gradus_formula *parsed;
  gradus_source *source = NULL;
  *design = NULL;
  gradus_status status = gradus_formula_parse(&parsed, formula, err);
  if (!status)
    status = gradus_design_new(design, parsed, frame, options, err);
  if (!status)
    status = gradus_source_from_frame(&source, *design, frame, NULL, err);
  gradus_source_free(source);
  gradus_formula_free(parsed);
  return status;
}

static void refuses(const char *csv, const char *formula, const gradus_design_options *options,
                    gradus_status wanted, const char *words) {
  gradus_error err = {0};
  gradus_design *design;
  gradus_frame *frame = frame_of(csv);
  CHECK_STATUS(fit(&design, formula, frame, options, &err), wanted, &err);
  CHECK_CONTAINS(err.message, words);
  gradus_design_free(design);
  gradus_frame_free(frame);
}

static void columns_must_exist_and_fit(void) {
  refuses(numbers, "y ~ xx", NULL, GRADUS_ERROR_UNKNOWN_COLUMN,
          "t.csv has no column \"xx\"; did you mean \"x\"?");
  refuses(numbers, "Y ~ x", NULL, GRADUS_ERROR_UNKNOWN_COLUMN, "did you mean \"y\"?");
  refuses(numbers, "y ~ x - q", NULL, GRADUS_ERROR_UNKNOWN_COLUMN, "\"q\"");
  refuses(numbers, "y ~ m", NULL, GRADUS_ERROR_NOT_NUMERIC, "t.csv:3: column \"m\": \"x\"");
  refuses(numbers, "y ~ log(m)", NULL, GRADUS_ERROR_NOT_NUMERIC, "column \"m\"");
  refuses(numbers, "y ~ log(f)", NULL, GRADUS_ERROR_NOT_NUMERIC, "column \"f\" holds text");
  refuses(numbers, "y ~ offset(f)", NULL, GRADUS_ERROR_NOT_NUMERIC, "column \"f\" holds text");
  refuses(numbers, "y ~ poly(f, 2)", NULL, GRADUS_ERROR_NOT_NUMERIC, "column \"f\" holds text");
  refuses(numbers, "cbind(y, f) ~ x", NULL, GRADUS_ERROR_NOT_NUMERIC, "\"f\" holds text");
  refuses("y\n1\n", "y ~ .", NULL, GRADUS_ERROR_FORMULA, "stands for no column");
}

static void values_must_be_finite(void) {
  refuses("y,x\n1,1\n2,Inf\n", "y ~ x", NULL, GRADUS_ERROR_NON_FINITE,
          "t.csv: row 2: column \"x\" is infinite");
  refuses("y,x\n1,1\n-Inf,2\n", "y ~ x", NULL, GRADUS_ERROR_NON_FINITE,
          "row 2: column \"y\" is -infinite");
  refuses("y,x\n1,1\n2,Inf\n", "y ~ I(1/x)", NULL, GRADUS_ERROR_NON_FINITE, "row 2: column \"x\"");
  refuses("y,x\n1,1\n2,0\n", "y ~ log(x)", NULL, GRADUS_ERROR_NON_FINITE,
          "row 2: \"log(x)\" is -infinite");
  refuses("y,x\n1,1\n2,-1\n", "y ~ log(x)", NULL, GRADUS_ERROR_NON_FINITE,
          "row 2: \"log(x)\" is not a number");
  refuses("y,x\n1,1\n2,-1\n", "log(x) ~ y", NULL, GRADUS_ERROR_NON_FINITE, "\"log(x)\"");
  refuses("y,x\n1,1\n2,-1\n", "y ~ factor(sqrt(x))", NULL, GRADUS_ERROR_NON_FINITE,
          "\"factor(sqrt(x))\"");
  refuses("y,x\n1,1\n2,-1\n3,5\n", "y ~ poly(sqrt(x), 1)", NULL, GRADUS_ERROR_NON_FINITE,
          "row 2: the argument of \"poly(sqrt(x), 1)\"");
  refuses("y,x\n1,1\n2,1e200\n", "y ~ I(x^2)", NULL, GRADUS_ERROR_NON_FINITE, "row 2: \"I(x^2)\"");
  refuses("y,x\n1,1\n2,1e200\n", "y ~ poly(x, 2, raw)", NULL, GRADUS_ERROR_NON_FINITE, "row 2");
  refuses("y,x,z\n1,1,1\n2,1e200,1e200\n", "y ~ x:z", NULL, GRADUS_ERROR_NON_FINITE,
          "row 2: \"x:z\" is infinite");
  /* Not in a row that is left out anyway. */
  gradus_error err = {0};
  gradus_design *design;
  gradus_frame *frame = frame_of("y,x\n1,1\n,Inf\n2,3\n,0\n");
  CHECK_STATUS(fit(&design, "y ~ x + log(x)", frame, NULL, &err), GRADUS_OK, &err);
  gradus_design_free(design);
  gradus_frame_free(frame);
}

static void there_must_be_complete_rows_and_enough_values(void) {
  refuses(numbers, "y ~ x + e", NULL, GRADUS_ERROR_NO_COMPLETE_ROWS,
          "column \"e\" has no value in any row");
  refuses("y,x\n1,\n,2\n", "y ~ x", NULL, GRADUS_ERROR_NO_COMPLETE_ROWS, "none of the 2 rows");
  refuses(numbers, "y ~ poly(x, 4)", NULL, GRADUS_ERROR_FORMULA,
          "poly(x, 4) needs more than 4 distinct values, and its argument has 4");
  refuses("y,x\n1,2\n2,2\n", "y ~ scale(x)", NULL, GRADUS_ERROR_FORMULA, "is constant");
  refuses("y,f\n1,a\n2,a\n", "y ~ f", NULL, GRADUS_ERROR_FORMULA, "only one level, \"a\"");
}

static void weights_must_be_declared_and_good(void) {
  static const gradus_design_options none = {.weight_kind = GRADUS_WEIGHT_NONE, .weights = "w"};
  static const gradus_design_options good = {.weight_kind = GRADUS_WEIGHT_FREQUENCY,
                                             .weights = "w"};
  static const gradus_design_options text = {.weight_kind = GRADUS_WEIGHT_PRIOR, .weights = "f"};
  refuses("y,w\n1,1\n2,1\n", "y ~ 1", &none, GRADUS_ERROR_BAD_WEIGHT,
          "frequency (a row stands for w equal rows), analytic");
  refuses("y,w\n1,1\n2,\n", "y ~ 1", &good, GRADUS_ERROR_BAD_WEIGHT,
          "row 2: the weight in column \"w\" is missing");
  refuses("y,w\n1,1\n2,-1\n", "y ~ 1", &good, GRADUS_ERROR_BAD_WEIGHT, "is negative");
  refuses("y,w\n1,1\n2,Inf\n", "y ~ 1", &good, GRADUS_ERROR_BAD_WEIGHT, "is infinite");
  refuses("y,v\n1,1\n2,1\n", "y ~ 1", &good, GRADUS_ERROR_UNKNOWN_COLUMN, "\"w\"");
  refuses("y,f\n1,a\n2,b\n", "y ~ 1", &text, GRADUS_ERROR_NOT_NUMERIC, "\"f\"");
  refuses("y,f\n1,a\n2,b\n", "y ~ 1", &(gradus_design_options){.weight_kind = GRADUS_WEIGHT_PRIOR},
          GRADUS_ERROR_INVALID_ARGUMENT, "without a column");
}

static void other_frame(const char *formula, const char *csv, gradus_status wanted,
                        const char *words) {
  gradus_error err = {0};
  gradus_design *design;
  gradus_source *source;
  gradus_frame *frame = frame_of(numbers), *other = frame_of(csv);
  CHECK_STATUS(fit(&design, formula, frame, NULL, &err), GRADUS_OK, &err);
  gradus_frame_source_options options = {.without_response = true};
  CHECK_STATUS(gradus_source_from_frame(&source, design, other, &options, &err), wanted, &err);
  CU_ASSERT_EQUAL(source == NULL, wanted != GRADUS_OK);
  if (wanted)
    CHECK_CONTAINS(err.message, words);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_frame_free(other);
  gradus_frame_free(frame);
}

static void other_frames_must_fit_the_design(void) {
  other_frame("y ~ f", "f\na\nc\n", GRADUS_ERROR_UNKNOWN_LEVEL,
              "t.csv: row 2: \"c\" is no level of f that the model knows; it knows \"a\", \"b\"");
  other_frame("y ~ f", "f\n1\n2\n", GRADUS_ERROR_UNKNOWN_LEVEL, "row 1: \"1\"");
  other_frame(
      "y ~ factor(x)", "x\n1\n\n5\n", GRADUS_ERROR_UNKNOWN_LEVEL,
      "\"5\" is no level of factor(x) that the model knows; it knows \"1\", \"2\", \"4\", ");
  other_frame("y ~ x", "x\na\nb\n", GRADUS_ERROR_NOT_NUMERIC, "\"x\" holds text");
  other_frame("y ~ x", "x\n1\nb\n", GRADUS_ERROR_NOT_NUMERIC, "t.csv:3: column \"x\": \"b\"");
  other_frame("y ~ x", "z\n1\n", GRADUS_ERROR_UNKNOWN_COLUMN, "no column \"x\"");
  other_frame("y ~ log(x)", "x\n1\n0\n", GRADUS_ERROR_NON_FINITE, "row 2");
  other_frame("y ~ x", "x,z\n,1\n,1\n", GRADUS_ERROR_NO_COMPLETE_ROWS, "\"x\"");
  other_frame("log(y) ~ x + m - m", "x\n1\n", GRADUS_OK, "");
  other_frame("y ~ y:x", "x\n1\n", GRADUS_ERROR_UNKNOWN_COLUMN, "no column \"y\"");
}

/* ---- memory ---- */

static const char *const rich =
    "y ~ poly(x, 2)*f + scale(z) + factor(m) + I(x*z):f + offset(z) - x";

static gradus_status whole_way(const gradus_frame *frame, gradus_error *err) {
  gradus_design *design, *again = NULL;
  gradus_source *source = NULL;
  gradus_cursor *cursor = NULL;
  gradus_batch batch;
  gradus_i_design_state state = {0};
  gradus_design_options options = {.weight_kind = GRADUS_WEIGHT_ANALYTIC, .weights = "x"};
  gradus_status status = fit(&design, rich, frame, &options, err);
  if (!status)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (!status)
    status = gradus_cursor_open(&cursor, source, 10, err);
  if (!status)
    status = gradus_cursor_read(cursor, 0, 10, &batch, err);
  if (!status)
    status = gradus_i_design_save(design, &state, err);
  if (!status)
    status = gradus_i_design_restore(&again, &state, err);
  gradus_i_design_state_clear(&state);
  gradus_cursor_free(cursor);
  gradus_source_free(source);
  gradus_design_free(again);
  gradus_design_free(design);
  return status;
}

/* The k-th allocation fails for every k until none does. */
static void every_failed_allocation_is_reported_without_a_leak(void) {
  gradus_frame *frame =
      frame_of("y,x,z,f,m\n1,1,,a,1\n2,2,3,b,x\n3,4,5,a,3\n4,7,6,b,1\n5,8,8,a,3\n");
  failing_run run = {0};
  while (NEXT_FAILING(&run)) {
    gradus_error err = {0};
    run.status = whole_way(frame, &err);
  }
  CU_ASSERT_TRUE(run.at > 50);
  gradus_frame_free(frame);
}

/* ---- model files ---- */

static void a_restored_design_is_the_same(void) {
  gradus_error err = {0};
  gradus_frame *frame = frame_of(numbers);
  gradus_design *design, *again;
  gradus_i_design_state state;
  CHECK_STATUS(fit(&design, rich, frame, NULL, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_i_design_save(design, &state, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_i_design_restore(&again, &state, &err), GRADUS_OK, &err);
  gradus_i_design_state_clear(&state);
  CU_ASSERT_PTR_NOT_NULL_FATAL(again);
  CU_ASSERT_STRING_EQUAL(gradus_design_formula(again), gradus_design_formula(design));
  size_t p = gradus_design_columns(design);
  CU_ASSERT_EQUAL_FATAL(gradus_design_columns(again), p);
  gradus_design *designs[] = {design, again};
  double values[2][200];
  for (size_t k = 0; k < 2; k++) {
    gradus_source *source;
    gradus_cursor *cursor;
    gradus_batch batch;
    CHECK_STATUS(gradus_source_from_frame(&source, designs[k], frame, NULL, &err), GRADUS_OK, &err);
    CHECK_STATUS(gradus_cursor_open(&cursor, source, 4, &err), GRADUS_OK, &err);
    CHECK_STATUS(gradus_cursor_read(cursor, 0, 4, &batch, &err), GRADUS_OK, &err);
    memcpy(values[k], batch.x, 3 * p * sizeof(double));
    gradus_cursor_free(cursor);
    gradus_source_free(source);
  }
  for (size_t i = 0; i < p; i++)
    CU_ASSERT_STRING_EQUAL(gradus_design_column_name(again, i),
                           gradus_design_column_name(design, i));
  CU_ASSERT_EQUAL(memcmp(values[0], values[1], 3 * p * sizeof(double)), 0);
  gradus_design_free(again);
  gradus_design_free(design);
  gradus_frame_free(frame);
}

static void refuses_state(const char *formula, gradus_i_variable_state *variables, size_t count,
                          const char *words) {
  gradus_error err = {0};
  gradus_design *design;
  gradus_i_design_state state = {(char *)(uintptr_t)formula, variables, count};
  CHECK_STATUS(gradus_i_design_restore(&design, &state, &err), GRADUS_ERROR_MODEL_FILE, &err);
  CU_ASSERT_PTR_NULL(design);
  CHECK_CONTAINS(err.message, words);
  gradus_design_free(design);
}

static void a_damaged_state_is_refused(void) {
  char y[] = "y", x[] = "x", f[] = "factor(x)", poly[] = "poly(x, 2)", scale[] = "scale(x)";
  char a[] = "a", b[] = "b";
  char *levels[] = {a, b}, *same[] = {a, a}, *hole[] = {a, NULL};
  double good[] = {1, 2, 3, 4, 5}, zero[] = {1, 2, 3, 0, 5}, bad[] = {1, 2, 3, 4, NAN};
  gradus_i_variable_state v[2] = {{.text = y}, {.text = x}};
  refuses_state(NULL, v, 2, "no formula");
  refuses_state("y ~ x", NULL, 2, "no variables");
  refuses_state("y ~ x +", v, 2, "expected a term");
  refuses_state("y ~ .", v, 2, "needs a data set");
  refuses_state("y ~ z", v, 2, "\"z\" is missing");
  refuses_state("y ~ 1", v, 2, "2 variables, where the formula has 1");
  refuses_state("y ~ x", v, 1, "\"x\" is missing");
  v[1].text = NULL;
  refuses_state("y ~ x", v, 2, "\"x\" is missing");
  v[1] = (gradus_i_variable_state){.text = x, .constants = good, .constant_count = 1};
  refuses_state("y ~ x", v, 2, "has constants and needs none");
  v[1] = (gradus_i_variable_state){.text = f};
  refuses_state("y ~ factor(x)", v, 2, "factor without levels");
  v[1].level_count = 2;
  refuses_state("y ~ factor(x)", v, 2, "factor without levels");
  v[1].levels = same;
  refuses_state("y ~ factor(x)", v, 2, "a level twice");
  v[1].levels = hole;
  refuses_state("y ~ factor(x)", v, 2, "a level without text");
  v[1].levels = levels;
  v[1].constant_count = 1;
  refuses_state("y ~ factor(x)", v, 2, "factor with constants");
  v[1] = (gradus_i_variable_state){.text = poly, .levels = levels, .level_count = 2};
  refuses_state("y ~ poly(x, 2)", v, 2, "has levels and is no factor");
  v[1] = (gradus_i_variable_state){.text = poly, .constants = good, .constant_count = 4};
  refuses_state("y ~ poly(x, 2)", v, 2, "wrong number of constants");
  v[1] = (gradus_i_variable_state){.text = poly, .constants = zero, .constant_count = 5};
  refuses_state("y ~ poly(x, 2)", v, 2, "a constant that cannot be");
  v[1] = (gradus_i_variable_state){.text = poly, .constants = bad, .constant_count = 5};
  refuses_state("y ~ poly(x, 2)", v, 2, "a constant that cannot be");
  refuses_state("y ~ poly(x, 99999)", v, 2, "the degree of poly()");
  v[1] = (gradus_i_variable_state){.text = scale, .constant_count = 2};
  refuses_state("y ~ scale(x)", v, 2, "wrong number of constants");
}

/* ---- random formulas over real columns ---- */

static unsigned pick(uint64_t *state, unsigned count) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (unsigned)(*state % count);
}

static void random_formula(gradus_i_text *text, uint64_t *state, int depth) {
  static const char *const leaves[] = {"x",
                                       "z",
                                       "f",
                                       "g",
                                       "0",
                                       "1",
                                       "I(x^2)",
                                       "poly(x, 2)",
                                       "factor(z)",
                                       ".",
                                       "log(x)",
                                       "offset(z)",
                                       "poly(z,3,raw)",
                                       "y",
                                       "scale(x)",
                                       "I(x/z-1)",
                                       "factor(x-z)"};
  static const char *const operators[] = {" + ", " - ", "*", ":", "/", " %in% ", " + ", " + "};
  if (depth == 0 || pick(state, 4) == 0) {
    gradus_i_text_string(text, leaves[pick(state, sizeof leaves / sizeof *leaves)]);
    return;
  }
  bool parentheses = pick(state, 2) != 0;
  gradus_i_text_string(text, parentheses ? "(" : "");
  random_formula(text, state, depth - 1);
  gradus_i_text_string(text, operators[pick(state, 8)]);
  random_formula(text, state, depth - 1);
  gradus_i_text_string(text, parentheses ? ")" : "");
  gradus_i_text_string(text, parentheses && pick(state, 4) == 0 ? "^2" : "");
}

static void random_formulas_give_designs_or_errors(void) {
  gradus_frame *frame =
      frame_of("y,x,z,f,g\n1,1,2,a,u\n2,2,3,b,v\n3,4,5,a,w\n4,7,,b,w\n5,8,8,c,u\n6,9,1,a,v\n");
  uint64_t state = 2463534242u;
  size_t made = 0;
  for (int round = 0; round < 3000; round++) {
    gradus_i_text text = {0};
    gradus_i_text_string(&text, "y ~ ");
    random_formula(&text, &state, 1 + round % 4);
    gradus_error err = {0};
    gradus_design *design;
    gradus_source *source = NULL;
    gradus_cursor *cursor = NULL;
    gradus_batch batch;
    gradus_status status = fit(&design, text.data, frame, NULL, &err);
    CU_ASSERT_TRUE(status == GRADUS_OK || status == GRADUS_ERROR_FORMULA ||
                   status == GRADUS_ERROR_NON_FINITE);
    bool good = !status && !gradus_source_from_frame(&source, design, frame, NULL, &err) &&
                !gradus_cursor_open(&cursor, source, 10, &err) &&
                !gradus_cursor_read(cursor, 0, 10, &batch, &err);
    size_t p = good ? gradus_design_columns(design) : 0;
    for (size_t i = 0; good && i < batch.rows * p; i++)
      CU_ASSERT_TRUE(isfinite(batch.x[i]) && (!batch.x_low || isfinite(batch.x_low[i])));
    made += good;
    gradus_cursor_free(cursor);
    gradus_source_free(source);
    gradus_design_free(design);
    gradus_i_text_clear(&text);
  }
  CU_ASSERT_TRUE(made > 2000);
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"columns must exist and be of the right type", columns_must_exist_and_fit},
      {"values must be finite", values_must_be_finite},
      {"there must be complete rows and enough values",
       there_must_be_complete_rows_and_enough_values},
      {"weights must be declared and good", weights_must_be_declared_and_good},
      {"other frames must fit the design", other_frames_must_fit_the_design},
      {"every failed allocation is reported, without a leak",
       every_failed_allocation_is_reported_without_a_leak},
      {"a restored design is the same", a_restored_design_is_the_same},
      {"a damaged state is refused", a_damaged_state_is_refused},
      {"random formulas give designs or errors", random_formulas_give_designs_or_errors},
  };
  return test_main("design_errors", cases, sizeof cases / sizeof *cases);
}
