#include "CDNNL.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define LIBRARY "libdnnl.so." TEXT(DNNL_VERSION_MAJOR)

// Version 3 made memory descriptors opaque and joined the two steps of describing a matrix product.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t descriptor;
typedef const_dnnl_memory_desc_t descriptor_reference;
#define BY_VERSION(X)                   \
  X(dnnl_memory_desc_create_with_strides) \
  X(dnnl_memory_desc_create_with_tag)   \
  X(dnnl_memory_desc_clone)             \
  X(dnnl_memory_desc_destroy)           \
  X(dnnl_matmul_primitive_desc_create)
#else
typedef dnnl_memory_desc_t descriptor;
typedef const dnnl_memory_desc_t *descriptor_reference;
#define BY_VERSION(X)               \
  X(dnnl_memory_desc_init_by_strides) \
  X(dnnl_memory_desc_init_by_tag)   \
  X(dnnl_matmul_desc_init)          \
  X(dnnl_primitive_desc_create)
#endif

#define FUNCTIONS(X)                  \
  X(dnnl_engine_create)               \
  X(dnnl_stream_create)               \
  X(dnnl_stream_wait)                 \
  X(dnnl_memory_create)               \
  X(dnnl_memory_destroy)              \
  X(dnnl_memory_desc_get_size)        \
  X(dnnl_primitive_attr_create)       \
  X(dnnl_primitive_attr_destroy)      \
  X(dnnl_primitive_attr_set_scratchpad_mode) \
  X(dnnl_primitive_attr_set_post_ops) \
  X(dnnl_post_ops_create)             \
  X(dnnl_post_ops_destroy)            \
  X(dnnl_post_ops_append_sum)         \
  X(dnnl_primitive_desc_query)        \
  X(dnnl_primitive_desc_query_md)     \
  X(dnnl_primitive_desc_destroy)      \
  X(dnnl_primitive_create)            \
  X(dnnl_primitive_destroy)           \
  X(dnnl_primitive_execute)           \
  X(dnnl_reorder_primitive_desc_create) \
  X(dnnl_get_effective_cpu_isa)       \
  X(dnnl_version)                     \
  BY_VERSION(X)

#define DECLARE(name) static __typeof__(name) *p_##name;
FUNCTIONS(DECLARE)

static dnnl_engine_t engine;
static void (*set_threads)(int);
static char reason[256];
static char version[32];

static void load(void) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(reason, sizeof reason, "%s (Debian: libdnnl%d)", dlerror(), DNNL_VERSION_MAJOR);
    return;
  }
#define RESOLVE(name)                                                        \
  if (!(p_##name = (__typeof__(name) *)dlsym(library, #name))) {             \
    snprintf(reason, sizeof reason, "%s has no %s", LIBRARY, #name);         \
    return;                                                                  \
  }
  FUNCTIONS(RESOLVE)
  // Found through the library's own OpenMP runtime; a build without one needs no word about threads.
  set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
  if (p_dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) {
    snprintf(reason, sizeof reason, "%s makes no engine for this processor", LIBRARY);
    return;
  }
  const dnnl_version_t *v = p_dnnl_version();
  snprintf(version, sizeof version, "%d.%d.%d", v->major, v->minor, v->patch);
}

const char *cpc_dnnl_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return reason[0] ? reason : NULL;
}

const char *cpc_dnnl_version(void) { return version; }

bool cpc_dnnl_multiplies_bf16(void) {
  unsigned wanted = dnnl_cpu_isa_avx512_core_bf16;
  return !cpc_dnnl_open() && ((unsigned)p_dnnl_get_effective_cpu_isa() & wanted) == wanted;
}

/// The calling thread's stream; NULL if none can be made. Each product stays on its thread.
static dnnl_stream_t stream(void) {
  static __thread dnnl_stream_t mine;
  if (!mine) {
    if (set_threads) set_threads(1);
    if (p_dnnl_stream_create(&mine, engine, dnnl_stream_default_flags) != dnnl_success) mine = NULL;
  }
  return mine;
}

struct cpc_dnnl_product {
  descriptor a, b, c, scratch;
  dnnl_primitive_t primitive;
  size_t packed_bytes, scratch_bytes;
  long n, k;
  const char *implementation;
};

