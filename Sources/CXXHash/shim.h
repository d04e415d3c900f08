#pragma once
#include <xxhash.h>
#if defined(__x86_64__)
// Names of the hot functions then stand for those that choose AVX2 or AVX-512 where the processor has them.
#include <xxh_x86dispatch.h>
#endif

static inline XXH64_hash_t cpc_xxh3_64(const void *data, size_t size) { return XXH3_64bits(data, size); }
static inline XXH128_hash_t cpc_xxh3_128(const void *data, size_t size) { return XXH3_128bits(data, size); }
static inline void cpc_xxh3_update(XXH3_state_t *state, const void *data, size_t size) {
  XXH3_128bits_update(state, data, size);
}
