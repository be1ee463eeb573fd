// SPDX-License-Identifier: GPL-3.0-or-later
#include "../lib/base/internal.h"
#include "support/support.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void first_error_wins(void) {
  gradus_error err = {0};
  gradus_i_fail(&err, GRADUS_WARNING_OVERFLOW, "warned %d", 1);
  gradus_i_fail(&err, GRADUS_WARNING_LEVERAGE_ONE, "second warning");
  CU_ASSERT_STRING_EQUAL(err.message, "warned 1");
  CHECK_STATUS(gradus_i_fail(&err, GRADUS_ERROR_SHAPE, "shape %g", 1.5), GRADUS_ERROR_SHAPE, &err);
  gradus_i_fail(&err, GRADUS_ERROR_IO, "later");
  CHECK_STATUS(err.code, GRADUS_ERROR_SHAPE, &err);
  CU_ASSERT_STRING_EQUAL(err.message, "shape 1.5");
  CHECK_STATUS(gradus_i_fail(NULL, GRADUS_ERROR_IO, "no struct"), GRADUS_ERROR_IO, NULL);
}

static void every_code_has_a_name_and_a_text(void) {
#define CHECK(name, value, text)                                                                   \
  CU_ASSERT_STRING_EQUAL(gradus_status_name(GRADUS_##name), #name);                                \
  CU_ASSERT_STRING_EQUAL(gradus_status_text((gradus_status)value), text);
  GRADUS_STATUS_LIST(CHECK)
#undef CHECK
  CU_ASSERT_STRING_EQUAL(gradus_status_text((gradus_status)9999), "unknown status");
}

static void overflowing_sizes_are_failed_allocations(void) {
  CU_ASSERT_PTR_NULL(gradus_i_allocate(SIZE_MAX / 2, 3));
  CU_ASSERT_PTR_NULL(gradus_i_allocate_raw(SIZE_MAX, 1));
  CU_ASSERT_PTR_NULL(gradus_i_reallocate(NULL, SIZE_MAX / 4, 8));
  void *empty = gradus_i_allocate(0, 8);
  CU_ASSERT_PTR_NOT_NULL(empty);
  gradus_i_release(empty);
  gradus_i_release(NULL);
}

static void numbers_have_a_point_in_any_locale(void) {
  static const char *const locales[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "C"};
  for (size_t i = 0; i < 4 && !setlocale(LC_NUMERIC, locales[i]); i++)
    ;
  char buffer[32];
  gradus_i_snprintf(buffer, sizeof buffer, "%.17g", 0.1);
  CU_ASSERT_STRING_EQUAL(buffer, "0.10000000000000001");
  CHECK_CLOSE(gradus_i_strtod("1.5", NULL), 1.5, 0);
  setlocale(LC_NUMERIC, "C");
}

static void text_grows_and_survives_failed_allocations(void) {
  gradus_i_text text = {0};
  for (int i = 0; i < 1000; i++)
    gradus_i_text_format(&text, "%d,", i);
  CU_ASSERT_EQUAL(text.length, 3890);
  CU_ASSERT_EQUAL(strlen(text.data), text.length);
  gradus_i_text_clear(&text);
  test_allocations_begin(0);
  gradus_i_text_string(&text, "x");
  CU_ASSERT_TRUE(text.failed);
  test_allocations_end();
  gradus_i_text_clear(&text);
}

static void a_file_is_written_whole_or_not_at_all(void) {
  gradus_error err = {0};
  CHECK_STATUS(gradus_i_write_file("no/such/folder/file", "x", 1, &err), GRADUS_ERROR_IO, &err);
  CHECK_CONTAINS(err.message, "no/such/folder/file");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_i_write_file("test_base.tmp", "abc", 3, &err), GRADUS_OK, &err);
  CHECK_STATUS(gradus_i_write_file("test_base.tmp", "de", 2, &err), GRADUS_OK, &err);
  FILE *file = fopen("test_base.tmp", "r");
  char content[8] = {0};
  CU_ASSERT_EQUAL(fread(content, 1, 7, file), 2);
  CU_ASSERT_STRING_EQUAL(content, "de");
  fclose(file);
  remove("test_base.tmp");
}

int main(void) {
  static const test_case cases[] = {
      {"the first error wins, and an error replaces a warning", first_error_wins},
      {"every code has a name and a text", every_code_has_a_name_and_a_text},
      {"overflowing sizes are failed allocations", overflowing_sizes_are_failed_allocations},
      {"numbers have a point in any locale", numbers_have_a_point_in_any_locale},
      {"text grows, and survives failed allocations", text_grows_and_survives_failed_allocations},
      {"a file is written whole or not at all", a_file_is_written_whole_or_not_at_all},
  };
  return test_main("base", cases, sizeof cases / sizeof *cases);
}
