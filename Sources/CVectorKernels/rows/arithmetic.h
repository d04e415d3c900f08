// Sums and products of rows. The target may be one of the sources.
#pragma once
#include "vectors.h"

static void add(const float *x, float *y, size_t n) {
  FOR_EACH_VECTOR(n, store(y + i, load(y + i, count) + load(x + i, count), count););
}

static void scale(float *x, size_t n, float factor) {
  FOR_EACH_VECTOR(n, store(x + i, load(x + i, count) * factor, count););
}

static void multiply(const float *x, const float *factors, float *y, size_t n) {
  FOR_EACH_VECTOR(n, store(y + i, load(x + i, count) * load(factors + i, count), count););
}

static void add_products(const float *x, const float *y, float *sums, size_t n) {
  FOR_EACH_VECTOR(n, store(sums + i, load(sums + i, count) + load(x + i, count) * load(y + i, count), count););
}

// Four rows at a time, added one after another to what stands in registers.
static void add_column_sums(const float *rows, size_t stride, size_t count_of_rows, size_t columns, float *sums) {
  size_t r = 0;
  for (; r + 4 <= count_of_rows; r += 4) {
    const float *row = rows + r * stride;
    FOR_EACH_VECTOR(columns, {
      floats sum = load(sums + i, count);
      for (size_t k = 0; k < 4; k++) sum += load(row + k * stride + i, count);
      store(sums + i, sum, count);
    });
  }
  for (; r < count_of_rows; r++) add(rows + r * stride, sums, columns);
}

static double sum_of_squares(const float *x, size_t n) {
  typedef double doubles __attribute__((vector_size(8 * LANES)));
  doubles sums = {0};
  FOR_EACH_VECTOR(n, {
    const doubles value = __builtin_convertvector(load(x + i, count), doubles);
    sums += value * value;
  });
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) sums[j] += sums[j + half];
  return sums[0];
}
