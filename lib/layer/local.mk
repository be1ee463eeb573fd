lib_libgradus_core_la_SOURCES += \
  lib/layer/layer.h lib/layer/network.c lib/layer/tape.c \
  lib/layer/dense_template.h lib/layer/dense.c \
  lib/layer/activation_template.h lib/layer/activations.c lib/layer/add.c
