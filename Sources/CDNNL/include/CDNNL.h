// Products of bfloat16 matrices by oneDNN, which is loaded when first asked for: whoever computes in single precision
// does without it. One product runs on the thread that calls; different threads may run the same product at once.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads oneDNN. Returns NULL, or why it can't be used; says the same every time.
const char *cpc_dnnl_open(void);

/// Whether oneDNN would multiply bfloat16 numbers by the processor's own instructions for them (AVX512_BF16 or AMX), as
/// far as `ONEDNN_MAX_CPU_ISA` allows.
bool cpc_dnnl_multiplies_bf16(void);

/// "2.6.3".
const char *cpc_dnnl_version(void);

/// C[m, n] = op(A)[m, k] · B[k, n] for fixed sizes: A and B bfloat16, sums and C single precision, all row-major.
typedef struct cpc_dnnl_product cpc_dnnl_product;

typedef struct {
  long m, n, k;
  /// Distance of the rows of A, B and C as they are stored; that of B is 0 where B is packed.
  long a_stride, b_stride, c_stride;
  /// A is stored as [k, m].
  bool a_transposed;
  /// C += instead of C =.
  bool accumulate;
} cpc_dnnl_shape;

/// NULL where oneDNN has no such product here. With `packed_like`, B is packed as for that product, whose n and k are
/// the same.
cpc_dnnl_product *cpc_dnnl_create(const cpc_dnnl_shape *shape, const cpc_dnnl_product *packed_like);

/// The implementation oneDNN chose, for example "brg:avx512_core_amx_bf16".
const char *cpc_dnnl_implementation(const cpc_dnnl_product *product);

/// Bytes of a packed B, and of the scratch memory that every run needs.
size_t cpc_dnnl_packed_bytes(const cpc_dnnl_product *product);
size_t cpc_dnnl_scratch_bytes(const cpc_dnnl_product *product);

/// Packs B [k, n], stored with `stride` between its rows, or as [n, k] if `transposed`. Returns whether it worked.
bool cpc_dnnl_pack(const cpc_dnnl_product *product, const uint16_t *b, long stride, bool transposed, void *packed);

/// Returns whether it worked. `scratch` is aligned to 64 bytes.
bool cpc_dnnl_run(
  const cpc_dnnl_product *product, const uint16_t *a, const void *b, float *c, void *scratch);
