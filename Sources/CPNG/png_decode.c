#include "CPNG.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

struct reading {
  const uint8_t *bytes;
  size_t size, position;
  cpng_result *result;
};

static void on_error(png_structp png, png_const_charp message) {
  struct reading *reading = png_get_error_ptr(png);
  if (reading->result->status == CPNG_GOOD) {
    bool is_memory = strstr(message, "ut of memory") || strstr(message, "nsufficient memory");
    reading->result->status = is_memory ? CPNG_NO_MEMORY : CPNG_DAMAGED;
    strncpy(reading->result->reason, message, sizeof reading->result->reason - 1);
  }
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  cpng_result *result = ((struct reading *)png_get_error_ptr(png))->result;
  if (result->warnings++ == 0) strncpy(result->warning, message, sizeof result->warning - 1);
}

static void read_bytes(png_structp png, png_bytep to, size_t count) {
  struct reading *reading = png_get_io_ptr(png);
  if (count > reading->size - reading->position) {
    reading->result->status = CPNG_CUT_SHORT;
    png_error(png, "the file ends");
  }
  memcpy(to, reading->bytes + reading->position, count);
  reading->position += count;
}

static void decode(png_structp png, png_infop info, const cpng_request *request, cpng_result *result, png_bytepp rows) {
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Every chunk that is not part of the pixels (-1) stays packed.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
  int colour = png_get_color_type(png, info);
  bool has_alpha = colour & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS);
  png_set_expand(png);
  png_set_strip_16(png);
  if (!(colour & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  // A transparent colour may belong to the file after all, or not be valid.
  if (!has_alpha && request->channels == 4) png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
  if (has_alpha && request->channels == 3) png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t stride = (size_t)request->width * request->channels;
  if (png_get_image_width(png, info) != request->width || png_get_image_height(png, info) != request->height ||
      png_get_rowbytes(png, info) != stride)
    png_error(png, "libpng reads another size than the header says");
  for (size_t row = 0; row < request->height; row++) rows[row] = request->pixels + stride * row;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  result->status = CPNG_GOOD;
}

void cpng_decode(const cpng_request *request, cpng_result *result) {
  memset(result, 0, sizeof *result);
  struct reading reading = {request->bytes, request->size, 0, result};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_bytepp rows = malloc(sizeof *rows * request->height);
  result->status = info && rows ? CPNG_GOOD : CPNG_NO_MEMORY;
  if (result->status == CPNG_GOOD && !setjmp(png_jmpbuf(png))) {
    png_set_read_fn(png, &reading, read_bytes);
    decode(png, info, request, result, rows);
  }
  result->position = reading.position;
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
}
