lib_libgradus_core_la_SOURCES += lib/params/params.c
