// Bare JPEG decoding with libjpeg-turbo's accurate transform, and resizing with the kernels of the suite: every file of a
// list to 300 x 300 x 3 bytes, over some threads, written to a file or to /dev/null; prints seconds.
//   pictures LIST THREADS OUTPUT
#include "list.h"
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "CImageKernels.h"
#include <jpeglib.h>

enum { SIZE = 300 };

static int output;

static double bicubic(double x) {
  x = fabs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// Weights for pixels from begin to begin + extent of a line to become SIZE pixels.
static void weigh(double begin, double extent, size_t length, int32_t *first, int32_t *number, int32_t *weights,
                  size_t stride) {
  double scale = extent / SIZE, wide = scale > 1 ? scale : 1, support = 2 * wide;
  for (size_t i = 0; i < SIZE; i++) {
    double center = begin + (i + 0.5) * scale, sum = 0;
    int low = (int)fmax(0, center - support + 0.5), high = (int)fmin(length, center + support + 0.5);
    double w[4096];
    for (int k = low; k < high; k++) sum += w[k - low] = bicubic((k + 0.5 - center) / wide);
    for (int k = low; k < high; k++)
      weights[i * stride + k - low] = (int32_t)lround(w[k - low] / sum * (1 << CIMAGE_WEIGHT_BITS));
    first[i] = low, number[i] = high - low;
  }
}

static void *work(void *unused) {
  (void)unused;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  uint8_t *pixels = NULL, *narrow = NULL, *out = malloc(SIZE * SIZE * 3);
  int32_t first[SIZE], number[SIZE], *weights = malloc(SIZE * 512 * sizeof *weights);
  for (size_t i; (i = atomic_fetch_add(&next_file, 1)) < count;) {
    int file = open(paths[i], O_RDONLY);
    off_t length = lseek(file, 0, SEEK_END);
    uint8_t *bytes = malloc(length);
    if (file < 0 || pread(file, bytes, length, 0) != length) exit(1);
    close(file);
    jpeg_mem_src(&jpeg, bytes, length);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB, jpeg.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&jpeg);
    size_t width = jpeg.output_width, height = jpeg.output_height, side = width < height ? width : height;
    pixels = realloc(pixels, width * height * 3 + 1), narrow = realloc(narrow, (size_t)SIZE * height * 3);
    while (jpeg.output_scanline < height) {
      JSAMPROW row = pixels + jpeg.output_scanline * width * 3;
      jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    cimage_weights w = {.size = SIZE, .stride = 512, .first = first, .count = number, .weights = weights};
    weigh((width - side) / 2.0, side, width, first, number, weights, 512);
    cimage_resample_rows(&w, pixels, width * 3, height, narrow);
    weigh((height - side) / 2.0, side, height, first, number, weights, 512);
    cimage_resample_columns(&w, narrow, 0, SIZE * 3, out);
    if (write(output, out, SIZE * SIZE * 3) < 0) exit(1);
    free(bytes);
  }
  return NULL;
}

int main(int argc, char **argv) {
  int threads = argc == 4 ? atoi(argv[2]) : 0;
  if (threads < 1 || !read_list(argv[1])) return fprintf(stderr, "usage: pictures LIST THREADS OUTPUT\n"), 64;
  output = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
  printf("%.4f\n", run(work, threads));
  return 0;
}
