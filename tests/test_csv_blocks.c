// SPDX-License-Identifier: GPL-3.0-or-later
/* What the CSV reader answers does not depend on how the text is cut, by how many threads it is
 * read, where it ends, and which allocation fails. */
#include "../lib/data/csv_internal.h"
#include "support/cells.h"

#include <stdlib.h>
#include <string.h>

enum { ONE_BLOCK = 1 << 20 };

enum { GENERATED_ROWS = 3000 };

typedef struct generated {
  char text[GENERATED_ROWS * 120];
  size_t length;
  double number[GENERATED_ROWS];
  char quoted[GENERATED_ROWS][24];
  size_t line[GENERATED_ROWS];
} generated;

/* number: quoted at times; quoted: text with separators, quotes and line ends; sparse: often
 * missing; late: numbers until a text near the end. Empty lines and CRLF come in between. */
static void generate(generated *file) {
  size_t line = 2;
  int length = sprintf(file->text, "number,quoted,sparse,late\n");
  for (size_t i = 0; i < GENERATED_ROWS; i++) {
    char *p = file->text + length;
    if (i % 97 == 5)
      line += 2, p += sprintf(p, "\r\n\n");
    file->line[i] = line;
    file->number[i] = (double)(i * 7919 % 10007) / 64;
    sprintf(file->quoted[i],
            i % 3   ? "plain %zu"
            : i % 2 ? "a,\n\"%zu\""
                    : "\"%zu, \r\nb",
            i * 31 % 200);
    p += sprintf(p, i % 5 ? "%.17g," : "\"%.17g\",", file->number[i]);
    *p++ = '"';
    for (const char *q = file->quoted[i]; *q; q++) {
      line += *q == '\n';
      if (*q == '"')
        *p++ = '"';
      *p++ = *q;
    }
    p += sprintf(p, i % 4 ? "\",%s" : "\", NA %s", i % 4 == 1 ? "" : i % 4 ? "s\xC3\xA9" : "");
    p += sprintf(p, i == GENERATED_ROWS - 100 ? ",text%s" : ",7%s", i % 2 ? "\n" : "\r\n");
    line++;
    length = (int)(p - file->text);
  }
  file->length = (size_t)length;
}

static void check_generated(const generated *file, const gradus_frame *frame) {
  CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
  CU_ASSERT_EQUAL_FATAL(gradus_frame_rows(frame), GENERATED_ROWS);
  static const gradus_column_type types[] = {GRADUS_COLUMN_NUMERIC, GRADUS_COLUMN_FACTOR,
                                             GRADUS_COLUMN_FACTOR, GRADUS_COLUMN_MIXED};
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL_FATAL(gradus_frame_column_type(frame, i), types[i]);
  size_t wrong = 0;
  for (size_t i = 0; i < GENERATED_ROWS; i++) {
    wrong += gradus_frame_numeric(frame, 0)[i] != file->number[i];
    wrong += strcmp(test_cell(frame, 1, i), file->quoted[i]) != 0;
    wrong += strcmp(test_cell(frame, 2, i), i % 4 < 2 ? "NA" : "s\xC3\xA9") != 0;
    wrong += strcmp(test_cell(frame, 3, i), i == GENERATED_ROWS - 100 ? "text" : "7") != 0;
    wrong += gradus_i_frame_line(frame, i) != file->line[i];
  }
  CU_ASSERT_EQUAL(wrong, 0);
  for (size_t i = 1; i < gradus_frame_level_count(frame, 1); i++)
    CU_ASSERT_TRUE(strcmp(gradus_frame_level(frame, 1, i - 1), gradus_frame_level(frame, 1, i)) <
                   0);
}

static void any_threads_and_blocks_give_one_frame(void) {
  generated *file = malloc(sizeof *file);
  generate(file);
  static const int threads[] = {1, 2, 8};
  static const size_t sizes[] = {1, 7, 64, 1000, 1001, 65536, ONE_BLOCK};
  for (size_t i = 0; i < 3; i++)
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
      gradus_frame *frame;
      gradus_error err = {0};
      CHECK_STATUS(gradus_i_csv_parse(&frame, file->text, file->length,
                                      &(gradus_csv_options){.threads = threads[i]}, "generated",
                                      sizes[k], &err),
                   GRADUS_OK, &err);
      check_generated(file, frame);
      gradus_frame_free(frame);
    }
  free(file);
}

