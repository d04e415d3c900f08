#pragma once
#include <stddef.h>
#include <stdint.h>

// Loops over rows of single-precision numbers, compiled for several levels of the processor and chosen once, at run
// time. In C, because Swift has one instruction set a program.
//
// On x86-64 the levels are x86-64-v1 (SSE2), x86-64-v3 (AVX2 and FMA) and x86-64-v4 (AVX-512) of the psABI; other
// processors have one, 1. CPC_VECTOR_LEVEL=1, 3 or 4 in the environment, read once, keeps to that level or the highest
// below it that the processor has; any other value changes nothing.
//
// Levels differ in the last digits, as the fused products of the higher ones are not rounded before they are added; the
// kernels for bfloat16 do not differ. A number's result does not depend on where in a row it stands; sums over a row
// depend on its length alone. Rows need no alignment, and do not overlap unless they are the same. Not-a-number goes
// where it would in plain arithmetic, if nothing else is said.

// For example "x86-64-v3": the level of the kernels below.
const char *cpc_vector_level(void);

// The level that a value of CPC_VECTOR_LEVEL, or none (NULL), allows: 1, 3 or 4.
int cpc_vector_level_limit(const char *value);

// x[i] = exp(x[i] - shift); returns the sum. Relative error below 2e-7 for -87.3 <= x[i] - shift <= 88, saturating
// beyond.
float cpc_exponentiate(float *x, size_t n, float shift);

// x[i] = log(x[i]) for normal positive numbers, relative error below 1e-6; anything smaller gives about -87.
void cpc_take_logarithms(float *x, size_t n);

// result[c * result_stride] = log sum_r exp(values[r * stride + c]). Terms below exp(-20) of the largest are left out.
// Minus infinity where there are no rows.
void cpc_log_sum_exp(
  const float *values, size_t rows, size_t columns, size_t stride, float *result, size_t result_stride);

// y[i] = max(0, y[i] + bias[i]); not-a-number stays itself.
void cpc_bias_relu(float *y, const float *bias, size_t channels);

// gradient[i] = 0 where output[i] <= 0; adds the result to sums.
void cpc_relu_gradient(float *gradient, const float *output, float *sums, size_t channels);

// The largest number; minus infinity if there is none. Not-a-number is passed over.
float cpc_maximum(const float *x, size_t n);

// The same in `largest`; returns how many numbers are smaller than `limit`.
size_t cpc_maximum_and_below(const float *x, size_t n, float limit, float *largest);

// y += x.
void cpc_add(const float *x, float *y, size_t n);

// x *= factor.
void cpc_scale(float *x, size_t n, float factor);

// y = x * factors, number by number.
void cpc_multiply(const float *x, const float *factors, float *y, size_t n);

// sums += x * y, number by number.
void cpc_add_products(const float *x, const float *y, float *sums, size_t n);

// Adds `count` rows, `stride` apart, one after another to sums.
void cpc_add_column_sums(const float *rows, size_t stride, size_t count, size_t columns, float *sums);

// The sum of x * x, in double precision.
double cpc_sum_of_squares(const float *x, size_t n);

// x *= r with r = 1 / sqrt(sum x^2 + 1e-8); returns r.
float cpc_scale_to_unit_length(float *x, size_t n);

// Turns the gradient of the output of cpc_scale_to_unit_length into that of its input.
void cpc_scale_to_unit_length_back(float *gradient, const float *output, float inverse, size_t n);

// x = (x - mean) * r with r = 1 / sqrt(variance + 1e-5), the variance over n - 1; returns r.
float cpc_standardize(float *x, size_t n);

// Turns the gradient of the output of cpc_standardize into that of its input.
void cpc_standardize_back(float *gradient, const float *output, float inverse, size_t n);

