// SPDX-License-Identifier: GPL-3.0-or-later
/* Factors that are to be embedded: what the design makes of them, and which cannot be. */
#include "support/table.h"

static const size_t four[] = {4};

static void a_factor_is_one_column_of_its_levels_numbers(void) {
  static const char *const names[] = {"tension", "factor(number)"};
  gradus_frame *frame = NULL;
  gradus_formula *formula = NULL;
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  gradus_cursor *cursor = NULL;
  gradus_batch batch;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_new(&frame, 4, &err), GRADUS_OK, &err);
  gradus_frame_add_text(frame, "tension", (const char *const[]){"M", "H", NULL, "L"}, &err);
  gradus_frame_add_text(frame, "wool", (const char *const[]){"B", "A", "A", "B"}, &err);
  gradus_frame_add_numeric(frame, "number", (const double[]){30, 5, 5, 7}, 1, &err);
  gradus_frame_add_numeric(frame, "x", (const double[]){0.5, 1.5, 2.5, 3.5}, 1, &err);
  gradus_formula_parse(&formula, "~ tension + x + factor(number) + wool", &err);
  gradus_design_options options = {.codes = names, .code_count = 2};
  CHECK_STATUS(gradus_design_new(&design, formula, frame, &options, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(design);
  CU_ASSERT_EQUAL_FATAL(gradus_design_columns(design), 4);
  static const char *const columns[] = {"tension", "x", "factor(number)", "woolB"};
  static const size_t levels[] = {3, 0, 3, 0};
  for (size_t j = 0; j < 4; j++) {
    CU_ASSERT_STRING_EQUAL(gradus_design_column_name(design, j), columns[j]);
    CU_ASSERT_EQUAL(gradus_design_column_levels(design, j), levels[j]);
  }
  CU_ASSERT_STRING_EQUAL(gradus_design_column_level(design, 0, 2), "M");
  CU_ASSERT_STRING_EQUAL(gradus_design_column_level(design, 2, 1), "7");
  CU_ASSERT_PTR_NULL(gradus_design_column_level(design, 0, 3));
  CU_ASSERT_PTR_NULL(gradus_design_column_level(design, 1, 0));
  gradus_source_from_frame(&source, design, frame, NULL, &err);
  gradus_cursor_open(&cursor, source, 4, &err);
  CHECK_STATUS(gradus_cursor_read(cursor, 0, 4, &batch, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(batch.rows, 3); /* one has no tension */
  static const double x[3][4] = {{2, 0.5, 2, 1}, {0, 1.5, 0, 0}, {1, 3.5, 1, 1}};
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 4; j++)
      CU_ASSERT_EQUAL(batch.x[i * batch.x_stride + j], x[i][j]);
  gradus_cursor_free(cursor);
  gradus_source_free(source);
  gradus_design_free(design);
  gradus_formula_free(formula);
  gradus_frame_free(frame);
}

typedef struct refusal {
  const char *formula, *factor, *says;
} refusal;

static void what_cannot_be_embedded_is_refused_with_a_sentence(void) {
  static const refusal refusals[] = {
      {"breaks ~ wool + tension", "woll", "has no factor \"woll\" to embed; it has: wool, tension"},
      {"breaks ~ tension", "wool", "has no factor \"wool\" to embed; it has: tension"},
      {"breaks ~ . - wool", "wool", "has no factor \"wool\" to embed; it has: tension"},
      {"wool ~ tension", "wool", "has no factor \"wool\" to embed; it has: tension"},
      {"wool ~ breaks", "wool", "nor any other: factor(x) makes one of a number"},
      {"wool ~ breaks", "breaks",
       "\"breaks\" is a number in the formula, and no factor to embed: "
       "write factor(breaks) there"},
      {"wool ~ log(breaks)", "breaks", "\"breaks\" stands in the formula only within log(breaks)"},
      {"wool ~ factor(breaks)", "breaks", "\"breaks\" stands in the formula as factor(breaks)"},
      {"breaks ~ wool * tension", "wool", "wool stands in the interaction wool:tension"},
      {"breaks ~ wool:tension", "tension", "tension stands in the interaction wool:tension"},
      {"breaks ~ wool + tension", "output", "has no factor \"output\""},
  };
  gradus_frame *frame = table_open("@warpbreaks");
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    const gradus_embedding embedding = {.name = refusals[i].factor};
    gradus_network_options options = {
        .hidden = four, .hidden_count = 1, .embeddings = &embedding, .embedding_count = 1};
    gradus_status status = gradus_network_fit(&fit, refusals[i].formula, frame, &options, &err);
    CHECK_STATUS(status, GRADUS_ERROR_INVALID_ARGUMENT, &err);
    CHECK_CONTAINS(err.message, refusals[i].says);
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_frame_free(frame);
}

static void options_that_do_not_go_together_are_refused(void) {
  static const size_t shape[] = {1, 2};
  static const gradus_embedding wool[] = {{.name = "wool"}, {.name = "wool"}};
  static const gradus_embedding column = {.name = "wool", .column = 1, .levels = 2};
  const struct {
    gradus_network_options options;
    const char *says;
  } refusals[] = {
      {{.embeddings = wool, .embedding_count = 2}, "the factor wool is to be embedded twice"},
      {{.embeddings = &column, .embedding_count = 1}, "leave both 0"},
      {{.embeddings = wool, .embedding_count = 1, .input_shape = shape, .input_rank = 2},
       "a factor is one column: where several columns are places or steps"},
      {{.layers = "dense 2, relu",
        .channels_first = true,
        .embeddings = wool,
        .embedding_count = 1},
       "must not come with its channels first"},
      {{.architecture = "{\"embeddings\": [{\"name\": \"a\", \"column\": 1, \"levels\": 2, "
                        "\"units\": 1}], \"layers\": [{\"type\": \"dense\", \"name\": "
                        "\"output\"}]}"},
       "say which of its factors are to be embedded"},
  };
  gradus_frame *frame = table_open("@warpbreaks");
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    gradus_fit *fit = NULL;
    gradus_error err = {0};
    CHECK_STATUS(
        gradus_network_fit(&fit, "breaks ~ wool + tension", frame, &refusals[i].options, &err),
        GRADUS_ERROR_INVALID_ARGUMENT, &err);
    CHECK_CONTAINS(err.message, refusals[i].says);
    CU_ASSERT_PTR_NULL(fit);
  }
  gradus_frame_free(frame);
}

int main(void) {
  static const test_case cases[] = {
      {"a factor is one column of its levels' numbers",
       a_factor_is_one_column_of_its_levels_numbers},
      {"what cannot be embedded is refused with a sentence",
       what_cannot_be_embedded_is_refused_with_a_sentence},
      {"options that do not go together are refused", options_that_do_not_go_together_are_refused},
  };
  return test_main("coded factors", cases, sizeof cases / sizeof *cases);
}
