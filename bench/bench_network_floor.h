// SPDX-License-Identifier: GPL-3.0-or-later
/* What training of a dense network in float32 costs by hand: sgemm, loops over what it leaves, the
   batch cut in shards over own threads with gradients of their own. For one network only: no
   layers, no losses, no rules to choose from. */
#ifndef GRADUS_BENCH_NETWORK_FLOOR_H
#define GRADUS_BENCH_NETWORK_FLOOR_H

#include "../lib/base/internal.h"
#include <gsl/gsl_cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FLOOR_LAYERS = 4, FLOOR_THREADS = 2 };

typedef struct floor_network {
  size_t layers, width[FLOOR_LAYERS], offset[FLOOR_LAYERS]; /* of layer l's weights in theta */
  size_t batch, rows, dim;
  bool adam, regression;
  float *x, *y, *theta, *mean, *square;
  size_t *order;
  double step;
  /* Of each thread. */
  float *gradient[FLOOR_THREADS], *out[FLOOR_THREADS][FLOOR_LAYERS];
  float *slope[FLOOR_THREADS][FLOOR_LAYERS];
} floor_network;

static inline void floor_make(floor_network *f, size_t layers, const size_t *width, size_t batch,
                              bool adam, bool regression, size_t rows, const double *x,
                              const double *y, const double *theta) {
  *f = (floor_network){
      .layers = layers, .batch = batch, .rows = rows, .adam = adam, .regression = regression};
  for (size_t l = 0; l < layers; l++) {
    f->width[l] = width[l];
    f->offset[l] = f->dim;
    f->dim += l > 0 ? width[l] * (width[l - 1] + 1) : 0;
  }
  f->x = malloc(rows * width[0] * sizeof *f->x);
  f->y = malloc(rows * sizeof *f->y);
  f->order = malloc(rows * sizeof *f->order);
  f->theta = malloc(f->dim * sizeof *f->theta);
  f->mean = calloc(f->dim, sizeof *f->mean);
  f->square = calloc(f->dim, sizeof *f->square);
  for (size_t i = 0; i < rows * width[0]; i++)
    f->x[i] = (float)x[i];
  for (size_t i = 0; i < rows; i++) {
    f->y[i] = (float)y[i];
    f->order[i] = i;
  }
  for (size_t j = 0; j < f->dim; j++)
    f->theta[j] = (float)theta[j];
  for (size_t t = 0; t < FLOOR_THREADS; t++) {
    f->gradient[t] = malloc(f->dim * sizeof(float));
    for (size_t l = 0; l < layers; l++) {
      f->out[t][l] = malloc(batch * width[l] * sizeof(float));
      f->slope[t][l] = malloc(batch * width[l] * sizeof(float));
    }
  }
}

static inline void floor_free(floor_network *f) {
  free(f->x);
  free(f->y);
  free(f->order);
  free(f->theta);
  free(f->mean);
  free(f->square);
  for (size_t t = 0; t < FLOOR_THREADS; t++) {
    free(f->gradient[t]);
    for (size_t l = 0; l < f->layers; l++) {
      free(f->out[t][l]);
      free(f->slope[t][l]);
    }
  }
}

/* Slopes of the softmax or of the squared error, in place of the last layer's outputs. */
static inline void floor_loss(const floor_network *f, size_t rows, const size_t *order,
                              const float *out, float *slope) {
  size_t k = f->width[f->layers - 1];
  for (size_t i = 0; i < rows; i++) {
    const float *row = out + i * k;
    float largest = row[0], sum = 0, scale = 1 / (float)f->batch;
    if (f->regression) {
      slope[i] = (row[0] - f->y[order[i]]) * scale;
      continue;
    }
    for (size_t r = 1; r < k; r++)
      largest = row[r] > largest ? row[r] : largest;
    for (size_t r = 0; r < k; r++)
      sum += slope[i * k + r] = expf(row[r] - largest);
    for (size_t r = 0; r < k; r++)
      slope[i * k + r] *= scale / sum;
    slope[i * k + (size_t)f->y[order[i]]] -= scale;
  }
}

__attribute__((target_clones("avx512f", "avx2", "default"))) static void
floor_activate(const float *bias, size_t rows, size_t k, bool last, float *out) {
  for (size_t i = 0; i < rows; i++)
#pragma omp simd
    for (size_t r = 0; r < k; r++) {
      float v = out[i * k + r] + bias[r];
      out[i * k + r] = last || v > 0 ? v : 0;
    }
}