static void a_text_may_end_anywhere(void) {
  generated *file = malloc(sizeof *file);
  generate(file);
  for (size_t length = 0; length < 1500; length++) {
    char *exact = malloc(length + 1); /* so that the sanitizer sees reads beyond the end */
    memcpy(exact, file->text, length);
    gradus_frame *frame[2];
    gradus_error err[2] = {{0}, {0}};
    gradus_i_csv_parse(&frame[0], exact, length, NULL, "cut", 16, &err[0]);
    gradus_i_csv_parse(&frame[1], exact, length, NULL, "cut", ONE_BLOCK, &err[1]);
    CU_ASSERT_EQUAL(err[0].code, err[1].code);
    CU_ASSERT_STRING_EQUAL(err[0].message, err[1].message);
    CU_ASSERT_EQUAL(frame[0] == NULL, err[0].code != GRADUS_OK);
    if (frame[0])
      CU_ASSERT_EQUAL(gradus_frame_rows(frame[0]), gradus_frame_rows(frame[1]));
    gradus_frame_free(frame[0]);
    gradus_frame_free(frame[1]);
    free(exact);
  }
  free(file);
}

static const char everything[] = "a,b,\"c \"\"q\"\"\",d\n"
                                 "1,\"x \"\"y\"\"\",u,1\n\n"
                                 "2,\"line\nend\",v,2.5e3\n"
                                 "3.25,z,NA,\"4\"\n"
                                 "4,z,u,text";

static void every_failed_allocation_is_told_and_nothing_leaks(void) {
  for (failing_run run = {0}; NEXT_FAILING(&run);) {
    gradus_frame *frame;
    gradus_error err = {0};
    run.status = gradus_i_csv_parse(&frame, everything, strlen(everything),
                                    &(gradus_csv_options){.threads = 1}, "text", 16, &err);
    gradus_frame_free(frame);
    CU_ASSERT_EQUAL(frame == NULL, run.status != GRADUS_OK);
  }
}

static uint64_t state = 88172645463325252u;

static size_t below(size_t n) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (size_t)(state % n);
}

/* Bytes replaced, dropped and doubled: no answer but a frame or an error, the same for any cut. */
static void mutated_texts_never_crash(void) {
  static const char bytes[] = ",,,\"\"\"\n\n\r0123456789.eE+-NA \t\0;xyz\xFF";
  for (size_t round = 0; round < 20000; round++) {
    size_t length = strlen(everything);
    char *text = malloc(2 * length);
    memcpy(text, everything, length);
    for (size_t changes = 1 + below(6); changes > 0; changes--) {
      size_t at = below(length), kind = below(4);
      if (kind == 0) {
        memmove(text + at, text + at + 1, --length - at);
      } else if (kind == 1) {
        memmove(text + at + 1, text + at, length++ - at);
        text[at] = bytes[below(sizeof bytes - 1)];
      } else {
        text[at] = bytes[below(sizeof bytes - 1)];
      }
    }
    text = realloc(text, length);
    gradus_frame *frame[2];
    gradus_error err[2] = {{0}, {0}};
    size_t block_size = 1 + below(40);
    gradus_i_csv_parse(&frame[0], text, length, NULL, "text", ONE_BLOCK, &err[0]);
    gradus_i_csv_parse(&frame[1], text, length, &(gradus_csv_options){.threads = 1 + (int)below(3)},
                       "text", block_size, &err[1]);
    bool same = err[0].code == err[1].code && strcmp(err[0].message, err[1].message) == 0 &&
                (frame[0] != NULL) == (frame[1] != NULL) && (frame[0] != NULL) == !err[0].code;
    if (same && frame[0])
      same = gradus_frame_rows(frame[0]) == gradus_frame_rows(frame[1]) &&
             gradus_i_frame_line(frame[0], gradus_frame_rows(frame[0]) - 1) ==
                 gradus_i_frame_line(frame[1], gradus_frame_rows(frame[1]) - 1);
    if (!same)
      printf("\n%s\n%s\n%.*s\n", err[0].message, err[1].message, (int)length, text);
    CU_ASSERT_TRUE(same);
    gradus_frame_free(frame[0]);
    gradus_frame_free(frame[1]);
    free(text);
  }
}

int main(void) {
  static const test_case cases[] = {
      {"any threads and blocks give one frame", any_threads_and_blocks_give_one_frame},
      {"a text may end anywhere", a_text_may_end_anywhere},
      {"every failed allocation is told and nothing leaks",
       every_failed_allocation_is_told_and_nothing_leaks},
      {"mutated texts never crash and give one answer for any cut", mutated_texts_never_crash},
  };
  return test_main("csv_blocks", cases, sizeof cases / sizeof *cases);
}
