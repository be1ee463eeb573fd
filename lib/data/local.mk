lib_libgradus_core_la_SOURCES += lib/data/internal.h lib/data/source.c