/* One shard forward and backward. */
static inline void floor_shard(floor_network *f, size_t t, size_t rows, const size_t *order) {
  size_t p = f->width[0], last = f->layers - 1;
  for (size_t i = 0; i < rows; i++)
    memcpy(f->out[t][0] + i * p, f->x + order[i] * p, p * sizeof(float));
  for (size_t l = 1; l < f->layers; l++) {
    size_t in = f->width[l - 1], k = f->width[l];
    float *out = f->out[t][l], *w = f->theta + f->offset[l];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)k, (int)in, 1,
                f->out[t][l - 1], (int)in, w, (int)in, 0, out, (int)k);
    floor_activate(w + k * in, rows, k, l == last, out);
  }
  floor_loss(f, rows, order, f->out[t][last], f->slope[t][last]);
  for (size_t l = last; l > 0; l--) {
    size_t in = f->width[l - 1], k = f->width[l];
    float *slope = f->slope[t][l], *g = f->gradient[t] + f->offset[l];
    const float *below = f->out[t][l - 1];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)in, (int)rows, 1, slope,
                (int)k, below, (int)in, 0, g, (int)in);
    memset(g + k * in, 0, k * sizeof *g);
    for (size_t i = 0; i < rows; i++)
#pragma omp simd
      for (size_t r = 0; r < k; r++)
        g[k * in + r] += slope[i * k + r];
    if (l == 1)
      break;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)in, (int)k, 1, slope,
                (int)k, f->theta + f->offset[l], (int)in, 0, f->slope[t][l - 1], (int)in);
    float *to = f->slope[t][l - 1];
#pragma omp simd
    for (size_t i = 0; i < rows * in; i++)
      to[i] = below[i] > 0 ? to[i] : 0;
  }
}

__attribute__((target_clones("avx512f", "avx2", "default"))) static void
floor_step(float rate, float root, bool adam, size_t count, const float *a, const float *b,
           float *theta, float *mean, float *square) {
  if (!adam) {
#pragma omp simd
    for (size_t j = 0; j < count; j++)
      theta[j] -= rate * (b ? a[j] + b[j] : a[j]);
    return;
  }
#pragma omp simd
  for (size_t j = 0; j < count; j++) {
    float g = b ? a[j] + b[j] : a[j];
    float moved = 0.9f * mean[j] + 0.1f * g;
    mean[j] = moved < 1e-36f && moved > -1e-36f ? 0 : moved; /* of dead units: not subnormal */
    square[j] = 0.999f * square[j] + 0.001f * g * g;
    theta[j] -= rate * mean[j] / (sqrtf(square[j]) * root + 1e-8f);
  }
}

/* Batch 1, one thread, 2-8-1: by hand, without BLAS. */
static inline void floor_tiny(floor_network *f) {
  size_t p = f->width[0], h = f->width[1];
  float *w = f->theta, *b = w + h * p, *v = b + h, *c = v + h, rate = 1e-3f;
  for (size_t n = 0; n < f->rows; n++) {
    const float *x = f->x + f->order[n] * p;
    float z[16], out = c[0];
    for (size_t r = 0; r < h; r++) {
      float sum = b[r];
      for (size_t j = 0; j < p; j++)
        sum += w[r * p + j] * x[j];
      z[r] = tanhf(sum);
      out += v[r] * z[r];
    }
    float slope = rate * (out - f->y[f->order[n]]);
    c[0] -= slope;
    for (size_t r = 0; r < h; r++) {
      float below = slope * v[r] * (1 - z[r] * z[r]);
      v[r] -= slope * z[r];
      b[r] -= below;
      for (size_t j = 0; j < p; j++)
        w[r * p + j] -= below * x[j];
    }
  }
}

static inline void floor_shuffle(floor_network *f) {
  static uint64_t state = 7;
  for (size_t i = f->rows; i > 1; i--) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    size_t j = (size_t)((state >> 32) * i >> 32), held = f->order[i - 1];
    f->order[i - 1] = f->order[j];
    f->order[j] = held;
  }
}

/* One thread's work of an epoch. Threads wait for each other as those of gradus do: barriers of
   OpenMP's cost milliseconds where other programs run. */
static inline void floor_batches(void *context, gradus_i_team team) {
  floor_network *f = context;
  size_t t = team.thread, threads = team.threads > 1 ? team.threads : 1;
  double count = f->step;
  for (size_t first = 0; first < f->rows; first += f->batch) {
    size_t rows = f->rows - first < f->batch ? f->rows - first : f->batch;
    size_t from = rows * t / threads, end = rows * (t + 1) / threads;
    floor_shard(f, t, end - from, f->order + first + from);
    gradus_i_team_wait(team);
    count++;
    double rate = f->adam ? 1e-3 / (1 - pow(0.9, count)) : 1e-3;
    double root = 1 / sqrt(1 - pow(0.999, count));
    size_t begin = f->dim * t / threads, stop = f->dim * (t + 1) / threads;
    floor_step((float)rate, (float)root, f->adam, stop - begin, f->gradient[0] + begin,
               threads > 1 ? f->gradient[1] + begin : NULL, f->theta + begin, f->mean + begin,
               f->square + begin);
    gradus_i_team_wait(team);
  }
  if (t == 0)
    f->step = count;
}

static inline void floor_epoch(floor_network *f, int threads) {
  floor_shuffle(f);
  if (f->batch == 1) {
    floor_tiny(f);
    return;
  }
  gradus_i_thread_scope scope = gradus_i_threads_begin(threads);
  gradus_i_team_run(threads, floor_batches, f);
  gradus_i_threads_end(scope);
}

#endif
