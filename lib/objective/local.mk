lib_libgradus_core_la_SOURCES += \
  lib/objective/families.c lib/objective/family.h lib/objective/family_binomial.c \
  lib/objective/family_gamma.c lib/objective/family_gaussian.c \
  lib/objective/family_inverse_gaussian.c lib/objective/family_poisson.c lib/objective/internal.h \
  lib/objective/links.c
lib_libgradus_core_la_SOURCES += \
  lib/objective/affine.c lib/objective/custom_loss.c lib/objective/family_negative_binomial.c \
  lib/objective/loss.h lib/objective/losses.c lib/objective/mixed.c lib/objective/network_batch.c \
  lib/objective/network_objective.c lib/objective/network_objective.h \
  lib/objective/network_steps.c lib/objective/objective.c lib/objective/objective.h \
  lib/objective/stirling.c
