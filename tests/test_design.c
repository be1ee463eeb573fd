// SPDX-License-Identifier: GPL-3.0-or-later
/* Designs and their sources: what other frames, blocks of rows and low parts must be. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A frame, a design and a source of the first rows, all at once. */
typedef struct setup {
  gradus_error err;
  gradus_frame *frame;
  gradus_formula *formula;
  gradus_design *design;
  gradus_source *source;
  gradus_cursor *cursor;
  gradus_batch batch;
} setup;

static gradus_frame *frame_of(const char *csv, gradus_error *err) {
  gradus_frame *frame;
  gradus_status status = csv[0] == '@'
                             ? gradus_frame_read_csv(&frame, csv, NULL, err)
                             : gradus_frame_parse_csv(&frame, csv, strlen(csv), NULL, err);
  CHECK_STATUS(status, GRADUS_OK, err);
  return frame;
}

static void read_all(setup *s, size_t max_rows) {
  CHECK_STATUS(gradus_cursor_open(&s->cursor, s->source, max_rows, &s->err), GRADUS_OK, &s->err);
  CHECK_STATUS(gradus_cursor_read(s->cursor, 0, max_rows, &s->batch, &s->err), GRADUS_OK, &s->err);
}

static setup make(const char *csv, const char *formula, const gradus_design_options *options) {
  setup s = {0};
  s.frame = frame_of(csv, &s.err);
  CHECK_STATUS(gradus_formula_parse(&s.formula, formula, &s.err), GRADUS_OK, &s.err);
  CHECK_STATUS(gradus_design_new(&s.design, s.formula, s.frame, options, &s.err), GRADUS_OK,
               &s.err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s.design);
  CHECK_STATUS(gradus_source_from_frame(&s.source, s.design, s.frame, NULL, &s.err), GRADUS_OK,
               &s.err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s.source);
  read_all(&s, 1000);
  return s;
}

static void unmake(setup *s) {
  gradus_cursor_free(s->cursor);
  gradus_source_free(s->source);
  gradus_design_free(s->design);
  gradus_formula_free(s->formula);
  gradus_frame_free(s->frame);
}

/* The same design over another frame, without a response. */
static setup apply(const setup *fitted, const char *csv) {
  setup s = {0};
  s.frame = frame_of(csv, &s.err);
  CHECK_STATUS(gradus_source_from_frame(&s.source, fitted->design, s.frame,
                                        &(gradus_frame_source_options){.without_response = true},
                                        &s.err),
               GRADUS_OK, &s.err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s.source);
  read_all(&s, 1000);
  return s;
}

static double x(const setup *s, size_t row, size_t column) {
  return s->batch.x[row * s->batch.x_stride + column];
}

static void constants_come_from_the_fit(void) {
  /* R 4.2: predict(poly(mtcars$wt, 2), c(3, 4)), sd(mtcars$hp). */
  setup s = make("@mtcars", "mpg ~ poly(wt, 2) + scale(hp) + I(wt * hp)", NULL);
  setup new = apply(&s, "hp,wt\n100,3\n200,4\n");
  CU_ASSERT_EQUAL(new.batch.rows, 2);
  CU_ASSERT_PTR_NULL(new.batch.y);
  CHECK_CLOSE(x(&new, 0, 0), -0.039878333130251138, 1e-12);
  CHECK_CLOSE(x(&new, 0, 1), -0.106780277924094474, 1e-12);
  CHECK_CLOSE(x(&new, 1, 0), 0.143681313038914099, 1e-12);
  CHECK_CLOSE(x(&new, 1, 1), -0.088050878739065586, 1e-12);
  CHECK_CLOSE(x(&new, 0, 2), (100 - 146.6875) / 68.562868489320593, 1e-13);
  CHECK_CLOSE(x(&new, 1, 3), 800, 0);
  unmake(&new);
  unmake(&s);
}

static void levels_match_by_text_not_by_code(void) {
  setup s = make("y,f\n1,b\n2,c\n3,d\n4,b\n", "y ~ f", NULL);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 0), "fc");
  setup new = apply(&s, "f,a\nd,1\nc,1\nd,1\nb,1\n");
  static const double expected[4][2] = {{0, 1}, {1, 0}, {0, 1}, {0, 0}};
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < 2; j++)
      CHECK_CLOSE(x(&new, i, j), expected[i][j], 0);
  unmake(&new);
  unmake(&s);
}

