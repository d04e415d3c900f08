// Decoding of JPEG by libjpeg-turbo. In C, because libjpeg reports errors by longjmp, which must not cross frames of
// Swift.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const uint8_t *bytes;
  size_t size;
  /// Must be what the file declares.
  uint32_t width, height;
  /// 3: RGB, also of grey; 4: cyan, magenta, yellow and black as they are stored, also of YCCK.
  int channels;
  /// Takes width * height * channels bytes.
  uint8_t *pixels;
} cjpeg_request;

typedef enum {
  CJPEG_GOOD,
  CJPEG_DAMAGED,
  CJPEG_CUT_SHORT,
  /// Not what the request says, or nothing that libjpeg can give so.
  CJPEG_OTHER,
  CJPEG_NO_MEMORY,
} cjpeg_status;

typedef struct {
  cjpeg_status status;
  /// How far the file had been read, roughly, and the row of pixels that was next.
  size_t position;
  uint32_t row;
  /// Why it failed.
  char reason[200];
  /// Warnings that leave every pixel as it was coded, and the first of them.
  long warnings;
  char warning[200];
} cjpeg_result;

/// Decodes a whole picture: accurate integer transform, fancy upsampling. What libjpeg warns of is a failure where
/// pixels are lost by it. Keeps nothing: a decoder that goes on to another picture would lend it the tables of this
/// one.
void cjpeg_decode(const cjpeg_request *request, cjpeg_result *result);
