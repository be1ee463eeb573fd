lib_libgradus_core_la_SOURCES += \
  lib/solver/accelerated.c lib/solver/accelerated.h lib/solver/clip_template.h \
  lib/solver/descent.c lib/solver/descent_kernels.h lib/solver/descent_rules.c \
  lib/solver/descent_rules.h lib/solver/descent_target.h lib/solver/extended.c lib/solver/firth.c \
  lib/solver/firth.h lib/solver/fixed_source.c lib/solver/glm_sums.c lib/solver/gram.c \
  lib/solver/gram.h lib/solver/gram_root.c lib/solver/gram_rows.c lib/solver/internal.h \
  lib/solver/irls.c lib/solver/irls.h lib/solver/lbfgs.c lib/solver/least_squares.c \
  lib/solver/levenberg_marquardt.c lib/solver/line_search.c lib/solver/line_search.h \
  lib/solver/minibatch.c lib/solver/minimise.c lib/solver/newton.c lib/solver/panel.c \
  lib/solver/pool.c lib/solver/rows_triangle.c lib/solver/schedule.c lib/solver/secants.c \
  lib/solver/secants.h lib/solver/separation.c lib/solver/separation.h \
  lib/solver/separation_answer.c lib/solver/separation_internal.h lib/solver/separation_points.c \
  lib/solver/separation_program.c lib/solver/separation_rest.c lib/solver/shape.c \
  lib/solver/solver.h lib/solver/svd.c lib/solver/training.c lib/solver/training.h \
  lib/solver/triangle.c
