lib_libgradus_core_la_SOURCES += lib/objective/internal.h lib/objective/links.c lib/objective/families.c
