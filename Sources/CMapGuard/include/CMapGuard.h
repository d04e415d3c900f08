#pragma once
#include <stddef.h>

// Mapped files whose pages cannot be read, because the file was cut short or its disk failed: the kernel says so with
// SIGBUS, in the middle of some load instruction. In C, because a signal handler may use neither Swift's runtime nor
// its allocator.

// Registers a mapping; returns its slot, or -1 if there is no memory for one.
int cmap_add(const void *base, size_t size, const char *path);
// To be called before the mapping goes.
void cmap_remove(int slot);

// From now on an unreadable page ends the process with status 1 and `message`, in which the path stands after
// `prefix`. Both strings stay where they are for good.
void cmap_fail(const char *prefix, const char *message);
// From now on an unreadable page becomes one of zeros, and cmap_fault() says so.
void cmap_remember(void);
// The file of the first page that could not be read and became zeros; NULL if there was none.
const char *cmap_fault(void);
