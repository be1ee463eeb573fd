lib_libgradus_core_la_SOURCES += \
  lib/solver/internal.h lib/solver/pass.c lib/solver/panel.c lib/solver/gram.h lib/solver/gram_rows.c lib/solver/gram.c \
  lib/solver/rows_triangle.c lib/solver/triangle.c lib/solver/svd.c lib/solver/extended.c \
  lib/solver/least_squares.c lib/solver/irls.h lib/solver/irls.c lib/solver/fixed_source.c lib/solver/firth.h lib/solver/firth.c \
  lib/solver/separation.h lib/solver/separation_internal.h lib/solver/separation.c \
  lib/solver/separation_points.c lib/solver/separation_answer.c lib/solver/separation_rest.c lib/solver/separation_program.c
