// The inner loops of resampling RGB pictures of 8 bits, in whole numbers: the same bytes on every processor. In C,
// because Swift cannot compile one function for several instruction sets.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bits of a weight after the binary point.
#define CIMAGE_WEIGHT_BITS 22

/// What each output pixel of a line is made of: `count[i]` pixels from `first[i]` on, with the weights from
/// `weights[i * stride]` on.
typedef struct {
  size_t size, stride;
  const int32_t *first, *count, *weights;
} cimage_weights;

/// out[rows, w.size, 3] of in[rows, …, 3]. One byte after the last row of `in` is read.
void cimage_resample_rows(const cimage_weights *w, const uint8_t *in, size_t in_stride, size_t rows, uint8_t *out);

/// out[w.size, width] of in[…, width], in which the row `first_row` is first; width in bytes.
void cimage_resample_columns(const cimage_weights *w, const uint8_t *in, size_t first_row, size_t width, uint8_t *out);
