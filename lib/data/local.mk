lib_libgradus_core_la_SOURCES += lib/data/internal.h lib/data/source.c
lib_libgradus_core_la_SOURCES += lib/data/internal.h
lib_libgradus_core_la_SOURCES += \
  lib/data/frame_internal.h lib/data/frame.c lib/data/levels.c \
  lib/data/dictionary.h lib/data/dictionary.c lib/data/number.h lib/data/number.c \
  lib/data/csv_internal.h lib/data/csv.c lib/data/csv_input.c lib/data/csv_field.c lib/data/csv_cut.c \
  lib/data/csv_rows.c lib/data/csv_finish.c lib/data/csv_fault.c \
  lib/data/datasets.h lib/data/datasets.c
nodist_lib_libgradus_core_la_SOURCES = lib/data/bundled.c
