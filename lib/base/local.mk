lib_libgradus_core_la_SOURCES += \
  lib/base/error.c lib/base/file.c lib/base/internal.h lib/base/machine.c lib/base/memory.c \
  lib/base/text.c lib/base/threads.c