// One Adam update of n parameters (Kingma and Ba 2015, algorithm 1), g = gradient * gradient_scale:
// mean += new1 * (g - mean); square = beta2 * square + new2 * g^2;
// value -= rate * mean / (sqrt(square) * inverse_square_correction + epsilon).
void cpc_adam_update(
  size_t n, float *value, const float *gradient, float *mean, float *square, float gradient_scale, float new1,
  float beta2, float new2, float rate, float inverse_square_correction, float epsilon);

// One step of a GRU. `gates` [3 * units] holds the products with the input, without bias, and receives r, z and n;
// `recurrent` [3 * units] holds those with the previous state; `candidate` [units] receives W_hn h + b_hn, `next` the
// state.
void cpc_gru_step(
  size_t units, float *gates, const float *recurrent, const float *input_bias, const float *recurrent_bias,
  float *candidate, const float *previous, float *next);

// The way back through cpc_gru_step. `carried` [units] comes with the gradient of the state from later steps and leaves
// with the part that goes directly to the previous one; the other two gradients have 3 * units.
void cpc_gru_step_back(
  size_t units, const float *gates, const float *candidate, const float *previous, const float *context_gradient,
  float *carried, float *input_gradient, float *recurrent_gradient);

// bfloat16 numbers are their 16 bits. Rounding is to the nearest, of two equally near to the even one, denormal numbers
// too; not-a-number becomes a quiet one of the same sign.

// y = bf16(x).
void cpc_round_bf16(const float *x, uint16_t *y, size_t n);

// y = x, exactly.
void cpc_expand_bf16(const uint16_t *x, float *y, size_t n);

// y = bf16(max(0, x + bias)); not-a-number stays so.
void cpc_bias_relu_round_bf16(const float *x, const float *bias, uint16_t *y, size_t channels);

// g = gradient, but 0 where output <= 0; y = bf16(g); sums += g.
void cpc_relu_gradient_round_bf16(
  const float *gradient, const uint16_t *output, uint16_t *y, float *sums, size_t channels);

// Where x[i] is above best[i], or is not a number: best[i] = x[i] and place[i] = here.
void cpc_keep_maximum(const float *x, float *best, uint8_t *place, uint8_t here, size_t n);

// sums[i] += x[i] where place[i] is here.
void cpc_add_where(const float *x, const uint8_t *place, uint8_t here, float *sums, size_t n);

// Where the outputs of a convolution find their taps, in maps [maps, map_size]. Output o of a map has `count` of them:
// rows of `channels` numbers, that of tap t at places[o * count + t] of its map; `zeros` are `channels` zeros in the stead
// of a place below 0.
typedef struct {
  size_t count, channels, outputs, map_size;
  const int32_t *places;
  const float *zeros;
} cpc_taps;

// Rows of sums y[count, columns] = taps * weights, or y += where `accumulate`, of outputs `first` and on, numbered through
// all maps. `panels` are the weights [taps->count * taps->channels, columns] as panels of 16 columns, one after the other,
// [rows, 16] each; the last is filled up with zeros.
void cpc_convolve(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *panels, size_t columns, float *y,
  int accumulate);

// sums[taps->count * taps->channels, columns] += tapsᵀ * dy[count, columns], of outputs as above.
void cpc_add_tap_products(
  const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *dy, size_t columns, float *sums);

