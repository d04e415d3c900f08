// All kernels at one level, and their table TABLE: included once by each file that sets a level.
#include "../include/CVectorKernels.h"
#include "adam.h"
#include "arithmetic.h"
#include "bfloat16.h"
#include "convolution.h"
#include "gru.h"
#include "logarithm.h"
#include "normalization.h"
#include "pooling.h"
#include "rectifier.h"
#include "scores.h"

#define FIELD(type, name, parameters, arguments) .name = name,
const cpc_vector_kernels TABLE = {CPC_VECTOR_KERNELS(FIELD)};
