// The rectifier with its bias, and its way back. Not-a-number stays itself: no comparison with it holds.
#pragma once
#include "vectors.h"

INLINE floats rectified(floats x) { return choose(x < 0.0f, repeat(0), x); }

static void bias_relu(float *y, const float *bias, size_t channels) {
  FOR_EACH_VECTOR(channels, store(y + i, rectified(load(y + i, count) + load(bias + i, count)), count););
}

static void relu_gradient(float *gradient, const float *output, float *sums, size_t channels) {
  FOR_EACH_VECTOR(channels, {
    const floats g = choose(load(output + i, count) <= 0.0f, repeat(0), load(gradient + i, count));
    store(gradient + i, g, count);
    store(sums + i, load(sums + i, count) + g, count);
  });
}
