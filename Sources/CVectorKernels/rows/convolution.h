// Products of rows that stand anywhere, as convolutions take them: the taps of an output are rows of a map, found by their
// places, so that nothing is copied together first ("indirect convolution", Dukhan 2019, arXiv:1907.02129).
#pragma once
#include "vectors.h"

// Outputs that are made together, and panels of sixteen columns of each: as many sums as registers hold, and enough that no
// sum waits for the one before. However many they are, each sum is added up in the same order.
#ifdef HAS_32_WIDE_REGISTERS
#define TOGETHER 8
#define PANELS 2
#else
#define TOGETHER 6
#define PANELS 1
#endif
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

// Sums of `together` outputs in `panels` panels `size` numbers apart, of the last of which `columns` columns.
INLINE void convolve_block(
  const int together, const int panels, const float *const *rows, size_t taps, size_t channels, const float *panel,
  size_t size, int accumulate, float *y, size_t stride, size_t columns
) {
  floats sums[TOGETHER][PANELS];
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < panels; j++)
      sums[i][j] = accumulate ? load(y + i * stride + j * LANES, j + 1 < panels ? LANES : columns) : repeat(0);
  }
  for (size_t tap = 0; tap < taps; tap++) {
    const float *x[TOGETHER];
#pragma clang loop unroll(full)
    for (int i = 0; i < together; i++) x[i] = rows[tap * CHUNK + i];
    for (size_t c = 0; c < channels; c++, panel += LANES) {
      floats weights[PANELS];
#pragma clang loop unroll(full)
      for (int j = 0; j < panels; j++) memcpy(&weights[j], panel + j * size, sizeof weights[j]);
#pragma clang loop unroll(full)
      for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < panels; j++) sums[i][j] += x[i][c] * weights[j];
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < panels; j++)
      store(y + i * stride + j * LANES, sums[i][j], j + 1 < panels ? LANES : columns);
  }
}

// Calls `block` with what is only known at run time known to the compiler.
#define WITH_CONSTANTS(block, together, panels, columns, ...)              \
  switch (together) {                                                     \
    CASE(1, block, panels, columns, __VA_ARGS__)                          \
    CASE(2, block, panels, columns, __VA_ARGS__)                          \
    CASE(3, block, panels, columns, __VA_ARGS__)                          \
    CASE(4, block, panels, columns, __VA_ARGS__)                          \
    CASE(5, block, panels, columns, __VA_ARGS__)                          \
    CASE(6, block, panels, columns, __VA_ARGS__)                          \
    MORE_CASES(block, panels, columns, __VA_ARGS__)                       \
  }
#define CASE(n, block, panels, columns, ...)                              \
  case n:                                                                 \
    if (panels < PANELS && columns == LANES) block(n, 1, __VA_ARGS__, LANES);      \
    else if (panels < PANELS) block(n, 1, __VA_ARGS__, columns);          \
    else if (columns == LANES) block(n, PANELS, __VA_ARGS__, LANES);      \
    else block(n, PANELS, __VA_ARGS__, columns);                          \
    break;
#if TOGETHER == 8
#define MORE_CASES(...) CASE(7, __VA_ARGS__) CASE(8, __VA_ARGS__)
#else
#define MORE_CASES(...)
#endif

// How many panels are made at once where so many columns are left, and of the last of them how many columns.
INLINE size_t panels_at_once(size_t columns) { return columns > (PANELS - 1) * LANES ? PANELS : 1; }
INLINE size_t last_columns(size_t columns, size_t panels) {
  const size_t left = columns - (panels - 1) * LANES;
  return left < LANES ? left : LANES;
}

static void convolve(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *panels, size_t columns, float *y,
  int accumulate
) {
  const float *rows[taps->count * CHUNK];
  const size_t size = taps->count * taps->channels * LANES;
  while (count > 0) {
    const size_t outputs = count < CHUNK ? count : CHUNK;
    for (size_t tap = 0; tap < taps->count; tap++) find_rows(rows + tap * CHUNK, maps, taps, tap, first, outputs);
    const float *panel = panels;
    for (size_t n = 0, wide; n < columns; n += wide * LANES, panel += wide * size) {
      wide = panels_at_once(columns - n);
      const size_t width = last_columns(columns - n, wide);
      for (size_t i = 0; i < outputs; i += TOGETHER) {
        const size_t together = outputs - i < TOGETHER ? outputs - i : TOGETHER;
        WITH_CONSTANTS(
          convolve_block, together, wide, width, rows + i, taps->count, taps->channels, panel, size, accumulate,
          y + i * columns + n, columns)
      }
    }
    first += outputs, count -= outputs, y += outputs * columns;
  }
}

// Adds to the gradient of `together` channels of a tap's weights in `panels` panels, of the last of which `columns` columns.
INLINE void add_block(
  const int together, const int panels, const float *const *rows, size_t c, const floats *dy, size_t outputs,
  float *sums, size_t stride, size_t columns
) {
  floats own[TOGETHER][PANELS];
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < panels; j++)
      own[i][j] = load(sums + i * stride + j * LANES, j + 1 < panels ? LANES : columns);
  }
  for (size_t o = 0; o < outputs; o++) {
    const float *x = rows[o] + c;
#pragma clang loop unroll(full)
    for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
      for (int j = 0; j < panels; j++) own[i][j] += x[i] * dy[o * panels + j];
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < together; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < panels; j++)
      store(sums + i * stride + j * LANES, own[i][j], j + 1 < panels ? LANES : columns);
  }
}

static void add_tap_products(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *dy, size_t columns, float *sums
) {
  const float *rows[CHUNK];
  floats panel[CHUNK * PANELS];
  while (count > 0) {
    const size_t outputs = count < CHUNK ? count : CHUNK;
    for (size_t n = 0, wide; n < columns; n += wide * LANES) {
      wide = panels_at_once(columns - n);
      const size_t width = last_columns(columns - n, wide);
      // Dense: rows of a power of two apart would meet in a few lines of the cache.
      for (size_t o = 0; o < outputs; o++) {
        for (size_t j = 0; j < wide; j++)
          panel[o * wide + j] = load(dy + o * columns + n + j * LANES, j + 1 < wide ? LANES : width);
      }
      for (size_t tap = 0; tap < taps->count; tap++) {
        find_rows(rows, maps, taps, tap, first, outputs);
        for (size_t c = 0, together; c < taps->channels; c += together) {
          // A few more than fit are halved: eight are four twice, not six and two.
          const size_t left = taps->channels - c;
          together = left <= TOGETHER ? left : left > TOGETHER + 2 ? TOGETHER : (left + 1) / 2;
          WITH_CONSTANTS(
            add_block, together, wide, width, rows, c, panel, outputs, sums + (tap * taps->channels + c) * columns + n,
            columns)
        }
      }
    }
    first += outputs, count -= outputs, dy += outputs * columns;
  }
}
