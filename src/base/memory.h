/* memory.h - what a process that runs for months keeps of the memory that it has freed.
 *
 * Shape:  malloc keeps what is freed, in arenas: by itself up to eight for each CPU, each with what its
 *         busiest moment took. memory_set_up() allows two, so that threads share what is free;
 *         memory_give_back() returns the pages that nobody uses to the system. With glibc; elsewhere
 *         less comes of it.
 * Threads: memory_set_up() before there is a second one. memory_give_back() from any, one at a time;
 *         others wait for it no longer than for a long free(). */
#pragma once

/* How many arenas there may be stays as the environment says (MALLOC_ARENA_MAX, GLIBC_TUNABLES). */
void memory_set_up(void);
void memory_give_back(void);
