#pragma once
// Types and constants alone: the library itself is loaded when it is needed, with the kernels that are right for the
// processor at hand.
#include <cblas.h>
