// Rows scaled to unit length, and rows brought to zero mean and unit variance, and the gradients' ways back.
#pragma once
#include "vectors.h"

static float scale_to_unit_length(float *x, size_t n) {
  floats sums = {0};
  FOR_EACH_VECTOR(n, {
    const floats value = load(x + i, count);
    sums += value * value;
  });
  const float inverse = 1 / __builtin_elementwise_sqrt(sum_of_lanes(sums) + 1e-8f);
  FOR_EACH_VECTOR(n, store(x + i, load(x + i, count) * inverse, count););
  return inverse;
}

static void scale_to_unit_length_back(float *gradient, const float *output, float inverse, size_t n) {
  floats sums = {0};
  FOR_EACH_VECTOR(n, sums += load(gradient + i, count) * load(output + i, count););
  const float along = sum_of_lanes(sums);
  FOR_EACH_VECTOR(n, {
    const floats across = load(gradient + i, count) - load(output + i, count) * along;
    store(gradient + i, inverse * across, count);
  });
}

static float standardize(float *x, size_t n) {
  floats sums = {0};
  FOR_EACH_VECTOR(n, sums += load(x + i, count););
  const float mean = sum_of_lanes(sums) / (float)n;
  floats squares = {0};
  FOR_EACH_VECTOR(n, {
    const floats deviation = keep(load(x + i, count) - mean, count);
    squares += deviation * deviation;
  });
  const float inverse = 1 / __builtin_elementwise_sqrt(sum_of_lanes(squares) / (float)(n - 1) + 1e-5f);
  FOR_EACH_VECTOR(n, store(x + i, (load(x + i, count) - mean) * inverse, count););
  return inverse;
}

static void standardize_back(float *gradient, const float *output, float inverse, size_t n) {
  floats sums = {0};
  floats products = {0};
  FOR_EACH_VECTOR(n, {
    const floats value = load(gradient + i, count);
    sums += value;
    products += value * load(output + i, count);
  });
  const float mean = sum_of_lanes(sums) / (float)n;
  const float along = sum_of_lanes(products) / (float)(n - 1);
  FOR_EACH_VECTOR(n, {
    const floats rest = load(gradient + i, count) - mean - load(output + i, count) * along;
    store(gradient + i, inverse * rest, count);
  });
}
