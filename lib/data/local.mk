# A frame and what fills it
lib_libgradus_core_la_SOURCES += \
  lib/data/array.c lib/data/array.h lib/data/array_file.c lib/data/array_idx.c \
  lib/data/array_npy.c lib/data/array_numbers.c lib/data/csv.c lib/data/csv_cut.c \
  lib/data/csv_fault.c lib/data/csv_field.c lib/data/csv_finish.c lib/data/csv_input.c \
  lib/data/csv_internal.h lib/data/csv_number.c lib/data/csv_number.h lib/data/csv_rows.c \
  lib/data/datasets.c lib/data/datasets.h lib/data/dictionary.c lib/data/dictionary.h \
  lib/data/frame.c lib/data/frame_internal.h lib/data/frame_levels.c lib/data/internal.h
nodist_lib_libgradus_core_la_SOURCES = lib/data/bundled.c
# Formulas: from text to terms
lib_libgradus_core_la_SOURCES += \
  lib/data/arena.c lib/data/arena.h lib/data/formula.c lib/data/formula_check.c \
  lib/data/formula_functions.c lib/data/formula_syntax.h lib/data/formula_terms.c \
  lib/data/formula_text.c lib/data/formula_tokens.c
# Designs: from terms and a frame to columns
lib_libgradus_core_la_SOURCES += \
  lib/data/design.c lib/data/design_brief.c lib/data/design_codes.c lib/data/design_columns.c \
  lib/data/design_constants.c lib/data/design_frame.c lib/data/design_internal.h \
  lib/data/design_levels.c lib/data/design_resolve.c lib/data/design_state.c \
  lib/data/design_variables.c lib/data/expression.c lib/data/padding.c
# Sources: rows in batches
lib_libgradus_core_la_SOURCES += \
  lib/data/origin.c lib/data/pass.c lib/data/row_buffer.c lib/data/sequences.c \
  lib/data/sequences.h lib/data/source.c lib/data/source_derived.c lib/data/source_frame.c \
  lib/data/source_rows.c lib/data/source_rows.h lib/data/source_sample.c lib/data/source_scaled.c
