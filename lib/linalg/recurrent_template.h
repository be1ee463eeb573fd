// SPDX-License-Identifier: GPL-3.0-or-later
/* The cells of recurrent.h, forward and backward, for one type and one instruction set. */

#define UNITS(j, n) _Pragma("omp simd") for (size_t j = 0; j < (n); j++)

TARGET static void KERNEL(sum)(size_t rows, size_t n, const REAL *a, size_t stride, REAL *sums) {
  for (size_t i = 0; i < rows; i++)
    UNITS(j, n) {
      sums[j] += a[i * stride + j];
    }
}

TARGET static void KERNEL(tanh_forward)(const STEP *s) {
  UNITS(j, s->rows * s->units) {
    s->state[j] = KERNEL(tanh_point)(s->gates[j]);
  }
}

TARGET static void KERNEL(tanh_backward)(const STEP *s) {
  UNITS(j, s->rows * s->units) {
    REAL h = s->state[j];
    s->slope[j] = s->carry[j] * (1 - h * h);
    s->carry[j] = 0;
  }
}

TARGET static void KERNEL(relu_forward)(const STEP *s) {
  UNITS(j, s->rows * s->units) {
    s->state[j] = s->gates[j] < 0 ? 0 : s->gates[j];
  }
}

TARGET static void KERNEL(relu_backward)(const STEP *s) {
  UNITS(j, s->rows * s->units) {
    s->slope[j] = s->state[j] > 0 ? s->carry[j] : 0;
    s->carry[j] = 0;
  }
}

TARGET static void KERNEL(gru_forward)(const STEP *s) {
  size_t n = s->units;
  for (size_t i = 0; i < s->rows; i++) {
    REAL *reset = s->gates + i * 4 * n, *update = reset + n, *inner = update + n;
    REAL *candidate = inner + n, *state = s->state + i * n;
    const REAL *before = s->before + i * n;
    UNITS(j, n) {
      REAL r = KERNEL(sigmoid_point)(reset[j]), z = KERNEL(sigmoid_point)(update[j]);
      REAL c = KERNEL(tanh_point)(MULTIPLY_ADD(r, inner[j], candidate[j]));
      state[j] = MULTIPLY_ADD(z, before[j] - c, c);
      reset[j] = r;
      update[j] = z;
      candidate[j] = c;
    }
  }
}

TARGET static void KERNEL(gru_backward)(const STEP *s) {
  size_t n = s->units;
  for (size_t i = 0; i < s->rows; i++) {
    const REAL *reset = s->gates + i * 4 * n, *update = reset + n, *inner = update + n;
    const REAL *candidate = inner + n, *before = s->before + i * n;
    REAL *slope = s->slope + i * 4 * n, *carry = s->carry + i * n;
    UNITS(j, n) {
      REAL r = reset[j], z = update[j], c = candidate[j], d = carry[j];
      REAL by_candidate = d * (1 - z) * (1 - c * c);
      slope[j] = by_candidate * inner[j] * r * (1 - r);
      slope[n + j] = d * (before[j] - c) * z * (1 - z);
      slope[2 * n + j] = by_candidate * r;
      slope[3 * n + j] = by_candidate;
      carry[j] = d * z;
    }
  }
}

TARGET static void KERNEL(lstm_forward)(const STEP *s) {
  size_t n = s->units;
  for (size_t i = 0; i < s->rows; i++) {
    REAL *in = s->gates + i * 4 * n, *forget = in + n, *cell = forget + n, *out = cell + n;
    const REAL *before = s->memory_before + i * n;
    REAL *memory = s->memory + i * n, *squashed = s->squashed + i * n, *state = s->state + i * n;
    UNITS(j, n) {
      REAL a = KERNEL(sigmoid_point)(in[j]), f = KERNEL(sigmoid_point)(forget[j]);
      REAL g = KERNEL(tanh_point)(cell[j]), o = KERNEL(sigmoid_point)(out[j]);
      REAL c = MULTIPLY_ADD(f, before[j], a * g), t = KERNEL(tanh_point)(c);
      in[j] = a;
      forget[j] = f;
      cell[j] = g;
      out[j] = o;
      memory[j] = c;
      squashed[j] = t;
      state[j] = o * t;
    }
  }
}

TARGET static void KERNEL(lstm_backward)(const STEP *s) {
  size_t n = s->units;
  for (size_t i = 0; i < s->rows; i++) {
    const REAL *in = s->gates + i * 4 * n, *forget = in + n, *cell = forget + n, *out = cell + n;
    const REAL *before = s->memory_before + i * n, *squashed = s->squashed + i * n;
    REAL *slope = s->slope + i * 4 * n, *carry = s->carry + i * n;
    REAL *memory_carry = s->memory_carry + i * n;
    UNITS(j, n) {
      REAL a = in[j], f = forget[j], g = cell[j], o = out[j], t = squashed[j], d = carry[j];
      REAL by_memory = MULTIPLY_ADD(d * o, 1 - t * t, memory_carry[j]);
      slope[j] = by_memory * g * a * (1 - a);
      slope[n + j] = by_memory * before[j] * f * (1 - f);
      slope[2 * n + j] = by_memory * a * (1 - g * g);
      slope[3 * n + j] = d * t * o * (1 - o);
      memory_carry[j] = by_memory * f;
      carry[j] = 0;
    }
  }
}

static const RECURRENT KERNEL(recurrent) = {
    .multiply = KERNEL(multiply),
    .sum = KERNEL(sum),
    .forward = {KERNEL(tanh_forward), KERNEL(relu_forward), KERNEL(gru_forward),
                KERNEL(lstm_forward)},
    .backward = {KERNEL(tanh_backward), KERNEL(relu_backward), KERNEL(gru_backward),
                 KERNEL(lstm_backward)}};

#undef UNITS
