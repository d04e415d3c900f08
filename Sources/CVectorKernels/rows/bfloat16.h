// bfloat16: the upper half of a single-precision number. Rounded with integers, as AVX512_BF16's own instructions take
// denormal numbers for zero.
#pragma once
#include "rectifier.h"

typedef uint16_t halves __attribute__((vector_size(2 * LANES)));

INLINE halves load_bf16(const uint16_t *x, size_t count) {
  halves v = {0};
  memcpy(&v, x, count * sizeof *x);
  return v;
}

INLINE void store_bf16(uint16_t *x, halves v, size_t count) { memcpy(x, &v, count * sizeof *x); }

// To the nearest, of two equally near to the even one; not-a-number becomes a quiet one.
INLINE halves rounded_bf16(floats x) {
  const words bits = (words)x;
  const words nearest = bits + 0x7fff + (bits >> 16 & 1);
  const words quiet = bits | 0x400000;
  const words result = (words)choose(x != x, (floats)quiet, (floats)nearest);
  return __builtin_convertvector(result >> 16, halves);
}

INLINE floats expanded_bf16(halves x) { return (floats)(__builtin_convertvector(x, words) << 16); }

static void round_bf16(const float *x, uint16_t *y, size_t n) {
  FOR_EACH_VECTOR(n, store_bf16(y + i, rounded_bf16(load(x + i, count)), count););
}

static void expand_bf16(const uint16_t *x, float *y, size_t n) {
  FOR_EACH_VECTOR(n, store(y + i, expanded_bf16(load_bf16(x + i, count)), count););
}

static void bias_relu_round_bf16(const float *x, const float *bias, uint16_t *y, size_t channels) {
  FOR_EACH_VECTOR(channels, {
    const floats value = rectified(load(x + i, count) + load(bias + i, count));
    store_bf16(y + i, rounded_bf16(value), count);
  });
}

static void relu_gradient_round_bf16(
  const float *gradient, const uint16_t *output, uint16_t *y, float *sums, size_t channels
) {
  FOR_EACH_VECTOR(channels, {
    const integers closed = expanded_bf16(load_bf16(output + i, count)) <= 0.0f;
    const floats g = choose(closed, repeat(0), load(gradient + i, count));
    store_bf16(y + i, rounded_bf16(g), count);
    store(sums + i, load(sums + i, count) + g, count);
  });
}
