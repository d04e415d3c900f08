// Exponentials of rows: a training update needs some twelve million, which at the 10 to 20 ns of a library call would
// take a third of its time.
#pragma once
#include "vectors.h"

// exp for -87.3 <= x <= 88, saturating beyond; relative error below 2e-7. Not-a-number stays itself.
//
// Cephes' expf (Moshier): x = n ln 2 + r, a polynomial for exp(r), and n added to the exponent bits. Rounding to n is by
// adding 1.5 * 2^23, after which the low bits of the sum hold n.
INLINE floats exponential(floats x) {
  x = choose(x < -87.3f, repeat(-87.3f), x);
  x = choose(x > 88.0f, repeat(88.0f), x);
  const floats shifted = x * 1.44269504f + 12582912.0f;
  const floats n = shifted - 12582912.0f;
  floats r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r;
  p = p + 1.0f;
  return p * (floats)(((words)shifted << 23) + 0x3f800000u);
}

INLINE floats logistic(floats x) { return 1.0f / (1.0f + exponential(-x)); }

// Relative error below 3e-7: a polynomial near zero, where 1 - 2 / (exp(2x) + 1) would cancel (Cephes' tanhf).
INLINE floats hyperbolic_tangent(floats x) {
  const floats square = x * x;
  floats p = square * -5.70498872745e-3f + 2.06390887954e-2f;
  p = p * square + -5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square + -3.33332819422e-1f;
  const floats near = p * square * x + x;
  const floats far = 1.0f - 2.0f / (exponential(x + x) + 1.0f);
  return choose(square < 0.390625f, near, far);
}

static float exponentiate(float *x, size_t n, float shift) {
  floats sums = {0};
  FOR_EACH_VECTOR(n, {
    const floats result = exponential(load(x + i, count) - shift);
    store(x + i, result, count);
    sums += keep(result, count);
  });
  return sum_of_lanes(sums);
}
