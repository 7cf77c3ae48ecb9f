/* sqlite_log.h - copies the log of an SQLite database back while it is being written.
 *
 * Shape:  in bulk the log grows by as much as is imported, and somebody has to copy it into the
 *         database. A thread with a connection of its own does so meanwhile, with passive
 *         checkpoints, which no writer waits for; what is left at the end is little.
 * Errors: none. A checkpoint that fails leaves the log as it is, for the next one, whose caller
 *         hears of it; so does a thread that cannot be started.
 * Threads: the calls come from the thread of the writing connection. */
#pragma once
#include <stddef.h>
#include "base/cleanup.h"

struct sqlite_log;
/* NULL when there can be none. */
struct sqlite_log *sqlite_log_open(const char *path);
/* The log has so many pages now. Cheap. */
void sqlite_log_grew(struct sqlite_log *l, int pages);
/* Waits for a checkpoint that is under way. */
void sqlite_log_close(struct sqlite_log *l);