/// Rows `stride` apart, or columns if `transposed`.
static dnnl_status_t describe(
  descriptor *result, long rows, long columns, long stride, bool transposed, dnnl_data_type_t type) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : stride, transposed ? stride : 1};
#if DNNL_VERSION_MAJOR >= 3
  return p_dnnl_memory_desc_create_with_strides(result, 2, sizes, type, strides);
#else
  return p_dnnl_memory_desc_init_by_strides(result, 2, sizes, type, strides);
#endif
}

/// In whatever order the product likes best.
static dnnl_status_t describe_any(descriptor *result, long rows, long columns) {
  dnnl_dims_t sizes = {rows, columns};
#if DNNL_VERSION_MAJOR >= 3
  return p_dnnl_memory_desc_create_with_tag(result, 2, sizes, dnnl_bf16, dnnl_format_tag_any);
#else
  return p_dnnl_memory_desc_init_by_tag(result, 2, sizes, dnnl_bf16, dnnl_format_tag_any);
#endif
}

static dnnl_status_t copy(descriptor *result, descriptor_reference source) {
#if DNNL_VERSION_MAJOR >= 3
  return p_dnnl_memory_desc_clone(result, source);
#else
  *result = *source;
  return dnnl_success;
#endif
}

#if DNNL_VERSION_MAJOR >= 3
#define REFERENCE(descriptor) (descriptor)
#else
#define REFERENCE(descriptor) (&(descriptor))
#endif

static void release(descriptor *descriptor) {
#if DNNL_VERSION_MAJOR >= 3
  if (*descriptor) p_dnnl_memory_desc_destroy(*descriptor);
  *descriptor = NULL;
#else
  (void)descriptor;
#endif
}

static dnnl_status_t describe_product(
  dnnl_primitive_desc_t *result, cpc_dnnl_product *product, dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return p_dnnl_matmul_primitive_desc_create(
    result, engine, product->a, product->b, NULL, product->c, attributes);
#else
  dnnl_matmul_desc_t matmul;
  dnnl_status_t status = p_dnnl_matmul_desc_init(&matmul, &product->a, &product->b, NULL, &product->c);
  return status ? status : p_dnnl_primitive_desc_create(result, &matmul, attributes, engine, NULL);
#endif
}

static dnnl_status_t append_sum(dnnl_post_ops_t operations) {
#if DNNL_VERSION_MAJOR >= 3
  return p_dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
#else
  return p_dnnl_post_ops_append_sum(operations, 1);
#endif
}

static dnnl_status_t attributes_of(const cpc_dnnl_shape *shape, dnnl_primitive_attr_t *attributes) {
  dnnl_status_t status = p_dnnl_primitive_attr_create(attributes);
  if (status) return status;
  // Memory of the library's own would tie a product to the thread that made it.
  status = p_dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  if (status || !shape->accumulate) return status;
  dnnl_post_ops_t operations;
  status = p_dnnl_post_ops_create(&operations);
  if (status) return status;
  status = append_sum(operations);
  if (!status) status = p_dnnl_primitive_attr_set_post_ops(*attributes, operations);
  p_dnnl_post_ops_destroy(operations);
  return status;
}

static dnnl_status_t create(
  cpc_dnnl_product *product, const cpc_dnnl_shape *shape, const cpc_dnnl_product *packed_like) {
  dnnl_status_t status = describe(&product->a, shape->m, shape->k, shape->a_stride, shape->a_transposed, dnnl_bf16);
  if (status) return status;
  status = packed_like ? copy(&product->b, REFERENCE(packed_like->b))
    : shape->b_stride ? describe(&product->b, shape->k, shape->n, shape->b_stride, false, dnnl_bf16)
                      : describe_any(&product->b, shape->k, shape->n);
  if (!status) status = describe(&product->c, shape->m, shape->n, shape->c_stride, false, dnnl_f32);
  if (status) return status;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t description = NULL;
  status = attributes_of(shape, &attributes);
  if (!status) status = describe_product(&description, product, attributes);
  if (attributes) p_dnnl_primitive_attr_destroy(attributes);
  if (status) return status;
  p_dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &product->implementation);
  release(&product->b);
  status = copy(&product->b, p_dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0));
  if (!status) status = copy(&product->scratch, p_dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
  if (!status) status = p_dnnl_primitive_create(&product->primitive, description);
  // The name of the implementation is the library's and stays.
  p_dnnl_primitive_desc_destroy(description);
  if (status) return status;
  product->packed_bytes = p_dnnl_memory_desc_get_size(REFERENCE(product->b));
  product->scratch_bytes = p_dnnl_memory_desc_get_size(REFERENCE(product->scratch));
  product->n = shape->n;
  product->k = shape->k;
  return dnnl_success;
}

