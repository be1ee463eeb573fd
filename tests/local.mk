# A test program per module: tests/test_NAME.c, linked with everything, hidden symbols included.
TEST_LDADD = lib/libgradus_core.la $(CUNIT_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
EXTRA_DIST += tests/support/support.h tests/support/made_fits.h
EXTRA_DIST += tests/data/hostile
EXTRA_DIST += tests/data/nist tests/data/oracles
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
tests_test_csv_SOURCES = tests/test_csv.c tests/support/support.c
tests_test_csv_CFLAGS = $(TEST_CFLAGS)
tests_test_csv_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_number
tests_test_number_SOURCES = tests/test_number.c tests/support/support.c
tests_test_number_CFLAGS = $(TEST_CFLAGS)
tests_test_number_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_report
tests_test_report_SOURCES = tests/test_report.c tests/support/made_fits.c tests/support/support.c
tests_test_report_CFLAGS = $(TEST_CFLAGS)
tests_test_report_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_nist
tests_test_nist_SOURCES = tests/test_nist.c tests/support/support.c
tests_test_nist_CFLAGS = $(TEST_CFLAGS)
tests_test_nist_LDADD = $(TEST_LDADD)
if HAVE_JANSSON
check_PROGRAMS += tests/test_oracles
tests_test_oracles_SOURCES = tests/test_oracles.c tests/support/support.c
tests_test_oracles_CFLAGS = $(TEST_CFLAGS)
tests_test_oracles_LDADD = $(TEST_LDADD) $(JANSSON_LIBS)
check_PROGRAMS += tests/test_model_file
tests_test_model_file_SOURCES = tests/test_model_file.c tests/support/made_fits.c tests/support/support.c
tests_test_model_file_CFLAGS = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
tests_test_model_file_LDADD = $(TEST_LDADD)
endif
endif
TESTS += $(check_PROGRAMS)

# Shell tests: each counts its checks and says so in its last line.
SHELL_TESTS = tests/test_command.sh tests/test_command_hostile.sh tests/check-layers.sh \
  tests/check-exports.sh tests/check-install.sh
TESTS += $(SHELL_TESTS)
EXTRA_DIST += $(SHELL_TESTS) tests/shell.sh tests/count.sh tests/exports.txt