static void levels_of_numbers_match_by_value(void) {
  setup s = make("y,g\n1,10\n2,2\n3,0.5\n4,2\n", "y ~ factor(g)", NULL);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 0), "factor(g)2");
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 1), "factor(g)10");
  setup numbers = apply(&s, "g\n10.0\n2\n");
  setup text = apply(&s, "g,h\n\"1e1\",a\n2.0,b\n\n");
  for (size_t i = 0; i < 2; i++) {
    CHECK_CLOSE(x(&numbers, i, 0), i == 1, 0);
    CHECK_CLOSE(x(&numbers, i, 1), i == 0, 0);
    CHECK_CLOSE(x(&text, i, 1), i == 0, 0);
  }
  unmake(&text);
  unmake(&numbers);
  unmake(&s);
  /* A factor by the user's levels, and a frame where the same cells are numbers. */
  gradus_error err = {0};
  static const char *const levels[] = {"6", "4", "8"};
  setup f = {.frame = frame_of("@mtcars", &err)};
  CHECK_STATUS(gradus_frame_set_levels(f.frame, "cyl", levels, 3, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_formula_parse(&f.formula, "mpg ~ cyl", &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&f.design, f.formula, f.frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(f.design, 0), "cyl4");
  setup again = apply(&f, "cyl\n4\n6\n8\n");
  CHECK_CLOSE(x(&again, 0, 0), 1, 0);
  CHECK_CLOSE(x(&again, 1, 0) + x(&again, 1, 1), 0, 0);
  CHECK_CLOSE(x(&again, 2, 1), 1, 0);
  unmake(&again);
  unmake(&f);
}

static void a_mixed_column_is_a_factor_if_the_formula_says_so(void) {
  setup s = make("y,m\n1,2\n2,many\n3,10\n4,2\n", "y ~ factor(m)", NULL);
  CU_ASSERT_EQUAL(gradus_design_columns(s.design), 2);
  setup new = apply(&s, "m\nmany\n2\n");
  CHECK_CLOSE(x(&new, 0, 0) + x(&new, 0, 1) + x(&new, 1, 0) + x(&new, 1, 1), 1, 1);
  unmake(&new);
  unmake(&s);
}

static void levels_are_those_of_complete_rows(void) {
  setup s = make("y,f,z\n1,a,1\n2,b,\n3,c,2\n4,a,5\n", "y ~ f + z", NULL);
  CU_ASSERT_EQUAL(gradus_design_columns(s.design), 2);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 0), "fc");
  CU_ASSERT_EQUAL(gradus_source_dropped_rows(s.source), 1);
  CU_ASSERT_EQUAL(s.batch.rows, 3);
  CU_ASSERT_EQUAL(s.batch.row[1], 2);
  CHECK_CLOSE(s.batch.y[1], 3, 0);
  unmake(&s);
}

static void logical_text_and_odd_names_work(void) {
  setup s = make("y,done,a b\n1,TRUE,1\n2,FALSE,2\n3,TRUE,4\n", "`y` ~ done*`a b`", NULL);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 0), "doneTRUE");
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 1), "`a b`");
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 2), "doneTRUE:`a b`");
  CU_ASSERT_STRING_EQUAL(gradus_design_term_label(s.design, 2), "done:`a b`");
  CU_ASSERT_EQUAL(gradus_design_column_term(s.design, 2), 2);
  unmake(&s);
  s = make("a b,c d\n1,TRUE\n2,FALSE\n3,TRUE\n", "`a b` ~ .", NULL);
  CU_ASSERT_STRING_EQUAL(gradus_design_formula(s.design), "`a b` ~ `c d`");
  char brief[GRADUS_DESIGN_BRIEF];
  gradus_design_brief(s.design, brief);
  CU_ASSERT_STRING_EQUAL(brief, "`a b` ~ `c d`");
  CU_ASSERT_STRING_EQUAL(gradus_design_response_name(s.design, 0), "a b");
  unmake(&s);
}

