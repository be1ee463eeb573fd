lib_libgradus_core_la_SOURCES += \
  lib/linalg/condition.c lib/linalg/convolution.c lib/linalg/convolution.h \
  lib/linalg/convolution_target.h lib/linalg/convolution_template.h lib/linalg/each_instructions.h \
  lib/linalg/elementwise.c lib/linalg/elementwise.h lib/linalg/elementwise_points.h \
  lib/linalg/elementwise_rows_template.h lib/linalg/elementwise_target.h \
  lib/linalg/elementwise_template.h lib/linalg/elementwise_types.h lib/linalg/extended.c \
  lib/linalg/extended.h lib/linalg/extended_template.h lib/linalg/fused.c lib/linalg/fused.h \
  lib/linalg/fused_kernels.c lib/linalg/fused_target.h lib/linalg/fused_template.h \
  lib/linalg/internal.h lib/linalg/lapack.c lib/linalg/orthonormal.c lib/linalg/planes.c \
  lib/linalg/planes.h lib/linalg/planes_target.h lib/linalg/planes_template.h \
  lib/linalg/products.c lib/linalg/products_template.h lib/linalg/recurrent.h \
  lib/linalg/recurrent_kernels.c lib/linalg/recurrent_target.h lib/linalg/recurrent_template.h \
  lib/linalg/residual.c lib/linalg/residual_template.h lib/linalg/row_losses_template.h \
  lib/linalg/step_product_template.h lib/linalg/vectors.h lib/linalg/vectors_end.h
