lib_libgradus_core_la_SOURCES += \
  lib/model/internal.h lib/model/iterate.h lib/model/iterate.c lib/model/fit.c lib/model/parts.c lib/model/linear.c lib/model/grouped.c lib/model/glm.h lib/model/glm_solve.c lib/model/glm_newton.c lib/model/glm.c lib/model/glm_internal.h lib/model/separated.c lib/model/signs.c lib/model/firth.c \
  lib/model/quantile.c lib/model/null_likelihood.c lib/model/joint.c lib/model/multinomial.h lib/model/multinomial.c lib/model/multinomial_fill.c lib/model/multinomial_rows.c lib/model/multinomial_separation.c
