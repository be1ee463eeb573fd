// SPDX-License-Identifier: GPL-3.0-or-later
/* Loops over the functions of elementwise_points.h, for one type and one instruction set. */
#define LOOP(name)                                                                                 \
  TARGET static void KERNEL(name)(size_t n, const REAL *x, REAL *out) {                            \
    _Pragma("omp simd") for (size_t i = 0; i < n; i++) out[i] = KERNEL(name##_point)(x[i]);        \
  }

LOOP(exp)
LOOP(expm1)
LOOP(log)
LOOP(softplus)
LOOP(sigmoid)
LOOP(tanh)

static const TABLE KERNEL(table) = {KERNEL(exp),      KERNEL(expm1),   KERNEL(log),
                                    KERNEL(softplus), KERNEL(sigmoid), KERNEL(tanh)};

#undef LOOP
