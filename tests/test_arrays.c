// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "test_arrays.XXXXXX";

/* Writes bytes to the path. */
static void write_bytes(const void *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, length, file), length);
  fclose(file);
}

#define WRITE(...)                                                                                 \
  write_bytes((const unsigned char[]){__VA_ARGS__}, sizeof(const unsigned char[]){__VA_ARGS__})

/* Writes a .npy file of version 1.0 with this dictionary, and `length` bytes of data. */
static void write_npy(const char *dictionary, size_t length) {
  char bytes[1024] = "\x93NUMPY\x01";
  size_t text = strlen(dictionary);
  bytes[8] = (char)(text & 255);
  bytes[9] = (char)(text >> 8);
  memcpy(bytes + 10, dictionary, text);
  write_bytes(bytes, 10 + text + length);
}

static gradus_frame *read_frame(const char *file) {
  gradus_frame *frame;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_array(&frame, file, &err), GRADUS_OK, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  return frame;
}

/* The file at the path is refused with this status and a message that has the text. */
static void refuses(gradus_status status, const char *text) {
  gradus_frame *frame;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read_array(&frame, path, &err), status, &err);
  CU_ASSERT_PTR_NULL(frame);
  CHECK_CONTAINS(err.message, text);
  CHECK_CONTAINS(err.message, path);
}

static void check_name(const gradus_frame *frame, size_t column, const char *name) {
  CU_ASSERT_STRING_EQUAL(gradus_frame_column_name(frame, column), name);
}

/* One file's line of arrays.txt, of which the name has been read. */
static void check_file(FILE *list, const char *name) {
  size_t rows, columns;
  char file[128];
  CU_ASSERT_EQUAL_FATAL(fscanf(list, "%zu %zu", &rows, &columns), 2);
  snprintf(file, sizeof file, "arrays/%s", name);
  CU_ASSERT_TRUE(gradus_is_array_file(test_data(file)));
  gradus_frame *frame = read_frame(test_data(file));
  CU_ASSERT_EQUAL_FATAL(gradus_frame_rows(frame), rows);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_columns(frame), columns);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      double expected;
      CU_ASSERT_EQUAL_FATAL(fscanf(list, "%lf", &expected), 1);
      double actual = gradus_frame_numeric(frame, j)[i];
      if (!isinf(expected))
        CHECK_CLOSE(actual, expected, 0);
      CU_ASSERT_EQUAL(isinf(actual), isinf(expected));
    }
  gradus_frame_free(frame);
}

