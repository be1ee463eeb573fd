// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#ifdef _OPENMP
#include <omp.h>
#endif

int gradus_i_threads(int requested) {
  if (requested > 0)
    return requested;
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

gradus_i_thread_scope gradus_i_threads_begin(int requested) {
  gradus_i_thread_scope scope = {.threads = gradus_i_threads(requested), .saved = 1};
#ifdef _OPENMP
  scope.saved = omp_get_max_threads();
  omp_set_num_threads(1);
#endif
  return scope;
}

void gradus_i_threads_end(gradus_i_thread_scope scope) {
#ifdef _OPENMP
  omp_set_num_threads(scope.saved);
#else
  (void)scope;
#endif
}
