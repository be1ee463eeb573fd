// SPDX-License-Identifier: GPL-3.0-or-later
/* Includes the file that GRADUS_I_TEMPLATE names once per instruction set of
   gradus_i_instructions, with
     TARGET            the attributes of a function,
     FOR_TARGET(name)  its name,
     LANES             how many doubles a vector holds,
     FUSED             1 where a fused multiply-add is an instruction,
     UNROLL            before a loop over registers, which must vanish: by clang only when its count
                       is known, since what is cut in two before it is inlined stays a loop.
   Selections are compiled as such, not as branches, which gcc does only where nobody asks for the
   floating-point exceptions; values do not change. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 12")
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif
#if defined(FP_FAST_FMA) || defined(__FP_FAST_FMA)
#define FUSED 1
#else
#define FUSED 0
#endif
#define TARGET
#define LANES 4
#define FOR_TARGET(name) name##_plain
#include GRADUS_I_TEMPLATE
#undef FUSED
#undef TARGET
#undef LANES
#undef FOR_TARGET

#if defined(__x86_64__)
#define FUSED 1
#define LANES 4
#define TARGET __attribute__((target("avx2,fma")))
#define FOR_TARGET(name) name##_avx2
#include GRADUS_I_TEMPLATE
#undef TARGET
#undef LANES
#undef FOR_TARGET

#define LANES 8
#if defined(__clang__)
#define TARGET                                                                                     \
  __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw"), min_vector_width(512)))
#else
#define TARGET                                                                                     \
  __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw,prefer-vector-width=512")))
#endif
#define FOR_TARGET(name) name##_avx512
#include GRADUS_I_TEMPLATE
#undef FUSED
#undef TARGET
#undef LANES
#undef FOR_TARGET
#endif