static void numpy_files_of_every_type_and_order_are_read(void) {
  FILE *list = fopen(test_data("arrays/arrays.txt"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(list);
  char name[64];
  size_t count = 0;
  for (; fscanf(list, "%63s", name) == 1; count++)
    check_file(list, name);
  CU_ASSERT_EQUAL(count, 51);
  fclose(list);
}

/* By their definition (IEEE 754, binary16). */
static double half(unsigned bits) {
  int exponent = (int)(bits >> 10 & 31u);
  double digits = bits & 0x3FFu, sign = bits & 0x8000u ? -1 : 1;
  if (exponent == 31)
    return digits > 0 ? NAN : sign * INFINITY;
  return sign * (exponent == 0 ? ldexp(digits, -24) : ldexp(1024 + digits, exponent - 25));
}

static void all_numbers_of_16_bits_are_widened_exactly(void) {
  enum { COUNT = 65536, HEADER = 80 };
  static unsigned char bytes[10 + HEADER + 2 * COUNT];
  memset(bytes, ' ', 10 + HEADER);
  memcpy(bytes, "\x93NUMPY\x01\0\x50\0", 10);
  static const char dictionary[] = "{'descr': '<f2', 'fortran_order': False, 'shape': (65536,)}";
  memcpy(bytes + 10, dictionary, sizeof dictionary - 1);
  for (unsigned i = 0; i < COUNT; i++) {
    bytes[10 + HEADER + 2 * i] = (unsigned char)(i & 255u);
    bytes[10 + HEADER + 2 * i + 1] = (unsigned char)(i >> 8);
  }
  write_bytes(bytes, sizeof bytes);
  gradus_frame *frame = read_frame(path);
  const double *numbers = gradus_frame_numeric(frame, 0);
  size_t wrong = 0;
  for (unsigned i = 0; i < COUNT; i++) {
    double expected = half(i);
    wrong += isnan(expected) ? (size_t)!isnan(numbers[i])
                             : numbers[i] != expected || !signbit(numbers[i]) != !signbit(expected);
  }
  CU_ASSERT_EQUAL(wrong, 0);
  gradus_frame_free(frame);
}

static void numpy_files_of_other_types_are_refused(void) {
  FILE *list = fopen(test_data("arrays/refused.txt"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(list);
  char name[64], word[64], file[128];
  size_t count = 0;
  for (; fscanf(list, "%63s %63[^\n]", name, word) == 2; count++) {
    gradus_frame *frame;
    gradus_error err = {0};
    snprintf(file, sizeof file, "arrays/%s", name);
    gradus_status status = gradus_frame_read_array(&frame, test_data(file), &err);
    CU_ASSERT_TRUE(status == GRADUS_ERROR_UNSUPPORTED || status == GRADUS_ERROR_ARRAY_FILE);
    CU_ASSERT_PTR_NULL(frame);
    CHECK_CONTAINS(err.message, word);
  }
  CU_ASSERT_EQUAL(count, 10);
  fclose(list);
}

static void columns_are_named_by_their_place(void) {
  gradus_frame *frame = read_frame(test_data("arrays/vector.npy"));
  check_name(frame, 0, "x");
  gradus_frame_free(frame);
  frame = read_frame(test_data("arrays/matrix.npy"));
  check_name(frame, 0, "x1");
  check_name(frame, 2, "x3");
  gradus_frame_free(frame);
  frame = read_frame(test_data("arrays/f8_big_fortran.npy"));
  check_name(frame, 1, "pixel_0_1");
  check_name(frame, 2, "pixel_1_0");
  gradus_frame_free(frame);
  static const char *const gray[] = {"arrays/gray_last.npy", "arrays/gray_first.npy"};
  for (size_t i = 0; i < 2; i++) { /* one channel, as the images without any */
    frame = read_frame(test_data(gray[i]));
    check_name(frame, 1, "pixel_0_1");
    check_name(frame, 5, "pixel_1_2");
    gradus_frame_free(frame);
  }
  frame = read_frame(test_data("arrays/rank4_fortran.npy"));
  check_name(frame, 1, "pixel_0_0_1");
  check_name(frame, 11, "pixel_1_2_1");
  gradus_frame_free(frame);
}

/* Two rows of one dimension; the second row is at `row`. */
static void check_pair(double first, double second) {
  gradus_frame *frame = read_frame(path);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_rows(frame), 2);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 1);
  CHECK_CLOSE(gradus_frame_numeric(frame, 0)[0], first, 0);
  CHECK_CLOSE(gradus_frame_numeric(frame, 0)[1], second, 0);
  gradus_frame_free(frame);
}

static void idx_files_of_every_type_are_read(void) {
  WRITE(0, 0, 0x08, 1, 0, 0, 0, 2, 200, 1);
  check_pair(200, 1);
  WRITE(0, 0, 0x09, 1, 0, 0, 0, 2, 200, 1);
  check_pair(-56, 1);
  WRITE(0, 0, 0x0B, 1, 0, 0, 0, 2, 0x80, 0, 1, 2);
  check_pair(-32768, 258);
  WRITE(0, 0, 0x0C, 1, 0, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFE, 0, 1, 0, 0);
  check_pair(-2, 65536);
  WRITE(0, 0, 0x0D, 1, 0, 0, 0, 2, 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0);
  check_pair(1, -2.5);
  WRITE(0, 0, 0x0E, 1, 0, 0, 0, 2, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 4, 0, 0, 0, 0, 0, 0);
  check_pair(1, -2.5);
}

static void idx_images_are_rows_of_pixels(void) {
  WRITE(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  CU_ASSERT_TRUE(gradus_is_array_file(path));
  gradus_frame *frame = read_frame(path);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_rows(frame), 2);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_columns(frame), 6);
  check_name(frame, 5, "pixel_1_2");
  for (size_t j = 0; j < 6; j++) {
    CHECK_CLOSE(gradus_frame_numeric(frame, j)[0], (double)j + 1, 0);
    CHECK_CLOSE(gradus_frame_numeric(frame, j)[1], (double)j + 7, 0);
  }
  gradus_frame_free(frame);
}

static void many_rows_keep_their_places(void) {
  enum { ROWS = 1000, COLUMNS = 7 };
  unsigned char bytes[12 + ROWS * COLUMNS] = {0, 0, 8, 2, 0, 0, ROWS >> 8, ROWS & 255, 0, 0, 0, 7};
  for (size_t i = 0; i < ROWS * COLUMNS; i++)
    bytes[12 + i] = (unsigned char)(i * 31 % 251);
  write_bytes(bytes, sizeof bytes);
  gradus_frame *frame = read_frame(path);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < COLUMNS; j++)
      CHECK_CLOSE(gradus_frame_numeric(frame, j)[i], (double)((i * COLUMNS + j) * 31 % 251), 0);
  gradus_frame_free(frame);
}

