# A test program per module: tests/test_NAME.c, linked with everything, hidden symbols included.
TEST_LDADD = lib/libgradus_core.la $(CUNIT_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
EXTRA_DIST += tests/support/support.h
EXTRA_DIST += tests/r/model_matrix.R tests/data/model_matrix
if HAVE_CUNIT
check_PROGRAMS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c tests/support/support.c
tests_test_base_CFLAGS = $(TEST_CFLAGS)
tests_test_base_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_model_matrix
tests_test_model_matrix_SOURCES = tests/test_model_matrix.c tests/support/support.c
tests_test_model_matrix_CFLAGS = $(TEST_CFLAGS)
tests_test_model_matrix_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_formula
tests_test_formula_SOURCES = tests/test_formula.c tests/support/support.c
tests_test_formula_CFLAGS = $(TEST_CFLAGS)
tests_test_formula_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_terms
tests_test_terms_SOURCES = tests/test_terms.c tests/support/support.c
tests_test_terms_CFLAGS = $(TEST_CFLAGS)
tests_test_terms_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_design
tests_test_design_SOURCES = tests/test_design.c tests/support/support.c
tests_test_design_CFLAGS = $(TEST_CFLAGS)
tests_test_design_LDADD = $(TEST_LDADD)
check_PROGRAMS += tests/test_design_errors
tests_test_design_errors_SOURCES = tests/test_design_errors.c tests/support/support.c
tests_test_design_errors_CFLAGS = $(TEST_CFLAGS)
tests_test_design_errors_LDADD = $(TEST_LDADD)
endif
TESTS += $(check_PROGRAMS)
