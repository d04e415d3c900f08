// The kernels for every processor of the architecture.
#define TABLE cpc_vector_kernels_v1
#include "rows/table.h"