static void idx_files_that_lie_are_refused_with_the_numbers(void) {
  WRITE(0, 0, 8, 3, 0, 0, 0xEA, 0x60, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3, 4, 5);
  refuses(GRADUS_ERROR_ARRAY_FILE,
          "says 60000×28×28 unsigned bytes = 47040000 bytes, but 5 bytes follow; the file is cut");
  WRITE(0, 0, 0x0C, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 9);
  refuses(GRADUS_ERROR_ARRAY_FILE,
          "says 2 32 bit integers = 8 bytes, but 9 bytes follow; the file is damaged, or has more");
  WRITE(0, 0, 0x0E, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
  refuses(GRADUS_ERROR_ARRAY_FILE, "4294967295×4294967295×4294967295 64 bit numbers, which is");
  WRITE(0, 0, 0x0A, 1, 0, 0, 0, 1, 1);
  refuses(GRADUS_ERROR_ARRAY_FILE, "0x0A");
  WRITE(0, 0, 8, 0, 1);
  refuses(GRADUS_ERROR_ARRAY_FILE, "no dimensions");
  WRITE(0, 0, 8, 33, 1);
  refuses(GRADUS_ERROR_ARRAY_FILE, "33 dimensions, and there may be 32");
  WRITE(0, 0, 8);
  refuses(GRADUS_ERROR_ARRAY_FILE, "begins with 4 bytes, but there are 3");
  WRITE(0, 0, 8, 3, 0, 0, 0, 2, 0, 0);
  refuses(GRADUS_ERROR_ARRAY_FILE, "of 3 dimensions has 16 bytes, but there are 10");
  WRITE(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 0);
  refuses(GRADUS_ERROR_ARRAY_FILE, "2×0");
}

static void numpy_files_that_lie_are_refused_with_the_numbers(void) {
  write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n", 95);
  refuses(GRADUS_ERROR_ARRAY_FILE, "says 3×4 64 bit numbers = 96 bytes, but 95 bytes follow");
  write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }\n", 97);
  refuses(GRADUS_ERROR_ARRAY_FILE, "= 96 bytes, but 97 bytes follow");
  write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 8);
  refuses(GRADUS_ERROR_ARRAY_FILE, "4294967296×4294967296 64 bit numbers, which is beyond any");
  write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", 8);
  refuses(GRADUS_ERROR_ARRAY_FILE, "shape cannot be understood");
  WRITE(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118);
  refuses(GRADUS_ERROR_ARRAY_FILE, "begins with 10 bytes, but there are 9");
  WRITE(0x93, 'N', 'U', 'M', 'P', 'Y');
  refuses(GRADUS_ERROR_ARRAY_FILE, "begins with 10 bytes, but there are 6");
  WRITE(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0, '{');
  refuses(GRADUS_ERROR_ARRAY_FILE, "says that it has 118 bytes, but 1 follow");
  WRITE(0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 255, 255, 255, 255, '{');
  refuses(GRADUS_ERROR_ARRAY_FILE, "says that it has 4294967295 bytes, but 1 follow");
  WRITE(0x93, 'N', 'U', 'M', 'P', 'Y', 4, 1, 118, 0, 0, 0, '{');
  refuses(GRADUS_ERROR_UNSUPPORTED, "version 4.1");
}

