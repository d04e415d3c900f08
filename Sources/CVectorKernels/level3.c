// The kernels for AVX2 and FMA.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define TABLE cpc_vector_kernels_v3
#include "rows/table.h"
#pragma clang attribute pop
#endif
