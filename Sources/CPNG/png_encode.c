#include "CPNG.h"

#include <png.h>

struct writing {
  bool (*take)(void *, const uint8_t *, size_t);
  void *context;
};

static void on_error(png_structp png, png_const_charp message) {
  (void)message;
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  struct writing *writing = png_get_io_ptr(png);
  if (!writing->take(writing->context, bytes, count)) png_error(png, "not taken");
}

static void flush(png_structp png) { (void)png; }

bool cpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, bool (*take)(void *, const uint8_t *, size_t),
                 void *context) {
  struct writing writing = {take, context};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  // Changes after setjmp.
  volatile bool is_good = false;
  if (info && !setjmp(png_jmpbuf(png))) {
    png_set_write_fn(png, &writing, write_bytes, flush);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    png_write_info(png, info);
    for (size_t row = 0; row < height; row++) png_write_row(png, pixels + row * width * 3);
    png_write_end(png, info);
    is_good = true;
  }
  png_destroy_write_struct(&png, &info);
  return is_good;
}