cpc_dnnl_product *cpc_dnnl_create(const cpc_dnnl_shape *shape, const cpc_dnnl_product *packed_like) {
  // What is made depends on how many threads it will have.
  if (cpc_dnnl_open() || !stream()) return NULL;
  cpc_dnnl_product *product = calloc(1, sizeof *product);
  if (!product) return NULL;
  if (create(product, shape, packed_like) == dnnl_success) return product;
  release(&product->a);
  release(&product->b);
  release(&product->c);
  release(&product->scratch);
  free(product);
  return NULL;
}

const char *cpc_dnnl_implementation(const cpc_dnnl_product *product) { return product->implementation; }
size_t cpc_dnnl_packed_bytes(const cpc_dnnl_product *product) { return product->packed_bytes; }
size_t cpc_dnnl_scratch_bytes(const cpc_dnnl_product *product) { return product->scratch_bytes; }

static bool execute(dnnl_primitive_t primitive, int count, const dnnl_exec_arg_t *arguments) {
  dnnl_stream_t mine = stream();
  return mine && p_dnnl_primitive_execute(primitive, mine, count, arguments) == dnnl_success
    && p_dnnl_stream_wait(mine) == dnnl_success;
}

bool cpc_dnnl_pack(const cpc_dnnl_product *product, const uint16_t *b, long stride, bool transposed, void *packed) {
  descriptor source = {0};
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t reorder = NULL;
  dnnl_memory_t from = NULL, to = NULL;
  bool good = stream()
    && describe(&source, product->k, product->n, stride, transposed, dnnl_bf16) == dnnl_success
    && p_dnnl_reorder_primitive_desc_create(
         &description, REFERENCE(source), engine, REFERENCE(product->b), engine, NULL) == dnnl_success
    && p_dnnl_primitive_create(&reorder, description) == dnnl_success
    && p_dnnl_memory_create(&from, REFERENCE(source), engine, (void *)b) == dnnl_success
    && p_dnnl_memory_create(&to, REFERENCE(product->b), engine, packed) == dnnl_success;
  if (good) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    good = execute(reorder, 2, arguments);
  }
  if (to) p_dnnl_memory_destroy(to);
  if (from) p_dnnl_memory_destroy(from);
  if (reorder) p_dnnl_primitive_destroy(reorder);
  if (description) p_dnnl_primitive_desc_destroy(description);
  release(&source);
  return good;
}

bool cpc_dnnl_run(
  const cpc_dnnl_product *product, const uint16_t *a, const void *b, float *c, void *scratch) {
  dnnl_memory_t memory[4] = {0};
  bool good = p_dnnl_memory_create(&memory[0], REFERENCE(product->a), engine, (void *)a) == dnnl_success
    && p_dnnl_memory_create(&memory[1], REFERENCE(product->b), engine, (void *)b) == dnnl_success
    && p_dnnl_memory_create(&memory[2], REFERENCE(product->c), engine, c) == dnnl_success
    && p_dnnl_memory_create(&memory[3], REFERENCE(product->scratch), engine, scratch) == dnnl_success;
  if (good) {
    dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, memory[0]}, {DNNL_ARG_WEIGHTS, memory[1]}, {DNNL_ARG_DST, memory[2]},
      {DNNL_ARG_SCRATCHPAD, memory[3]}};
    good = execute(product->primitive, 4, arguments);
  }
  for (int i = 0; i < 4; i++) {
    if (memory[i]) p_dnnl_memory_destroy(memory[i]);
  }
  return good;
}
