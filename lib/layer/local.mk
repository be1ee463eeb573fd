lib_libgradus_core_la_SOURCES += \
  lib/layer/activation_target.h lib/layer/activation_template.h lib/layer/activations.c \
  lib/layer/add.c lib/layer/batch_norm.c lib/layer/batch_norm_template.h lib/layer/build.c \
  lib/layer/build.h lib/layer/check_gradient.c lib/layer/check_gradient.h \
  lib/layer/check_network.c lib/layer/columns.c lib/layer/columns_template.h lib/layer/custom.c \
  lib/layer/custom.h lib/layer/custom_template.h lib/layer/dense.c lib/layer/dense_template.h \
  lib/layer/dropout.c lib/layer/dropout_template.h lib/layer/each_precision.h \
  lib/layer/initialise.c lib/layer/initialise.h lib/layer/layer.h lib/layer/layer_norm.c \
  lib/layer/layer_norm_template.h lib/layer/network.c lib/layer/tape.c lib/layer/tape_run.c
lib_libgradus_core_la_SOURCES += \
  lib/layer/channels_last.c lib/layer/concat.c lib/layer/concat_template.h lib/layer/convolution.c \
  lib/layer/convolution_places.c lib/layer/convolution_places_template.h \
  lib/layer/convolution_planes.c lib/layer/convolution_planes_template.h \
  lib/layer/convolution_ways.h lib/layer/embedding.c lib/layer/embedding_template.h \
  lib/layer/embeddings.c lib/layer/embeddings.h lib/layer/flatten.c lib/layer/global_pooling.c \
  lib/layer/global_pooling_template.h lib/layer/pooling.c lib/layer/pooling_template.h \
  lib/layer/recurrent.c lib/layer/recurrent.h lib/layer/recurrent_backward_template.h \
  lib/layer/recurrent_forward_template.h lib/layer/recurrent_layout.c lib/layer/short_form.c \
  lib/layer/short_form.h lib/layer/window.c lib/layer/window.h
if HAVE_JANSSON
lib_libgradus_core_la_SOURCES += \
  lib/layer/architecture.c lib/layer/architecture_embeddings.c lib/layer/architecture_embeddings.h \
  lib/layer/architecture_options.c lib/layer/architecture_options.h
else
lib_libgradus_core_la_SOURCES += lib/layer/without_jansson.c
endif
