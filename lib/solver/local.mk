lib_libgradus_core_la_SOURCES += lib/solver/internal.h lib/solver/pass.c lib/solver/panel.c
