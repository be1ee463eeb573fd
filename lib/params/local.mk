lib_libgradus_core_la_SOURCES += lib/params/internal.h lib/params/params.c
