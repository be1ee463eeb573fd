lib_libgradus_core_la_SOURCES += \
  lib/model/internal.h lib/model/fit.c lib/model/parts.c lib/model/linear.c lib/model/grouped.c lib/model/glm.c lib/model/glm_internal.h lib/model/separated.c lib/model/firth.c \
  lib/model/quantile.c
