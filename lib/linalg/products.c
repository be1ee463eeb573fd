// SPDX-License-Identifier: GPL-3.0-or-later
/* Products of a block of rows with weights, and of scores with the rows. */
#include "internal.h"

#include <gsl/gsl_cblas.h>

#define REAL double
#define NAME(name) name
#define GEMV cblas_dgemv
#define GEMM cblas_dgemm
#include "products_template.h"
#undef REAL
#undef NAME
#undef GEMV
#undef GEMM
#define REAL float
#define NAME(name) name##_f
#define GEMV cblas_sgemv
#define GEMM cblas_sgemm
#include "products_template.h"