static void numpy_headers_that_make_no_sense_are_refused(void) {
  static const struct {
    const char *header, *text;
  } cases[] = {
      {"", "its begin"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", "a key"},
      {"{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}", "a key"},
      {"{'descr': '<f8', 'fortran_order': False}", "does not say shape"},
      {"{'fortran_order': False, 'shape': (1,)}", "does not say descr"},
      {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "descr"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}", "x cannot"},
      {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,)}", "fortran_order cannot"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': 1}", "shape cannot"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "shape cannot"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1 1)}", "shape cannot"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1", "shape cannot"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} more", "its end"},
      {"{'descr': <f8, 'fortran_order': False, 'shape': (1,)}", "descr cannot"},
      {"{'descr': '<f8, fortran_order", "descr cannot"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_npy(cases[i].header, 8);
    refuses(GRADUS_ERROR_ARRAY_FILE, cases[i].text);
  }
  write_npy("{'descr': '|f8', 'fortran_order': False, 'shape': (1,)}", 8);
  refuses(GRADUS_ERROR_UNSUPPORTED, "\"|f8\"");
  write_npy("{'descr': '', 'fortran_order': False, 'shape': (1,)}", 8);
  refuses(GRADUS_ERROR_UNSUPPORTED, "\"\"");
  write_npy("{\"shape\":(1L,),\"fortran_order\":False,\"descr\":\"<f8\"}", 8);
  gradus_frame_free(read_frame(path));
}

static void other_files_are_refused(void) {
  gradus_frame *frame;
  gradus_error err = {0};
  WRITE(0x1F, 0x8B, 8, 0);
  CU_ASSERT_TRUE(gradus_is_array_file(path));
  refuses(GRADUS_ERROR_UNSUPPORTED, "gunzip");
  WRITE('P', 'K', 3, 4, 20, 0);
  CU_ASSERT_TRUE(gradus_is_array_file(path));
  refuses(GRADUS_ERROR_UNSUPPORTED, "zip archive, as NumPy's .npz are");
  WRITE('a', ',', 'b', '\n');
  CU_ASSERT_FALSE(gradus_is_array_file(path));
  refuses(GRADUS_ERROR_ARRAY_FILE, "neither");
  write_bytes("", 0);
  CU_ASSERT_FALSE(gradus_is_array_file(path));
  refuses(GRADUS_ERROR_ARRAY_FILE, "neither");
  static const char *const no_files[] = {"-", "@iris", "", NULL};
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT_FALSE(gradus_is_array_file(no_files[i]));
    CHECK_STATUS(gradus_frame_read_array(&frame, no_files[i], NULL), GRADUS_ERROR_INVALID_ARGUMENT,
                 NULL);
  }
  CU_ASSERT_FALSE(gradus_is_array_file("/nowhere/x.npy"));
  CHECK_STATUS(gradus_frame_read_array(&frame, "/nowhere/x.npy", &err), GRADUS_ERROR_IO, &err);
  CHECK_CONTAINS(err.message, "/nowhere/x.npy");
  CU_ASSERT_FALSE(gradus_is_array_file("/tmp"));
  CHECK_STATUS(gradus_frame_read_array(&frame, "/tmp", NULL), GRADUS_ERROR_IO, NULL);
}

