lib_libgradus_core_la_SOURCES += \
  lib/linalg/internal.h lib/linalg/extended.h lib/linalg/extended_template.h lib/linalg/extended.c lib/linalg/condition.c \
  lib/linalg/residual_template.h lib/linalg/residual.c lib/linalg/lapack.c lib/linalg/products.c
