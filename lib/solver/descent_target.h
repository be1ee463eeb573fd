// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of gradient descent for one instruction set: both types. */
#define REAL double
#define WORD int64_t
#define FADED (16 * DBL_MIN)
#define KERNELS_TYPE gradus_i_descent_kernels_d
#define ROOT sqrt
#define KERNEL(name) FOR_TARGET(name##_d)
#include "descent_kernels.h"
#undef REAL
#undef WORD
#undef FADED
#undef KERNELS_TYPE
#undef ROOT
#undef KERNEL
#define REAL float
#define WORD int32_t
#define FADED (16 * FLT_MIN)
#define KERNELS_TYPE gradus_i_descent_kernels_f
#define ROOT sqrtf
#define KERNEL(name) FOR_TARGET(name##_f)
#include "descent_kernels.h"
#undef REAL
#undef WORD
#undef FADED
#undef KERNELS_TYPE
#undef ROOT
#undef KERNEL
