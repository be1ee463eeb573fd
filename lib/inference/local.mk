lib_libgradus_core_la_SOURCES += \
  lib/inference/internal.h lib/inference/distribution.c lib/inference/summary.c \
  lib/inference/rows.c lib/inference/predict.c \
  lib/inference/diagnostics.c lib/inference/robust.c
