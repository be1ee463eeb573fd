lib_libgradus_core_la_SOURCES += \
  lib/report/internal.h lib/report/number.c lib/report/table.c lib/report/coefficients.c \
  lib/report/text.c lib/report/glm_text.c lib/report/multinomial_text.c lib/report/network_text.c lib/report/ratios.c lib/report/csv.c lib/report/report.c
if HAVE_JANSSON
lib_libgradus_core_la_SOURCES += \
  lib/report/json.h lib/report/json_value.c lib/report/json.c lib/report/network_json.c lib/report/safetensors.h \
  lib/report/safetensors.c lib/report/model_network.h lib/report/model_network.c lib/report/model_save.c lib/report/model_load.c lib/report/model_load_likelihood.c lib/report/model_file.h lib/report/json_reader.h \
  lib/report/json_reader.c lib/report/solver_text.c
else
lib_libgradus_core_la_SOURCES += lib/report/without_jansson.c
endif
