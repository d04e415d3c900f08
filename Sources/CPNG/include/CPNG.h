// PNG by libpng. In C, because libpng reports errors by longjmp, which must not cross frames of Swift.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const uint8_t *bytes;
  size_t size;
  /// Must be what the file declares.
  uint32_t width, height;
  /// 3: RGB; 4: RGBA, of what has alpha or a transparent colour.
  int channels;
  /// Takes width * height * channels bytes.
  uint8_t *pixels;
} cpng_request;

typedef enum { CPNG_GOOD, CPNG_DAMAGED, CPNG_CUT_SHORT, CPNG_NO_MEMORY } cpng_status;

typedef struct {
  cpng_status status;
  /// How far the file had been read.
  size_t position;
  /// Why it failed.
  char reason[200];
  long warnings;
  char warning[200];
} cpng_result;

/// Decodes a whole picture: of 16 bits the upper 8, palettes and grey become RGB. Only the chunks that say what the
/// pixels are get unpacked.
void cpng_decode(const cpng_request *request, cpng_result *result);

/// Writes a picture of `height` rows of `width` times RGB; `take` gets the bytes of the file. False if there is no
/// memory, or `take` said false.
bool cpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, bool (*take)(void *, const uint8_t *, size_t),
                 void *context);
