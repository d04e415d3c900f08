#include "CImageFixtures.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

struct file {
  uint8_t *bytes;
  size_t size;
};

static void take(png_structp png, png_bytep bytes, size_t count) {
  struct file *file = png_get_io_ptr(png);
  file->bytes = realloc(file->bytes, file->size + count);
  memcpy(file->bytes + file->size, bytes, count);
  file->size += count;
}

static void flush(png_structp png) { (void)png; }

size_t cfixture_png_encode(const cfixture_png *picture, const uint8_t *pixels, uint8_t **out) {
  struct file file = {NULL, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_write_fn(png, &file, take, flush);
  png_set_IHDR(png, info, picture->width, picture->height, picture->bits, picture->colour,
               picture->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (picture->palette) png_set_PLTE(png, info, (png_const_colorp)picture->palette, picture->palette_size);
  if (picture->transparency && picture->colour == PNG_COLOR_TYPE_PALETTE) {
    png_set_tRNS(png, info, picture->transparency, picture->transparency_size, NULL);
  } else if (picture->transparency) {
    const uint8_t *t = picture->transparency;
    png_color_16 colour = {0};
    if (picture->colour == PNG_COLOR_TYPE_GRAY) {
      colour.gray = t[0] << 8 | t[1];
    } else {
      colour.red = t[0] << 8 | t[1];
      colour.green = t[2] << 8 | t[3];
      colour.blue = t[4] << 8 | t[5];
    }
    png_set_tRNS(png, info, NULL, 0, &colour);
  }
  png_write_info(png, info);
  size_t stride = png_get_rowbytes(png, info);
  png_bytep *rows = malloc(sizeof *rows * picture->height);
  for (int row = 0; row < picture->height; row++) rows[row] = (png_bytep)pixels + stride * row;
  png_write_image(png, rows);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  free(rows);
  *out = file.bytes;
  return file.size;
}
