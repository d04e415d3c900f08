// The maximum of several rows, number by number, and which row it came from.
#pragma once
#include "vectors.h"

typedef uint8_t bytes __attribute__((vector_size(LANES)));

INLINE bytes load_bytes(const uint8_t *x, size_t count) {
  bytes v = {0};
  memcpy(&v, x, count);
  return v;
}

static void keep_maximum(const float *x, float *best, uint8_t *place, uint8_t here, size_t n) {
  FOR_EACH_VECTOR(n, {
    const floats value = load(x + i, count);
    const floats old = load(best + i, count);
    const integers higher = (value > old) | (value != value);
    store(best + i, choose(higher, value, old), count);
    const bytes taken = __builtin_convertvector(higher, bytes);
    const bytes places = (load_bytes(place + i, count) & ~taken) | (((bytes){0} + here) & taken);
    memcpy(place + i, &places, count);
  });
}

static void add_where(const float *x, const uint8_t *place, uint8_t here, float *sums, size_t n) {
  FOR_EACH_VECTOR(n, {
    const integers chosen = __builtin_convertvector(load_bytes(place + i, count), integers) == (integers){0} + here;
    store(sums + i, load(sums + i, count) + choose(chosen, load(x + i, count), repeat(0)), count);
  });
}
