/* delivery.h - what a delivery did or would do: in numbers, and call by call with the exact values.
 *
 * Memory: texts lie in the arena given. */
#pragma once
#include "show/show.h"
#include "store/effect.h"

/* Held, previewed, or not at its end. */
bool show_is_ahead(const struct run *r);
/* "run" (null: run_id 0), "about" and "effects", as members of an object under the key; NULL: of the open
 * one. "": an object of the open array. */
enum rc_code show_delivery(const struct show *s, struct json_writer *w, const char *key,
                           const struct company *co, const struct platform *p, const struct run *r,
                           struct rc_error *err);

struct show_whom {
    struct text source_id, name, email; /* empty: nobody, or forgotten meanwhile */
};
/* Who joins by a previewed import is in its stage only. */
struct show_whom show_whom_of(struct store *st, const struct run *r, struct show_reader *reader,
                              const struct effect *e, struct arena *a);
/* One object of "calls". */
void show_call(struct json_writer *w, const struct show_whom *who, const struct effect *e);
