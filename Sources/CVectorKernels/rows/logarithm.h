// Logarithms of rows, and of sums of exponentials down columns.
#pragma once
#include "exponential.h"

// log for normal positive x, relative error below 1e-6; denormal numbers and zero give about -87.
//
// Cephes' logf (Moshier): x = m 2^e with m in [sqrt 1/2, sqrt 2), and a polynomial for log(m).
INLINE floats logarithm(floats x) {
  x = choose(x < 0x1p-126f, repeat(0x1p-126f), x);
  // The exponent of x / sqrt 1/2, so that the mantissa comes out in [sqrt 1/2, sqrt 2).
  const words shifted = (words)x - 0x3f3504f3u;
  const floats e = __builtin_convertvector((integers)shifted >> 23, floats);
  const floats m = (floats)((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
  const floats square = m * m;
  floats p = m * 7.0376836292e-2f + -1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const floats tail = p * m * square + e * -2.12194440e-4f - 0.5f * square;
  return m + tail + e * 0.693359375f;
}

static void take_logarithms(float *x, size_t n) {
  FOR_EACH_VECTOR(n, store(x + i, logarithm(load(x + i, count)), count););
}

static void log_sum_exp(
  const float *values, size_t rows, size_t columns, size_t stride, float *result, size_t result_stride
) {
  FOR_EACH_VECTOR(columns, {
    floats largest = repeat(-0x1.fffffep127f);
    for (size_t r = 0; r < rows; r++) {
      const floats value = load(values + r * stride + i, count);
      largest = choose(value > largest, value, largest);
    }
    floats sum = {0};
    for (size_t r = 0; r < rows; r++) {
      const floats difference = load(values + r * stride + i, count) - largest;
      // Column by column, so that a column's sum does not depend on its neighbours.
      const integers counts = difference > -20.0f;
      if (__builtin_reduce_or(counts)) sum += (floats)((integers)exponential(difference) & counts);
    }
    const floats logarithms = rows == 0 ? repeat(-__builtin_inff()) : largest + logarithm(sum);
    for (size_t j = 0; j < count; j++) result[(i + j) * result_stride] = logarithms[j];
  });
}
