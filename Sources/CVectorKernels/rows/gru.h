// A step of a gated recurrent unit and its way back, each in one pass over the units.
#pragma once
#include "exponential.h"

static void gru_step(
  size_t units, float *gates, const float *recurrent, const float *input_bias, const float *recurrent_bias,
  float *candidate, const float *previous, float *next
) {
  FOR_EACH_VECTOR(units, {
    const size_t u = units + i;
    const size_t c = 2 * units + i;
    const floats reset = logistic(
      load(gates + i, count) + load(input_bias + i, count)
      + (load(recurrent + i, count) + load(recurrent_bias + i, count)));
    const floats update = logistic(
      load(gates + u, count) + load(input_bias + u, count)
      + (load(recurrent + u, count) + load(recurrent_bias + u, count)));
    const floats hidden = load(recurrent + c, count) + load(recurrent_bias + c, count);
    const floats new = hyperbolic_tangent(load(gates + c, count) + load(input_bias + c, count) + reset * hidden);
    store(gates + i, reset, count);
    store(gates + u, update, count);
    store(gates + c, new, count);
    store(candidate + i, hidden, count);
    store(next + i, (1.0f - update) * new + update * load(previous + i, count), count);
  });
}

static void gru_step_back(
  size_t units, const float *gates, const float *candidate, const float *previous, const float *context_gradient,
  float *carried, float *input_gradient, float *recurrent_gradient
) {
  FOR_EACH_VECTOR(units, {
    const floats reset = load(gates + i, count);
    const floats update = load(gates + units + i, count);
    const floats new = load(gates + 2 * units + i, count);
    const floats gradient = load(context_gradient + i, count) + load(carried + i, count);
    const floats new_gradient = gradient * (1.0f - update) * (1.0f - new * new);
    const floats reset_gradient = new_gradient * load(candidate + i, count) * reset * (1.0f - reset);
    const floats update_gradient = gradient * (load(previous + i, count) - new) * update * (1.0f - update);
    store(carried + i, gradient * update, count);
    store(input_gradient + i, reset_gradient, count);
    store(input_gradient + units + i, update_gradient, count);
    store(input_gradient + 2 * units + i, new_gradient, count);
    store(recurrent_gradient + i, reset_gradient, count);
    store(recurrent_gradient + units + i, update_gradient, count);
    store(recurrent_gradient + 2 * units + i, new_gradient * reset, count);
  });
}
