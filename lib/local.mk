# libgradus_core holds every object; the installed library and the tests (which see hidden symbols) are made of it.
noinst_LTLIBRARIES += lib/libgradus_core.la
lib_libgradus_core_la_CFLAGS = $(AM_CFLAGS)
lib_libgradus_core_la_LIBADD = $(DEPENDENCY_LIBS)
lib_libgradus_core_la_SOURCES =

lib_LTLIBRARIES += lib/libgradus.la
lib_libgradus_la_SOURCES =
lib_libgradus_la_LIBADD = lib/libgradus_core.la
lib_libgradus_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined

include lib/base/local.mk
include lib/linalg/local.mk
include lib/data/local.mk
include lib/params/local.mk
include lib/layer/local.mk
include lib/objective/local.mk
include lib/solver/local.mk
include lib/model/local.mk
include lib/inference/local.mk
include lib/report/local.mk
