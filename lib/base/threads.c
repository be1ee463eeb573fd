// SPDX-License-Identifier: GPL-3.0-or-later
#include "internal.h"

#include <sched.h>

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

static void pause_shortly(unsigned looks) {
  enum { LOOKS = 256 };
  if (looks > LOOKS)
    sched_yield();
#if defined(__x86_64__)
  else
    __builtin_ia32_pause();
#endif
}

void gradus_i_team_share(gradus_i_team team, size_t count, size_t *first, size_t *end) {
  bool alone = team.threads <= 1; /* spared the divisions, which cost as much as a tiny network */
  *first = alone ? 0 : count * team.thread / team.threads;
  *end = alone ? count : count * (team.thread + 1) / team.threads;
}

void gradus_i_team_wait(gradus_i_team team) {
  gradus_i_meeting *m = team.meeting;
  if (team.threads <= 1)
    return;
  unsigned round = atomic_load_explicit(&m->round, memory_order_acquire);
  if (atomic_fetch_add_explicit(&m->arrived, 1, memory_order_acq_rel) + 1 == team.threads) {
    atomic_store_explicit(&m->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&m->round, round + 1, memory_order_release);
    return;
  }
  for (unsigned looks = 0; atomic_load_explicit(&m->round, memory_order_acquire) == round; looks++)
    pause_shortly(looks);
}

void gradus_i_team_run(int threads, void (*work)(void *context, gradus_i_team team),
                       void *context) {
#ifdef _OPENMP
  gradus_i_meeting meeting = {0};
  if (threads > 1) {
#pragma omp parallel num_threads(threads)
    {
      gradus_i_thread_scope scope = gradus_i_threads_begin(1);
      work(context,
           (gradus_i_team){(size_t)omp_get_thread_num(), (size_t)omp_get_num_threads(), &meeting});
      gradus_i_threads_end(scope);
    }
    return;
  }
#endif
  (void)threads;
  work(context, (gradus_i_team){0});
}
