/* history.h - what became of a person: every version that was current, newest first, with its changes
 * and who approved them; and what runs wanted that were not applied.
 *
 * Memory: everything in the arena of the struct show. */
#pragma once
#include "show/show.h"
#include "store/history.h"

struct show_step { /* one run, seen from one person */
    struct run run;
    bool was_applied;               /* to this person */
    struct history_version version; /* with was_applied */
    struct history_change *changes;
    size_t changes_n;
};
struct show_life {
    const struct person *person;
    struct text name;
    struct show_step *steps;
    size_t n, cap;
};
enum rc_code show_life_load(const struct show *s, const struct company *co, const struct person *p,
                            struct show_life *ret, struct rc_error *err);
/* An object of the open array. */
void show_life(const struct show *s, struct json_writer *w, const struct show_life *l);
