# A test program per module, tests/test_NAME.c, linked with everything, hidden symbols included.
TESTED_MODULES = \
  tests/test_base tests/test_params tests/test_number tests/test_frame tests/test_csv tests/test_csv_errors \
  tests/test_formula tests/test_terms tests/test_design tests/test_design_errors tests/test_model_matrix \
  tests/test_linear tests/test_nist tests/test_hostile tests/test_inference

EXTRA_DIST += tests/data tests/r tests/reference
if HAVE_CUNIT
check_PROGRAMS += $(TESTED_MODULES)
if HAVE_JANSSON
check_PROGRAMS += tests/test_oracles
endif
check_LTLIBRARIES = tests/libsupport.la
tests_libsupport_la_SOURCES = tests/support/support.h tests/support/support.c
LDADD = tests/libsupport.la lib/libgradus_core.la $(CUNIT_LIBS) $(JANSSON_LIBS)
endif
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
TESTS += $(check_PROGRAMS)
