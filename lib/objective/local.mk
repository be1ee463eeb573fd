lib_libgradus_core_la_SOURCES += lib/objective/internal.h lib/objective/links.c lib/objective/families.c \
  lib/objective/objective.h lib/objective/objective.c lib/objective/loss.h lib/objective/losses.c \
  lib/objective/affine.c
