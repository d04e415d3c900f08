// Sixteen numbers at a time: one register of AVX-512, two of AVX2, four of SSE2 or NEON. The lanes are the same at every
// level, so sums are added up in the same order; only whether a product is rounded before it is added may differ.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Products are rounded once with the sum they go into, where the processor can.
#pragma STDC FP_CONTRACT ON
// How vectors are passed does not matter where everything is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));

#define INLINE static inline __attribute__((always_inline))

// Runs statements for each vector of a row of n numbers: `i` is its first number, `count` how many it has. Only the last
// may have fewer than LANES; it goes through the same operations, so that a number's result does not depend on where in
// a row it stands.
#define FOR_EACH_VECTOR(n, ...)                                     \
  do {                                                              \
    size_t i = 0;                                                   \
    for (; i + LANES <= (n); i += LANES) { enum { count = LANES }; __VA_ARGS__ } \
    if (i < (n)) { const size_t count = (n) - i; __VA_ARGS__ }      \
  } while (0)

INLINE floats repeat(float x) { return (floats){0} + x; }

// The first `count` numbers at x, and `rest` in the other lanes.
INLINE floats load_or(floats rest, const float *x, size_t count) {
  memcpy(&rest, x, count * sizeof *x);
  return rest;
}

INLINE floats load(const float *x, size_t count) { return load_or((floats){0}, x, count); }

INLINE void store(float *x, floats v, size_t count) { memcpy(x, &v, count * sizeof *x); }

// Zero in the lanes after the first `count`.
INLINE floats keep(floats v, size_t count) { return count == LANES ? v : load((const float *)&v, count); }

// a where the comparison holds, else b.
INLINE floats choose(integers holds, floats a, floats b) {
  return (floats)(((integers)a & holds) | ((integers)b & ~holds));
}

INLINE float sum_of_lanes(floats v) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) v[j] += v[j + half];
  return v[0];
}

INLINE floats square_root(floats v) { return __builtin_elementwise_sqrt(v); }