// KERNEL(type, name, parameters, arguments) for each of the kernels above.
#define CPC_VECTOR_KERNELS(KERNEL) \
  KERNEL(float, exponentiate, (float *x, size_t n, float shift), (x, n, shift)) \
  KERNEL(void, take_logarithms, (float *x, size_t n), (x, n)) \
  KERNEL(void, log_sum_exp, \
    (const float *values, size_t rows, size_t columns, size_t stride, float *result, size_t result_stride), \
    (values, rows, columns, stride, result, result_stride)) \
  KERNEL(void, bias_relu, (float *y, const float *bias, size_t channels), (y, bias, channels)) \
  KERNEL(void, relu_gradient, (float *gradient, const float *output, float *sums, size_t channels), \
    (gradient, output, sums, channels)) \
  KERNEL(float, maximum, (const float *x, size_t n), (x, n)) \
  KERNEL(size_t, maximum_and_below, (const float *x, size_t n, float limit, float *largest), (x, n, limit, largest)) \
  KERNEL(void, add, (const float *x, float *y, size_t n), (x, y, n)) \
  KERNEL(void, scale, (float *x, size_t n, float factor), (x, n, factor)) \
  KERNEL(void, multiply, (const float *x, const float *factors, float *y, size_t n), (x, factors, y, n)) \
  KERNEL(void, add_products, (const float *x, const float *y, float *sums, size_t n), (x, y, sums, n)) \
  KERNEL(void, add_column_sums, (const float *rows, size_t stride, size_t count, size_t columns, float *sums), \
    (rows, stride, count, columns, sums)) \
  KERNEL(double, sum_of_squares, (const float *x, size_t n), (x, n)) \
  KERNEL(float, scale_to_unit_length, (float *x, size_t n), (x, n)) \
  KERNEL(void, scale_to_unit_length_back, (float *gradient, const float *output, float inverse, size_t n), \
    (gradient, output, inverse, n)) \
  KERNEL(float, standardize, (float *x, size_t n), (x, n)) \
  KERNEL(void, standardize_back, (float *gradient, const float *output, float inverse, size_t n), \
    (gradient, output, inverse, n)) \
  KERNEL(void, adam_update, \
    (size_t n, float *value, const float *gradient, float *mean, float *square, float gradient_scale, float new1, \
      float beta2, float new2, float rate, float inverse_square_correction, float epsilon), \
    (n, value, gradient, mean, square, gradient_scale, new1, beta2, new2, rate, inverse_square_correction, epsilon)) \
  KERNEL(void, gru_step, \
    (size_t units, float *gates, const float *recurrent, const float *input_bias, const float *recurrent_bias, \
      float *candidate, const float *previous, float *next), \
    (units, gates, recurrent, input_bias, recurrent_bias, candidate, previous, next)) \
  KERNEL(void, gru_step_back, \
    (size_t units, const float *gates, const float *candidate, const float *previous, const float *context_gradient, \
      float *carried, float *input_gradient, float *recurrent_gradient), \
    (units, gates, candidate, previous, context_gradient, carried, input_gradient, recurrent_gradient)) \
  KERNEL(void, round_bf16, (const float *x, uint16_t *y, size_t n), (x, y, n)) \
  KERNEL(void, expand_bf16, (const uint16_t *x, float *y, size_t n), (x, y, n)) \
  KERNEL(void, bias_relu_round_bf16, (const float *x, const float *bias, uint16_t *y, size_t channels), \
    (x, bias, y, channels)) \
  KERNEL(void, relu_gradient_round_bf16, \
    (const float *gradient, const uint16_t *output, uint16_t *y, float *sums, size_t channels), \
    (gradient, output, y, sums, channels)) \
  KERNEL(void, keep_maximum, (const float *x, float *best, uint8_t *place, uint8_t here, size_t n), \
    (x, best, place, here, n)) \
  KERNEL(void, add_where, (const float *x, const uint8_t *place, uint8_t here, float *sums, size_t n), \
    (x, place, here, sums, n)) \
  KERNEL(void, convolve, \
    (const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *panels, size_t columns, float *y, \
      int accumulate), \
    (maps, taps, first, count, panels, columns, y, accumulate)) \
  KERNEL(void, add_tap_products, \
    (const float *maps, const cpc_taps *taps, size_t first, size_t count, const float *dy, size_t columns, \
      float *sums), \
    (maps, taps, first, count, dy, columns, sums))

// The kernels at one level.
#define CPC_FIELD(type, name, parameters, arguments) type (*name) parameters;
typedef struct {
  CPC_VECTOR_KERNELS(CPC_FIELD)
} cpc_vector_kernels;
#undef CPC_FIELD

// Those of level 1, 3 or 4; NULL where the processor does not have it. For tests.
const cpc_vector_kernels *cpc_vector_kernels_at(int level);