static void integer_labels_are_a_factor_in_ascending_order(void) {
  static const int codes[] = {2, 1, 0, 2};
  static const char *const levels[] = {"-1", "9", "10"};
  gradus_frame *frame = read_frame(test_data("arrays/matrix.npy"));
  WRITE(0, 0, 9, 1, 0, 0, 0, 4, 10, 9, 255, 10);
  CHECK_STATUS(gradus_frame_add_labels(frame, "label", path, NULL), GRADUS_OK, NULL);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 4);
  check_name(frame, 3, "label");
  CU_ASSERT_EQUAL_FATAL(gradus_frame_column_type(frame, 3), GRADUS_COLUMN_FACTOR);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_level_count(frame, 3), 3);
  for (size_t i = 0; i < 3; i++)
    CU_ASSERT_STRING_EQUAL(gradus_frame_level(frame, 3, i), levels[i]);
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL(gradus_frame_codes(frame, 3)[i], codes[i]);
  gradus_frame_free(frame);
}

static void labels_of_one_column_are_labels(void) {
  gradus_frame *frame = read_frame(test_data("arrays/matrix.npy"));
  gradus_error err = {0};
  WRITE(0, 0, 8, 2, 0, 0, 0, 4, 0, 0, 0, 1, 3, 9, 3, 3); /* 4×1 */
  CHECK_STATUS(gradus_frame_add_labels(frame, "label", path, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_columns(frame), 4);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_level_count(frame, 3), 2);
  CU_ASSERT_EQUAL(gradus_frame_codes(frame, 3)[1], 1);
  CU_ASSERT_EQUAL(gradus_frame_codes(frame, 3)[2], 0);
  gradus_frame_free(frame);
}

static void floating_point_labels_stay_numbers(void) {
  gradus_frame *frame;
  gradus_frame_new(&frame, 2, NULL);
  WRITE(0, 0, 0x0D, 1, 0, 0, 0, 2, 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0);
  CHECK_STATUS(gradus_frame_add_labels(frame, "y", path, NULL), GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(gradus_frame_numeric(frame, 0));
  CHECK_CLOSE(gradus_frame_numeric(frame, 0)[1], -2.5, 0);
  gradus_frame_free(frame);
}

static void labels_that_do_not_fit_are_refused(void) {
  gradus_frame *frame = read_frame(test_data("arrays/matrix.npy"));
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_add_labels(frame, "label", test_data("arrays/vector.npy"), &err),
               GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "vector.npy has 3 labels, but ");
  CHECK_CONTAINS(err.message, "matrix.npy has 4 rows");
  err = (gradus_error){0};
  CHECK_STATUS(gradus_frame_add_labels(frame, "label", test_data("arrays/matrix.npy"), &err),
               GRADUS_ERROR_SHAPE, &err);
  CHECK_CONTAINS(err.message, "2 dimensions (4×3)");
  WRITE(0, 0, 9, 1, 0, 0, 0, 4, 10, 9, 255, 10);
  CHECK_STATUS(gradus_frame_add_labels(frame, "x2", path, NULL), GRADUS_ERROR_CSV_DUPLICATE_NAME,
               NULL);
  CHECK_STATUS(gradus_frame_add_labels(frame, "", path, NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CHECK_STATUS(gradus_frame_add_labels(frame, "y", "-", NULL), GRADUS_ERROR_INVALID_ARGUMENT, NULL);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 3);
  gradus_frame_free(frame);

  gradus_frame_new(&frame, 1, NULL);
  char bytes[128] = "\x93NUMPY\x01\0\x37\0{'descr':'>i8','fortran_order':False,'shape':(1,)}     "
                    "\x01\0\0\0\0\0\0\0";
  write_bytes(bytes, 10 + 0x37 + 8);
  err = (gradus_error){0};
  CHECK_STATUS(gradus_frame_add_labels(frame, "y", path, &err), GRADUS_ERROR_TOO_LARGE, &err);
  CHECK_CONTAINS(err.message, ":1: a label of more than 15 digits, 72057594037927936");
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 0);
  gradus_frame_free(frame);
}

