#include "CImageKernels.h"

#include <string.h>

#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
// The function that picks a clone runs while the program is loaded, before ThreadSanitizer is ready for it.
#define CLONES __attribute__((target_clones("default", "avx2")))
#else
#define CLONES
#endif

#define HALF (1 << (CIMAGE_WEIGHT_BITS - 1))
#define WIDTH 32

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int32_t words8 __attribute__((vector_size(32)));
typedef uint8_t bytes __attribute__((vector_size(WIDTH)));
typedef int32_t words __attribute__((vector_size(WIDTH * 4)));

static inline uint8_t clip(int32_t sum) {
  sum >>= CIMAGE_WEIGHT_BITS;
  return sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
}

// Adds the pixels of two rows, each with the byte after it. No function, as a vector passed to one depends on the
// instruction set.
#define ADD(sum, a, b)                                                \
  do {                                                                \
    bytes8 both;                                                      \
    memcpy(&both, a, 4);                                              \
    memcpy((uint8_t *)&both + 4, b, 4);                               \
    sum += __builtin_convertvector(both, words8) * weight[k];         \
  } while (0)

// Writes the pixels of two rows.
#define PUT(a, b, sum)                                                                                          \
  do {                                                                                                          \
    words8 levels = __builtin_elementwise_max(sum >> CIMAGE_WEIGHT_BITS, (words8){0});                          \
    bytes8 both = __builtin_convertvector(__builtin_elementwise_min(levels, (words8){0} + 255), bytes8);        \
    memcpy(a, &both, 3);                                                                                        \
    memcpy(b, (uint8_t *)&both + 4, 3);                                                                         \
  } while (0)

CLONES
void cimage_resample_rows(const cimage_weights *w, const uint8_t *in, size_t in_stride, size_t rows, uint8_t *out) {
  size_t out_stride = w->size * 3;
  for (size_t row = 0; row < rows; row += 4) {
    // Four rows at once; the last row stands in for those that are not there.
    const uint8_t *from[4];
    uint8_t *to[4];
    for (size_t i = 0; i < 4; i++) {
      size_t r = row + i < rows ? row + i : rows - 1;
      from[i] = in + r * in_stride;
      to[i] = out + r * out_stride;
    }
    for (size_t x = 0; x < w->size; x++) {
      const int32_t *weight = w->weights + x * w->stride;
      size_t place = (size_t)w->first[x] * 3;
      words8 sum0 = {HALF, HALF, HALF, HALF, HALF, HALF, HALF, HALF}, sum1 = sum0;
      for (int32_t k = 0; k < w->count[x]; k++, place += 3) {
        ADD(sum0, from[0] + place, from[1] + place);
        ADD(sum1, from[2] + place, from[3] + place);
      }
      PUT(to[0] + x * 3, to[1] + x * 3, sum0);
      PUT(to[2] + x * 3, to[3] + x * 3, sum1);
    }
  }
}

CLONES
void cimage_resample_columns(const cimage_weights *w, const uint8_t *in, size_t first_row, size_t width, uint8_t *out) {
  for (size_t y = 0; y < w->size; y++, out += width) {
    const int32_t *weight = w->weights + y * w->stride;
    const uint8_t *top = in + (w->first[y] - first_row) * width;
    size_t x = 0;
    for (; x + WIDTH <= width; x += WIDTH) {
      words sum = (words){0} + HALF;
      const uint8_t *from = top + x;
      for (int32_t k = 0; k < w->count[y]; k++, from += width) {
        bytes row;
        memcpy(&row, from, WIDTH);
        sum += __builtin_convertvector(row, words) * weight[k];
      }
      sum >>= CIMAGE_WEIGHT_BITS;
      sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, (words){0}), (words){0} + 255);
      bytes result = __builtin_convertvector(sum, bytes);
      memcpy(out + x, &result, WIDTH);
    }
    for (; x < width; x++) {
      int32_t sum = HALF;
      for (int32_t k = 0; k < w->count[y]; k++) sum += top[x + k * width] * weight[k];
      out[x] = clip(sum);
    }
  }
}
