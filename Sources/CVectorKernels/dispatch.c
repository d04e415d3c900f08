// The choice of a level. An ordinary function at the first use, as the functions by which a loader chooses (ifunc) run
// before sanitizers are ready for them.
#include <stdatomic.h>
#include <stdlib.h>

#include "include/CVectorKernels.h"

extern const cpc_vector_kernels cpc_vector_kernels_v1;
#if defined(__x86_64__)
extern const cpc_vector_kernels cpc_vector_kernels_v3, cpc_vector_kernels_v4;
#define BASELINE "x86-64-v1"
#elif defined(__aarch64__)
#define BASELINE "aarch64"
#else
#define BASELINE "portable"
#endif

const cpc_vector_kernels *cpc_vector_kernels_at(int level) {
  if (level == 1) return &cpc_vector_kernels_v1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == 3 && __builtin_cpu_supports("x86-64-v3")) return &cpc_vector_kernels_v3;
  if (level == 4 && __builtin_cpu_supports("x86-64-v4")) return &cpc_vector_kernels_v4;
#endif
  return NULL;
}

int cpc_vector_level_limit(const char *value) {
  return value && (value[0] == '1' || value[0] == '3') && value[1] == 0 ? value[0] - '0' : 4;
}

static const cpc_vector_kernels *choose_kernels(void) {
  for (int level = cpc_vector_level_limit(getenv("CPC_VECTOR_LEVEL")); level > 1; level--) {
    const cpc_vector_kernels *kernels = cpc_vector_kernels_at(level);
    if (kernels) return kernels;
  }
  return &cpc_vector_kernels_v1;
}

static inline const cpc_vector_kernels *chosen(void) {
  // Threads that come here first at once all choose the same.
  static _Atomic(const cpc_vector_kernels *) kernels;
  const cpc_vector_kernels *result = atomic_load_explicit(&kernels, memory_order_relaxed);
  if (__builtin_expect(result == NULL, 0)) {
    result = choose_kernels();
    atomic_store_explicit(&kernels, result, memory_order_relaxed);
  }
  return result;
}

const char *cpc_vector_level(void) {
#if defined(__x86_64__)
  if (chosen() == &cpc_vector_kernels_v4) return "x86-64-v4";
  if (chosen() == &cpc_vector_kernels_v3) return "x86-64-v3";
#endif
  return BASELINE;
}

#define FORWARD(type, name, parameters, arguments) \
  type cpc_##name parameters { return chosen()->name arguments; }
CPC_VECTOR_KERNELS(FORWARD)
