lib_libgradus_core_la_SOURCES += \
  lib/model/firth.c lib/model/fit.c lib/model/glm.c lib/model/glm.h lib/model/glm_newton.c \
  lib/model/glm_solve.c lib/model/glm_watch.c lib/model/grouped.c lib/model/internal.h \
  lib/model/iterate.c lib/model/iterate.h lib/model/joint.c lib/model/linear.c \
  lib/model/multinomial.c lib/model/multinomial.h lib/model/multinomial_fill.c \
  lib/model/multinomial_firth.c lib/model/multinomial_limit.c lib/model/multinomial_prior.c \
  lib/model/multinomial_rows.c lib/model/multinomial_separation.c lib/model/network.c \
  lib/model/network.h lib/model/network_checkpoint.c lib/model/network_checkpoint.h \
  lib/model/network_columns.c lib/model/network_errors.c lib/model/network_fill.c \
  lib/model/network_fit.c lib/model/network_fold.c lib/model/network_frame.c \
  lib/model/network_inputs.c lib/model/network_kept.c lib/model/network_loss.c \
  lib/model/network_measure.c lib/model/network_memory.c lib/model/network_options.c \
  lib/model/network_output.c lib/model/network_output.h lib/model/network_partial.c \
  lib/model/network_pick.c lib/model/network_recast.c lib/model/network_rows.c \
  lib/model/network_separation.c lib/model/network_sets.c lib/model/network_solver.c \
  lib/model/network_start.c lib/model/network_train.c lib/model/null_likelihood.c \
  lib/model/parts.c lib/model/quantile.c lib/model/separated.c lib/model/signs.c \
  lib/model/softmax_metric.c lib/model/softmax_metric.h
