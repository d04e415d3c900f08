// Pictures for tests, as the libraries themselves write them. Each function returns the length of the file in *out,
// which the caller frees; 0 if it fails.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int width, height;
  /// Of `pixels`, without gaps: 1 grey, 3 RGB, 4 CMYK.
  int channels;
  int quality;
  bool is_progressive, is_arithmetic;
  /// Store CMYK as YCCK.
  bool is_ycck;
  /// Luma samples for each of chroma: 1 or 2.
  int columns, rows;
  /// Rows of blocks between restart markers; 0: none.
  int restart;
} cfixture_jpeg;

size_t cfixture_jpeg_encode(const cfixture_jpeg *picture, const uint8_t *pixels, uint8_t **out);

/// The simplest use of libjpeg: to RGB, with its defaults.
bool cfixture_jpeg_decode(const uint8_t *bytes, size_t size, uint8_t *pixels);

typedef struct {
  int width, height, bits;
  /// PNG's number of the colour type.
  int colour;
  bool is_interlaced;
  /// RGB of each entry.
  const uint8_t *palette;
  int palette_size;
  /// As the chunk tRNS holds it; NULL: none.
  const uint8_t *transparency;
  int transparency_size;
} cfixture_png;

/// `pixels`: rows as PNG packs them.
size_t cfixture_png_encode(const cfixture_png *picture, const uint8_t *pixels, uint8_t **out);

/// Of RGBA; alpha is left out if `has_alpha` is false.
size_t cfixture_webp_encode(const uint8_t *pixels, int width, int height, bool has_alpha, bool is_lossless,
                            uint8_t **out);
