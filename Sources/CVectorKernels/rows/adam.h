#pragma once
#include "vectors.h"

static void adam_update(
  size_t n, float *value, const float *gradient, float *mean, float *square, float gradient_scale, float new1,
  float beta2, float new2, float rate, float inverse_square_correction, float epsilon
) {
  FOR_EACH_VECTOR(n, {
    const floats g = load(gradient + i, count) * gradient_scale;
    floats m = load(mean + i, count);
    m += new1 * (g - m);
    const floats v = beta2 * load(square + i, count) + new2 * g * g;
    store(mean + i, m, count);
    store(square + i, v, count);
    const floats change = rate * m / (square_root(v) * inverse_square_correction + epsilon);
    store(value + i, load(value + i, count) - change, count);
  });
}
