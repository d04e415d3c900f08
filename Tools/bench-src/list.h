// What the bare loops share: the files of a list, taken by some threads one after the other, and the time that takes.
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char **paths;
static size_t count;
static atomic_size_t next_file;

// The files that a list names, one a line; 0 if there is no such list.
static int read_list(const char *name) {
  FILE *list = fopen(name, "r");
  if (!list) return 0;
  char *line = NULL;
  size_t room = 0;
  for (ssize_t length; (length = getline(&line, &room, list)) > 0;) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    paths = realloc(paths, (count + 1) * sizeof *paths);
    paths[count++] = strdup(line);
  }
  free(line);
  fclose(list);
  return 1;
}

// Seconds that so many threads take for the work, each until no file is left.
static double run(void *(*work)(void *), int threads) {
  pthread_t *pool = calloc(threads, sizeof *pool);
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (int i = 0; i < threads; i++) pthread_create(&pool[i], NULL, work, NULL);
  for (int i = 0; i < threads; i++) pthread_join(pool[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &to);
  free(pool);
  return to.tv_sec - from.tv_sec + 1e-9 * (to.tv_nsec - from.tv_nsec);
}
