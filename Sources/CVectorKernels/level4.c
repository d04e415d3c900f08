// The kernels for AVX-512, in its whole width.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define TABLE cpc_vector_kernels_v4
// Twice the registers, of which each holds what takes two elsewhere.
#define HAS_32_WIDE_REGISTERS 1
#include "rows/table.h"
#pragma clang attribute pop
#endif