static void data_files_are_told_by_their_first_bytes(void) {
  gradus_frame *frame;
  gradus_error err = {0};
  CHECK_STATUS(gradus_frame_read(&frame, "@mtcars", NULL, &err), GRADUS_OK, &err);
  CU_ASSERT_EQUAL(gradus_frame_rows(frame), 32);
  gradus_frame_free(frame);
  static const char text[] = "a;b\n1,5;2\n";
  write_bytes(text, sizeof text - 1);
  gradus_csv_options options = {.separator = ';', .decimal = ','};
  CHECK_STATUS(gradus_frame_read(&frame, path, &options, &err), GRADUS_OK, &err);
  CHECK_CLOSE(gradus_frame_numeric(frame, 0)[0], 1.5, 0);
  gradus_frame_free(frame);
  CHECK_STATUS(gradus_frame_read(&frame, test_data("arrays/matrix.npy"), &options, &err), GRADUS_OK,
               &err);
  CU_ASSERT_EQUAL(gradus_frame_columns(frame), 3);
  gradus_frame_free(frame);
  CHECK_STATUS(gradus_frame_read(&frame, "nowhere", NULL, &err), GRADUS_ERROR_IO, &err);
  CU_ASSERT_PTR_NULL(frame);
}

/* Standard input is a .npy file by now. */
static gradus_status do_everything(void) {
  gradus_frame *frame;
  gradus_status status = gradus_frame_read(&frame, "-", NULL, NULL);
  if (!status)
    status = gradus_frame_add_labels(frame, "label", path, NULL);
  if (frame)
    CU_ASSERT_EQUAL(gradus_frame_columns(frame), status ? 3 : 4);
  gradus_frame_free(frame);
  return status;
}

static void every_failed_allocation_is_told_and_nothing_leaks(void) {
  WRITE(0, 0, 9, 1, 0, 0, 0, 4, 10, 9, 255, 10);
  CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(test_data("arrays/matrix.npy"), "rb", stdin));
  for (failing_run run = {0}; NEXT_FAILING(&run);)
    run.status = do_everything();
}

int main(void) {
  static const test_case cases[] = {
      {"numpy files of every type and order are read",
       numpy_files_of_every_type_and_order_are_read},
      {"all numbers of 16 bits are widened exactly", all_numbers_of_16_bits_are_widened_exactly},
      {"numpy files of other types are refused", numpy_files_of_other_types_are_refused},
      {"columns are named by their place", columns_are_named_by_their_place},
      {"idx files of every type are read", idx_files_of_every_type_are_read},
      {"idx images are rows of pixels", idx_images_are_rows_of_pixels},
      {"many rows keep their places", many_rows_keep_their_places},
      {"idx files that lie are refused with the numbers",
       idx_files_that_lie_are_refused_with_the_numbers},
      {"numpy files that lie are refused with the numbers",
       numpy_files_that_lie_are_refused_with_the_numbers},
      {"numpy headers that make no sense are refused",
       numpy_headers_that_make_no_sense_are_refused},
      {"other files are refused", other_files_are_refused},
      {"integer labels are a factor in ascending order",
       integer_labels_are_a_factor_in_ascending_order},
      {"labels of one column are labels", labels_of_one_column_are_labels},
      {"floating point labels stay numbers", floating_point_labels_stay_numbers},
      {"labels that do not fit are refused", labels_that_do_not_fit_are_refused},
      {"data files are told by their first bytes", data_files_are_told_by_their_first_bytes},
      {"every failed allocation is told and nothing leaks",
       every_failed_allocation_is_told_and_nothing_leaks},
  };
  int descriptor = mkstemp(path);
  if (descriptor < 0)
    return 1;
  close(descriptor);
  int status = test_main("arrays", cases, sizeof cases / sizeof *cases);
  unlink(path);
  return status;
}
