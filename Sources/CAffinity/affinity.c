// In C because sched_getaffinity is visible with _GNU_SOURCE only.
#define _GNU_SOURCE
#include "affinity.h"

#include <errno.h>
#include <sched.h>

int cpc_affinity(void) {
  // The kernel refuses a set that is smaller than its own, whose size it does not tell.
  for (int processors = 1024; processors <= 1 << 20; processors *= 2) {
    cpu_set_t *set = CPU_ALLOC(processors);
    if (!set) return 0;
    size_t size = CPU_ALLOC_SIZE(processors);
    CPU_ZERO_S(size, set);
    int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : -1;
    int error = errno;
    CPU_FREE(set);
    if (count >= 0) return count;
    if (error != EINVAL) return 0;
  }
  return 0;
}
