# A test program per module: tests/test_NAME.c, linked with everything, hidden symbols included.
TEST_LDADD = lib/libgradus_core.la $(CUNIT_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
EXTRA_DIST += tests/support/support.h
EXTRA_DIST += tests/data/hostile
EXTRA_DIST += tests/data/nist tests/data/oracles tests/data/tails.csv tests/reference/make_tails.py
if HAVE_CUNIT
check_PROGRAMS += tests/test_hostile
tests_test_hostile_SOURCES = tests/test_hostile.c tests/support/support.c
tests_test_hostile_CFLAGS = $(TEST_CFLAGS)
tests_test_hostile_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_linear
tests_test_linear_SOURCES = tests/test_linear.c tests/support/support.c
tests_test_linear_CFLAGS = $(TEST_CFLAGS)
tests_test_linear_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_params
tests_test_params_SOURCES = tests/test_params.c tests/support/support.c
tests_test_params_CFLAGS = $(TEST_CFLAGS)
tests_test_params_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_inference
tests_test_inference_SOURCES = tests/test_inference.c tests/support/support.c
tests_test_inference_CFLAGS = $(TEST_CFLAGS)
tests_test_inference_LDADD = $(TEST_LDADD)
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
check_PROGRAMS += tests/test_nist
tests_test_nist_SOURCES = tests/test_nist.c tests/support/support.c
tests_test_nist_CFLAGS = $(TEST_CFLAGS)
tests_test_nist_LDADD = $(TEST_LDADD)
if HAVE_JANSSON
check_PROGRAMS += tests/test_oracles
tests_test_oracles_SOURCES = tests/test_oracles.c tests/support/support.c
tests_test_oracles_CFLAGS = $(TEST_CFLAGS)
tests_test_oracles_LDADD = $(TEST_LDADD) $(JANSSON_LIBS)
endif
endif
TESTS += $(check_PROGRAMS)
