/* sqlite_log.h - copies the log of an SQLite database back while it is being written.
 *
 * Shape:  a log grows by what is written, and somebody has to copy it into the database. A thread
 *         with a connection of its own does so, with passive checkpoints, which no writer waits
 *         for: after a commit of many pages at once, so that at the end of an import little is
 *         left, and else each time another 32 MB have come, as a delivery writes the same pages
 *         over and over. The thread begins when there is something to copy for the first time.
 * Errors: none. A checkpoint that fails leaves the log as it is, for the next one, whose caller
 *         hears of it.
 * Threads: the calls come from the thread of the writing connection. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/cleanup.h"

struct sqlite_log;
struct sqlite_log *sqlite_log_open(const char *path);
/* Now: unless there is too little to wake anybody for. */
enum sqlite_log_copies { SQLITE_LOG_NOW, SQLITE_LOG_OFTEN, SQLITE_LOG_SELDOM };
/* The log has so many pages now. Cheap. False: somebody else has to copy it, now. */
bool sqlite_log_grew(struct sqlite_log *l, int pages, enum sqlite_log_copies when);
/* Waits for a checkpoint that is under way. */
void sqlite_log_close(struct sqlite_log *l);
