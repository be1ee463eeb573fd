lib_libgradus_core_la_SOURCES += lib/linalg/extended.h
