# A test program per module: tests/test_NAME.c, linked with everything, hidden symbols included.
TEST_LDADD = lib/libgradus_core.la $(CUNIT_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; builddir='$(builddir)'; export builddir;
EXTRA_DIST += tests/support/support.h
if HAVE_CUNIT
check_PROGRAMS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c tests/support/support.c
tests_test_base_CFLAGS = $(TEST_CFLAGS)
tests_test_base_LDADD = $(TEST_LDADD)
endif
TESTS += $(check_PROGRAMS)
