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

// y[i] = max(0, y[i] + bias[i]); not-a-number stays itself.
void cpc_bias_relu(float *y, const float *bias, size_t channels);

// gradient[i] = 0 where output[i] <= 0; adds the result to sums.
void cpc_relu_gradient(float *gradient, const float *output, float *sums, size_t channels);

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

// KERNEL(type, name, parameters, arguments) for each of the kernels above.
#define CPC_VECTOR_KERNELS(KERNEL) \
  KERNEL(void, bias_relu, (float *y, const float *bias, size_t channels), (y, bias, channels)) \
  KERNEL(void, relu_gradient, (float *gradient, const float *output, float *sums, size_t channels), \
    (gradient, output, sums, channels)) \
  KERNEL(void, round_bf16, (const float *x, uint16_t *y, size_t n), (x, y, n)) \
  KERNEL(void, expand_bf16, (const uint16_t *x, float *y, size_t n), (x, y, n)) \
  KERNEL(void, bias_relu_round_bf16, (const float *x, const float *bias, uint16_t *y, size_t channels), \
    (x, bias, y, channels)) \
  KERNEL(void, relu_gradient_round_bf16, \
    (const float *gradient, const uint16_t *output, uint16_t *y, float *sums, size_t channels), \
    (gradient, output, y, sums, channels))

// The kernels at one level.
#define CPC_FIELD(type, name, parameters, arguments) type (*name) parameters;
typedef struct {
  CPC_VECTOR_KERNELS(CPC_FIELD)
} cpc_vector_kernels;
#undef CPC_FIELD

// Those of level 1, 3 or 4; NULL where the processor does not have it. For tests.
const cpc_vector_kernels *cpc_vector_kernels_at(int level);
