#include "include/CMapGuard.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Slots are never freed, so that the handler may look through them at any time.
#define CHUNK 256
struct slot {
  _Atomic uintptr_t base;
  size_t size;
  char *path;
};
struct chunk {
  struct slot slots[CHUNK];
  struct chunk *_Atomic next;
};

static struct chunk first;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *_Atomic fail_prefix, *_Atomic fail_message;
// Whether a fault ends the process; the texts stay, for whoever looks for memory that nobody holds.
static _Atomic int is_fatal;
static _Atomic int is_installed;
// 0: no fault yet; 1: one is being written down; 2: it can be read.
static _Atomic int fault_state;
static char fault_path[4096];

int cmap_add(const void *base, size_t size, const char *path) {
  char *copy = strdup(path);
  if (!copy) return -1;
  pthread_mutex_lock(&lock);
  int number = 0;
  for (struct chunk *chunk = &first; chunk; chunk = atomic_load(&chunk->next)) {
    for (int i = 0; i < CHUNK; i++, number++) {
      struct slot *slot = &chunk->slots[i];
      if (atomic_load(&slot->base)) continue;
      slot->size = size;
      slot->path = copy;
      atomic_store(&slot->base, (uintptr_t)base);
      pthread_mutex_unlock(&lock);
      return number;
    }
    if (!atomic_load(&chunk->next)) atomic_store(&chunk->next, calloc(1, sizeof(struct chunk)));
  }
  pthread_mutex_unlock(&lock);
  free(copy);
  return -1;
}

void cmap_remove(int number) {
  if (number < 0) return;
  pthread_mutex_lock(&lock);
  struct chunk *chunk = &first;
  for (; number >= CHUNK; number -= CHUNK) chunk = atomic_load(&chunk->next);
  struct slot *slot = &chunk->slots[number];
  atomic_store(&slot->base, 0);
  free(slot->path);
  slot->path = NULL;
  pthread_mutex_unlock(&lock);
}

static struct slot *find(uintptr_t address) {
  for (struct chunk *chunk = &first; chunk; chunk = atomic_load(&chunk->next)) {
    for (int i = 0; i < CHUNK; i++) {
      uintptr_t base = atomic_load(&chunk->slots[i].base);
      if (base && address >= base && address - base < chunk->slots[i].size) return &chunk->slots[i];
    }
  }
  return NULL;
}

static void put(const char *text, size_t size) {
  if (write(STDERR_FILENO, text, size) < 0) return;
}

// A path without what a terminal would obey.
static void put_path(const char *path) {
  for (; *path; path++) put((unsigned char)*path < 0x20 || *path == 0x7f ? "?" : path, 1);
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  struct slot *slot = find(address);
  if (slot && atomic_load(&is_fatal)) {
    const char *prefix = atomic_load(&fail_prefix), *message = atomic_load(&fail_message);
    put(prefix, strlen(prefix));
    put_path(slot->path);
    put(message, strlen(message));
    _exit(1);
  }
  if (slot) {
    int none = 0;
    if (atomic_compare_exchange_strong(&fault_state, &none, 1)) {
      strncpy(fault_path, slot->path, sizeof fault_path - 1);
      atomic_store(&fault_state, 2);
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *start = (void *)(address / page * page);
    if (mmap(start, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
      errno = saved;
      return;
    }
  }
  // None of ours: the same instruction again, and the end that it would have had.
  signal(number, SIG_DFL);
  errno = saved;
}

static void install(void) {
  if (atomic_exchange(&is_installed, 1)) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}

void cmap_fail(const char *prefix, const char *message) {
  atomic_store(&fail_prefix, prefix);
  atomic_store(&fail_message, message);
  atomic_store(&is_fatal, 1);
  install();
}

void cmap_remember(void) {
  atomic_store(&is_fatal, 0);
  install();
}

const char *cmap_fault(void) {
  int state;
  // Another thread writes the path at this moment.
  while ((state = atomic_load(&fault_state)) == 1) sched_yield();
  return state == 2 ? fault_path : NULL;
}
