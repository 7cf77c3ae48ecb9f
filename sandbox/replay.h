/* replay.h - a recorded transcript, served again: index.json lists {method, path, query, status,
 * content_type, file}, and each file holds one body. What was asked several times is answered in
 * the order recorded; the last answer stays.
 *
 * Memory: all bodies are read at the start.
 * Threads: its own lock. */
#pragma once
#include <stdbool.h>
#include "base/error.h"

struct replay;
struct call;
enum rc_code replay_open(const char *dir, struct replay **ret, struct rc_error *err);
void replay_close(struct replay *r); /* NULL is fine */
bool replay_answer(struct replay *r,
                   struct call *c); /* false: nothing recorded for it; r may be NULL */
