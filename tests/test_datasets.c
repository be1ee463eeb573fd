// SPDX-License-Identifier: GPL-3.0-or-later
#include "../lib/data/internal.h"
#include "support/cells.h"

#include <math.h>
#include <string.h>

static void bundled_data_sets_hold_what_they_say(void) {
  size_t count;
  const gradus_dataset *sets = gradus_datasets(&count);
  CU_ASSERT_EQUAL(count, 25);
  for (size_t i = 0; i < count; i++) {
    char path[64];
    snprintf(path, sizeof path, "@%s", sets[i].name);
    gradus_frame *frame;
    gradus_error err = {0};
    CHECK_STATUS(gradus_frame_read_csv(&frame, path, NULL, &err), GRADUS_OK, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
    CU_ASSERT_EQUAL(gradus_frame_rows(frame), sets[i].rows);
    CU_ASSERT_EQUAL(gradus_frame_columns(frame), sets[i].columns);
    CU_ASSERT_STRING_EQUAL(gradus_i_frame_name(frame), path);
    CU_ASSERT_EQUAL(strlen(sets[i].csv), sets[i].length);
    CU_ASSERT_TRUE(strlen(sets[i].source) > 20);
    CU_ASSERT_PTR_EQUAL(gradus_dataset_find(sets[i].name), &sets[i]);
    for (size_t c = 0; c < sets[i].columns; c++)
      CU_ASSERT_NOT_EQUAL(gradus_frame_column_type(frame, c), GRADUS_COLUMN_MIXED);
    gradus_frame_free(frame);
  }
  CU_ASSERT_PTR_NULL(gradus_dataset_find("Mtcars"));
}

/* Figures from R 4.2.2: sum(mtcars$mpg), sum(iris$Petal.Width), sum(airquality$Ozone, na.rm =
   TRUE); and of scikit-learn 1.2.1: data.sum(axis=0) of load_breast_cancer() and load_digits(). */
static void bundled_figures_are_those_of_r_and_scikit_learn(void) {
  static const struct {
    const char *path, *column;
    double sum;
  } cases[] = {{"@mtcars", "mpg", 642.9},
               {"@iris", "Petal.Width", 179.9},
               {"@airquality", "Ozone", 4887},
               {"@breast_cancer", "mean_radius", 8038.429},
               {"@breast_cancer", "worst_fractal_dimension", 47.76517},
               {"@digits", "pixel_3_4", 17839}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gradus_frame *frame;
    size_t column;
    gradus_frame_read_csv(&frame, cases[i].path, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(frame && gradus_frame_find(frame, cases[i].column, &column));
    double sum = 0;
    for (size_t row = 0; row < gradus_frame_rows(frame); row++)
      if (!isnan(gradus_frame_numeric(frame, column)[row]))
        sum += gradus_frame_numeric(frame, column)[row];
    CHECK_CLOSE(sum, cases[i].sum, 1e-14);
    gradus_frame_free(frame);
  }
}

/* optdigits.names and wdbc.names, beside the data at UCI. */
static void the_classes_have_as_many_rows_as_uci_says(void) {
  static const size_t expected[10] = {178, 182, 177, 183, 181, 182, 181, 179, 174, 180};
  size_t found[10] = {0}, column, malignant = 0;
  gradus_frame *digits = test_read_frame("@digits"), *cancer = test_read_frame("@breast_cancer");
  CU_ASSERT_TRUE_FATAL(gradus_frame_find(digits, "digit", &column));
  for (size_t row = 0; row < gradus_frame_rows(digits); row++) {
    double digit = gradus_frame_numeric(digits, column)[row];
    CU_ASSERT_TRUE_FATAL(digit >= 0 && digit <= 9);
    found[(size_t)digit]++;
  }
  for (size_t digit = 0; digit < 10; digit++)
    CU_ASSERT_EQUAL(found[digit], expected[digit]);
  for (size_t row = 0; row < gradus_frame_rows(cancer); row++)
    malignant += strcmp(test_cell_text(cancer, "diagnosis", row), "malignant") == 0;
  CU_ASSERT_EQUAL(malignant, 212);
  CU_ASSERT_EQUAL(gradus_frame_rows(cancer) - malignant, 357);
  gradus_frame_free(digits);
  gradus_frame_free(cancer);
}

static void an_unknown_data_set_is_told_with_near_names(void) {
  gradus_frame *frame;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@mtcar", NULL, &err), GRADUS_ERROR_UNKNOWN_DATASET,
               &err);
  CHECK_CONTAINS(err.message, "@mtcars");
  CHECK_CONTAINS(err.message, "gradus datasets");
  CHECK_STATUS(gradus_frame_read_csv(&frame, "@", NULL, NULL), GRADUS_ERROR_UNKNOWN_DATASET, NULL);
}

int main(void) {
  static const test_case cases[] = {
      {"bundled data sets hold what they say", bundled_data_sets_hold_what_they_say},
      {"bundled figures are those of R and scikit-learn",
       bundled_figures_are_those_of_r_and_scikit_learn},
      {"the classes have as many rows as UCI says", the_classes_have_as_many_rows_as_uci_says},
      {"an unknown data set is told with near names", an_unknown_data_set_is_told_with_near_names},
  };
  return test_main("datasets", cases, sizeof cases / sizeof *cases);
}
