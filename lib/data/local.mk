lib_libgradus_core_la_SOURCES += lib/data/internal.h lib/data/source.c
lib_libgradus_core_la_SOURCES += \
  lib/data/frame_internal.h lib/data/frame.c lib/data/levels.c \
  lib/data/dictionary.h lib/data/dictionary.c lib/data/number.h lib/data/number.c \
  lib/data/csv_internal.h lib/data/csv.c lib/data/csv_input.c lib/data/csv_field.c lib/data/csv_cut.c \
  lib/data/csv_rows.c lib/data/csv_finish.c lib/data/csv_fault.c \
  lib/data/datasets.h lib/data/datasets.c
nodist_lib_libgradus_core_la_SOURCES = lib/data/bundled.c
lib_libgradus_core_la_SOURCES += \
  lib/data/arena.h lib/data/arena.c lib/data/syntax.h lib/data/tokens.c lib/data/formula.c \
  lib/data/functions.c lib/data/check.c lib/data/deparse.c lib/data/terms.c lib/data/expression.c \
  lib/data/design.h lib/data/design.c lib/data/resolve.c lib/data/variables.c lib/data/bound.c \
  lib/data/design_levels.c lib/data/constants.c lib/data/columns.c lib/data/state.c \
  lib/data/reader.h lib/data/reader.c lib/data/frame_source.c
