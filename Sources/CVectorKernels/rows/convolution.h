// Products of rows that stand anywhere, as convolutions take them: the taps of an output are rows of a map, found by their
// places, so that nothing is copied together first ("indirect convolution", Dukhan 2019, arXiv:1907.02129).
#pragma once
#include "vectors.h"

// Outputs that are made together: as many sums as registers hold.
#define TOGETHER 6
// Outputs whose rows stay in a cache while all columns of a product are made of them.
#define CHUNK 96

// Where the rows of tap `tap` of outputs first ..< first + count are.
INLINE void find_rows(
  const float **rows, const float *maps, const cpc_taps *taps, size_t tap, size_t first, size_t count
) {
  size_t map = first / taps->outputs, output = first % taps->outputs;
  for (size_t i = 0; i < count; i++) {
    const int32_t place = taps->places[output * taps->count + tap];
    rows[i] = place < 0 ? taps->zeros : maps + map * taps->map_size + place;
    if (++output == taps->outputs) map++, output = 0;
  }
}

// Sums of `together` outputs, `columns` of a panel's sixteen.
INLINE void convolve_block(
  const int together, const float *const *rows, size_t taps, size_t channels, const float *panel, float *y,
  size_t stride, size_t columns, int accumulate
) {
  floats sums[TOGETHER];
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) sums[i] = accumulate ? load(y + i * stride, columns) : repeat(0);
  for (size_t tap = 0; tap < taps; tap++) {
    const float *x[TOGETHER];
#pragma clang loop unroll(full)
    for (int i = 0; i < together; i++) x[i] = rows[tap * CHUNK + i];
    for (size_t c = 0; c < channels; c++, panel += LANES) {
      floats weights;
      memcpy(&weights, panel, sizeof weights);
#pragma clang loop unroll(full)
      for (int i = 0; i < together; i++) sums[i] += x[i][c] * weights;
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) store(y + i * stride, sums[i], columns);
}

// The same with what is only known at run time known to the compiler.
INLINE void convolve_some(
  size_t together, const float *const *rows, size_t taps, size_t channels, const float *panel, float *y, size_t stride,
  size_t columns, int accumulate
) {
#define CASE(n) \
  case n: \
    if (columns == LANES) return convolve_block(n, rows, taps, channels, panel, y, stride, LANES, accumulate); \
    return convolve_block(n, rows, taps, channels, panel, y, stride, columns, accumulate);
  switch (together) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) }
#undef CASE
}

static void convolve(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *panels, size_t columns, float *y,
  int accumulate
) {
  const float *rows[taps->count * CHUNK];
  while (count > 0) {
    const size_t outputs = count < CHUNK ? count : CHUNK;
    for (size_t tap = 0; tap < taps->count; tap++) find_rows(rows + tap * CHUNK, maps, taps, tap, first, outputs);
    const float *panel = panels;
    for (size_t n = 0; n < columns; n += LANES, panel += taps->count * taps->channels * LANES) {
      const size_t width = columns - n < LANES ? columns - n : LANES;
      for (size_t i = 0; i < outputs; i += TOGETHER)
        convolve_some(
          outputs - i < TOGETHER ? outputs - i : TOGETHER, rows + i, taps->count, taps->channels, panel,
          y + i * columns + n, columns, width, accumulate);
    }
    first += outputs, count -= outputs, y += outputs * columns;
  }
}

// Adds to the gradient of `together` channels of a tap's weights, `columns` of them.
INLINE void add_block(
  const int together, const float *const *rows, size_t c, const floats *dy, size_t outputs, float *sums, size_t stride,
  size_t columns
) {
  floats own[TOGETHER];
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) own[i] = load(sums + i * stride, columns);
  for (size_t o = 0; o < outputs; o++) {
    const float *x = rows[o] + c;
#pragma clang loop unroll(full)
    for (int i = 0; i < together; i++) own[i] += x[i] * dy[o];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) store(sums + i * stride, own[i], columns);
}

INLINE void add_some(
  size_t together, const float *const *rows, size_t c, const floats *dy, size_t outputs, float *sums, size_t stride,
  size_t columns
) {
#define CASE(n) \
  case n: \
    if (columns == LANES) return add_block(n, rows, c, dy, outputs, sums, stride, LANES); \
    return add_block(n, rows, c, dy, outputs, sums, stride, columns);
  switch (together) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) }
#undef CASE
}

static void add_tap_products(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *dy, size_t columns, float *sums
) {
  const float *rows[CHUNK];
  floats panel[CHUNK];
  while (count > 0) {
    const size_t outputs = count < CHUNK ? count : CHUNK;
    for (size_t n = 0; n < columns; n += LANES) {
      const size_t width = columns - n < LANES ? columns - n : LANES;
      // Dense: rows of a power of two apart would meet in a few lines of the cache.
      for (size_t o = 0; o < outputs; o++) panel[o] = load(dy + o * columns + n, width);
      for (size_t tap = 0; tap < taps->count; tap++) {
        find_rows(rows, maps, taps, tap, first, outputs);
        for (size_t c = 0, together; c < taps->channels; c += together) {
          // Eight channels are four twice, not six and two.
          const size_t left = taps->channels - c;
          together = left <= TOGETHER ? left : left > 8 || left == 2 * TOGETHER ? TOGETHER : (left + 1) / 2;
          add_some(
            together, rows, c, panel, outputs, sums + (tap * taps->channels + c) * columns + n, columns, width);
        }
      }
    }
    first += outputs, count -= outputs, dy += outputs * columns;
  }
}
