# A test program per module: tests/test_NAME.c, linked with everything, hidden symbols included.
TEST_LDADD = lib/libgradus_core.la $(CUNIT_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
EXTRA_DIST += tests/support/support.h tests/support/cells.h
HOSTILE_FILES = \
  tests/data/hostile/csv_blank_line_inside.csv \
  tests/data/hostile/csv_bom_utf8.csv \
  tests/data/hostile/csv_crlf.csv \
  tests/data/hostile/csv_duplicate_names.csv \
  tests/data/hostile/csv_empty_file.csv \
  tests/data/hostile/csv_header_only.csv \
  tests/data/hostile/csv_header_too_long.csv \
  tests/data/hostile/csv_latin1_level.csv \
  tests/data/hostile/csv_locale_decimal_point.csv \
  tests/data/hostile/csv_na_spellings.csv \
  tests/data/hostile/csv_no_final_newline.csv \
  tests/data/hostile/csv_nul_in_number.csv \
  tests/data/hostile/csv_number_1.2.3.csv \
  tests/data/hostile/csv_overflow_literal.csv \
  tests/data/hostile/csv_quote_doubled.csv \
  tests/data/hostile/csv_quoted_comma.csv \
  tests/data/hostile/csv_ragged_short.csv \
  tests/data/hostile/csv_scientific.csv \
  tests/data/hostile/csv_semicolon_decimal_comma.csv \
  tests/data/hostile/csv_spaces_around.csv \
  tests/data/hostile/csv_tab_separated.csv \
  tests/data/hostile/csv_text_in_numeric.csv \
  tests/data/hostile/csv_thousands_quoted.csv \
  tests/data/hostile/expected.csv
EXTRA_DIST += $(HOSTILE_FILES)
if HAVE_CUNIT
check_PROGRAMS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c tests/support/support.c
tests_test_base_CFLAGS = $(TEST_CFLAGS)
tests_test_base_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_frame
tests_test_frame_SOURCES = tests/test_frame.c tests/support/support.c
tests_test_frame_CFLAGS = $(TEST_CFLAGS)
tests_test_frame_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_csv
tests_test_csv_SOURCES = tests/test_csv.c tests/support/cells.c tests/support/support.c
tests_test_csv_CFLAGS = $(TEST_CFLAGS)
tests_test_csv_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_csv_blocks
tests_test_csv_blocks_SOURCES = tests/test_csv_blocks.c tests/support/cells.c tests/support/support.c
tests_test_csv_blocks_CFLAGS = $(TEST_CFLAGS)
tests_test_csv_blocks_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_datasets
tests_test_datasets_SOURCES = tests/test_datasets.c tests/support/cells.c tests/support/support.c
tests_test_datasets_CFLAGS = $(TEST_CFLAGS)
tests_test_datasets_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_number
tests_test_number_SOURCES = tests/test_number.c tests/support/support.c
tests_test_number_CFLAGS = $(TEST_CFLAGS)
tests_test_number_LDADD = $(TEST_LDADD)
endif
TESTS += $(check_PROGRAMS)