static void a_factor_response_is_its_codes(void) {
  setup s = make("y,x\nno,1\nyes,2\nno,3\n", "y ~ x", NULL);
  CU_ASSERT_EQUAL(gradus_design_response_levels(s.design), 2);
  CU_ASSERT_STRING_EQUAL(gradus_design_response_level(s.design, 1), "yes");
  CU_ASSERT_PTR_NULL(gradus_design_response_level(s.design, 2));
  CHECK_CLOSE(s.batch.y[0] + s.batch.y[2], 0, 0);
  CHECK_CLOSE(s.batch.y[1], 1, 0);
  unmake(&s);
}

static void weights_and_offsets_follow_the_rows(void) {
  gradus_design_options options = {.weight_kind = GRADUS_WEIGHT_ANALYTIC, .weights = "w"};
  setup s = make("y,x,w,o\n1,1,2,5\n2,,-3,6\n3,2,0,7\n4,4,1,8\n", "y ~ x + offset(o) + offset(2*o)",
                 &options);
  CU_ASSERT_EQUAL(gradus_source_get_shape(s.source)->weight_kind, GRADUS_WEIGHT_ANALYTIC);
  CU_ASSERT_TRUE(gradus_source_get_shape(s.source)->has_offset);
  CU_ASSERT_EQUAL(s.batch.rows, 3);
  CHECK_CLOSE(s.batch.weight[0], 2, 0);
  CHECK_CLOSE(s.batch.weight[1], 0, 0);
  CHECK_CLOSE(s.batch.offset[1], 21, 0);
  setup new = apply(&s, "x,o\n1,2\n");
  CU_ASSERT_PTR_NULL(new.batch.weight);
  CHECK_CLOSE(new.batch.offset[0], 6, 0);
  unmake(&new);
  unmake(&s);
}

#ifdef __SIZEOF_INT128__
static void check_exact(const setup *s, size_t column, __int128 value) {
  double high = x(s, 0, column), low = s->batch.x_low[column];
  CU_ASSERT_TRUE((__int128)high + (__int128)low == value);
  CU_ASSERT_TRUE(fabs(low) <= fabs(high) * 0x1p-53);
}
#endif

static void low_parts_complete_the_products(void) {
#ifdef __SIZEOF_INT128__
  setup s =
      make("y,x,z\n1,94143178827,3486784401\n2,1,1\n3,3,5\n4,2,2\n",
           "y ~ x + I(x^2) + I(x*z) + x:z + poly(z, 3, raw) + I(x^2 + z - 1) + factor(z):x:z + "
           "I((x+z)^2/1)",
           NULL);
  __int128 a = 94143178827, b = 3486784401;
  CU_ASSERT_TRUE(gradus_source_get_shape(s.source)->has_low);
  CU_ASSERT_PTR_NOT_NULL_FATAL(s.batch.x_low);
  check_exact(&s, 0, a);
  check_exact(&s, 1, a * a);
  check_exact(&s, 2, a * b);
  check_exact(&s, 3, b);
  check_exact(&s, 4, b * b);
  check_exact(&s, 5, b * b * b);
  check_exact(&s, 6, a * a + b - 1);
  check_exact(&s, 7, (a + b) * (a + b));
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 8), "x:z");
  check_exact(&s, 8, a * b);
  unmake(&s);
#endif
  setup plain = make("@mtcars", "mpg ~ wt + log(hp) + factor(cyl):wt", NULL);
  CU_ASSERT_PTR_NULL(plain.batch.x_low);
  CU_ASSERT_FALSE(gradus_source_get_shape(plain.source)->has_low);
  unmake(&plain);
  /* Small whole numbers have exact products. */
  setup whole = make("@mtcars", "mpg ~ I(hp^2) + cyl:hp + poly(gear, 3, raw)", NULL);
  CU_ASSERT_PTR_NULL(whole.batch.x_low);
  CU_ASSERT_FALSE(gradus_source_get_shape(whole.source)->has_low);
  unmake(&whole);
  setup product = make("@mtcars", "mpg ~ hp:wt", NULL);
  CU_ASSERT_TRUE(gradus_source_get_shape(product.source)->has_low);
  CU_ASSERT_PTR_NOT_NULL(product.batch.x_low);
  unmake(&product);
}

static void arithmetic_saturates_as_in_double(void) {
  setup s =
      make("y,x\n1,1000\n2,-100\n", "y ~ I(1/exp(x + 0)) + I(exp(x/10)) + I(0*x) + I(x^-1)", NULL);
  CHECK_CLOSE(x(&s, 0, 0), 0, 0);
  CHECK_CLOSE(x(&s, 0, 1), exp(100), 1e-15);
  CHECK_CLOSE(x(&s, 1, 3), -0.01, 1e-16);
  unmake(&s);
}

