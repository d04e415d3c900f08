// Rows of scores: the largest, and how many are below one of them. Not-a-number is neither.
#pragma once
#include "vectors.h"

INLINE float largest_of_lanes(floats v) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) v[j] = v[j + half] > v[j] ? v[j + half] : v[j];
  return v[0];
}

static float maximum(const float *x, size_t n) {
  floats best = repeat(-__builtin_inff());
  FOR_EACH_VECTOR(n, {
    const floats value = load_or(best, x + i, count);
    best = choose(value > best, value, best);
  });
  return largest_of_lanes(best);
}

static size_t maximum_and_below(const float *x, size_t n, float limit, float *largest) {
  floats best = repeat(-__builtin_inff());
  // In parts, so that a lane's count stays within 32 bits.
  size_t below = 0;
  for (size_t first = 0; first < n; first += 1u << 30) {
    const size_t part = n - first < 1u << 30 ? n - first : 1u << 30;
    integers counts = {0};
    FOR_EACH_VECTOR(part, {
      const floats value = load_or(repeat(__builtin_nanf("")), x + first + i, count);
      best = choose(value > best, value, best);
      counts -= value < limit;
    });
    for (int j = 0; j < LANES; j++) below += (size_t)counts[j];
  }
  *largest = largest_of_lanes(best);
  return below;
}
