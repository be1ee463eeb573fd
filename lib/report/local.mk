lib_libgradus_core_la_SOURCES += \
  lib/report/coefficients.c lib/report/csv.c lib/report/glm_text.c lib/report/internal.h \
  lib/report/multinomial_text.c lib/report/network_errors_text.c lib/report/network_text.c \
  lib/report/number.c lib/report/ratios.c lib/report/report.c lib/report/table.c lib/report/text.c
if HAVE_JANSSON
lib_libgradus_core_la_SOURCES += \
  lib/report/json.c lib/report/json.h lib/report/json_reader.c lib/report/json_reader.h \
  lib/report/json_value.c lib/report/model_file.h lib/report/model_load.c \
  lib/report/model_load_glm.c lib/report/model_network.c lib/report/model_network.h \
  lib/report/model_network_errors.c lib/report/model_save.c lib/report/network_json.c \
  lib/report/safetensors.c lib/report/safetensors.h lib/report/solver_text.c
else
lib_libgradus_core_la_SOURCES += lib/report/without_jansson.c
endif