static void blocks_are_parts_of_the_whole(void) {
  setup s =
      make("@airquality", "Ozone ~ Solar.R*factor(Month) + poly(Temp, 2) + Wind + I(Wind^2)", NULL);
  size_t p = gradus_design_columns(s.design), rows = s.batch.rows;
  CU_ASSERT_EQUAL(rows, 111);
  static const size_t sizes[] = {1, 7, 32, 110};
  for (size_t k = 0; k < 4; k++) {
    gradus_cursor *cursor;
    CHECK_STATUS(gradus_cursor_open(&cursor, s.source, sizes[k], &s.err), GRADUS_OK, &s.err);
    bool same = true;
    gradus_batch part;
    for (size_t first = 0; first < rows; first += part.rows) {
      CHECK_STATUS(gradus_cursor_read(cursor, first, sizes[k], &part, &s.err), GRADUS_OK, &s.err);
      if (part.rows == 0)
        break;
      same &= part.first == first && part.row[0] == s.batch.row[first];
      same &= memcmp(part.x, s.batch.x + first * p, part.rows * p * sizeof(double)) == 0;
      same &= memcmp(part.x_low, s.batch.x_low + first * p, part.rows * p * sizeof(double)) == 0;
      same &= memcmp(part.y, s.batch.y + first, part.rows * sizeof(double)) == 0;
    }
    CU_ASSERT_TRUE(same);
    CHECK_STATUS(gradus_cursor_read(cursor, rows, sizes[k], &part, &s.err), GRADUS_OK, &s.err);
    CU_ASSERT_EQUAL(part.rows, 0);
    gradus_cursor_free(cursor);
  }
  unmake(&s);
}

static void thousands_of_columns_are_no_trouble(void) {
  enum { columns = 3000 };
  gradus_error err = {0};
  setup s = {0};
  double values[3] = {1, 2, 4};
  CHECK_STATUS(gradus_frame_new(&s.frame, 3, &err), GRADUS_OK, &err);
  for (int i = 0; i < columns; i++) {
    char name[20];
    snprintf(name, sizeof name, "v%d", i);
    CHECK_STATUS(gradus_frame_add_numeric(s.frame, name, values, 1, &err), GRADUS_OK, &err);
  }
  CHECK_STATUS(gradus_formula_parse(&s.formula, "v0 ~ . - v7", &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_design_new(&s.design, s.formula, s.frame, NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(gradus_design_columns(s.design), columns - 2);
  CU_ASSERT_STRING_EQUAL(gradus_design_column_name(s.design, 6), "v8");
  char brief[GRADUS_DESIGN_BRIEF], end[40];
  gradus_design_brief(s.design, brief);
  CU_ASSERT_EQUAL(strncmp(brief, "v0 ~ v1 + v2 + ", 15), 0);
  snprintf(end, sizeof end, " + ... + v%d (%d terms)", (int)columns - 1, (int)columns - 2);
  CHECK_CONTAINS(brief, end);
  CU_ASSERT(strlen(brief) < 220);
  unmake(&s);
}

int main(void) {
  static const test_case cases[] = {
      {"constants of poly and scale come from the fit", constants_come_from_the_fit},
      {"levels match by text, not by code", levels_match_by_text_not_by_code},
      {"levels of numbers match by value", levels_of_numbers_match_by_value},
      {"a mixed column is a factor if the formula says so",
       a_mixed_column_is_a_factor_if_the_formula_says_so},
      {"levels are those of the complete rows", levels_are_those_of_complete_rows},
      {"TRUE and FALSE, and names in backquotes, work", logical_text_and_odd_names_work},
      {"a factor response is its codes", a_factor_response_is_its_codes},
      {"weights and offsets follow the rows", weights_and_offsets_follow_the_rows},
      {"low parts complete the products", low_parts_complete_the_products},
      {"arithmetic saturates as in double", arithmetic_saturates_as_in_double},
      {"blocks are parts of the whole", blocks_are_parts_of_the_whole},
      {"thousands of columns are no trouble", thousands_of_columns_are_no_trouble},
  };
  return test_main("design", cases, sizeof cases / sizeof *cases);
}
