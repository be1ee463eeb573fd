lib_libgradus_core_la_SOURCES += \
  lib/inference/diagnose.c lib/inference/diagnose.h lib/inference/diagnose_faults.c \
  lib/inference/diagnose_filters.c lib/inference/diagnose_kept.c \
  lib/inference/diagnose_recurrent.c lib/inference/diagnostics.c lib/inference/diagnostics_glm.c \
  lib/inference/distribution.c lib/inference/glm_rows.c lib/inference/internal.h \
  lib/inference/intervals.c lib/inference/limit.c lib/inference/metrics_auc.c \
  lib/inference/metrics_calibration.c lib/inference/metrics_common.c \
  lib/inference/metrics_confusion.c lib/inference/metrics_curves.c \
  lib/inference/metrics_deviance.c lib/inference/metrics_internal.h \
  lib/inference/metrics_multiclass.c lib/inference/metrics_probability.c \
  lib/inference/metrics_rank.c lib/inference/metrics_regression.c lib/inference/network.c \
  lib/inference/network.h lib/inference/network_effects.c lib/inference/network_kept.c \
  lib/inference/network_predict.c lib/inference/network_rows.c lib/inference/network_view.c \
  lib/inference/predict.c lib/inference/predict_class.c lib/inference/predict_internal.h \
  lib/inference/predict_multinomial.c lib/inference/predict_network.c \
  lib/inference/predict_terms.c lib/inference/profile.c lib/inference/profile.h \
  lib/inference/profile_limit.c lib/inference/pseudo.c lib/inference/ratio.c \
  lib/inference/robust.c lib/inference/rows.c lib/inference/summary.c
