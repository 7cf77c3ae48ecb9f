/* changes.h - what an import did or would do: groups, changes, who was left out, and how it differs from
 * the run that it came instead of. For the person who decides about it.
 *
 * Memory: everything in the arena of the struct show. */
#pragma once
#include "show/show.h"
#include "store/version.h"
#include "sync/review.h"

enum { SHOW_CHANGES_MOST = 1000000 };

struct show_changes {
    const struct run *run;
    struct review review;
    struct version_left_out *left_out;
    struct history_difference *differences;
    size_t left_out_n, differences_n;
};
/* The run that this one came instead of; 0: none. */
int64_t show_instead_of(const struct run *r);
enum rc_code show_changes_load(const struct show *s, const struct run *r, struct show_changes *ret,
                               struct rc_error *err);
/* "groups" */
void show_groups(struct json_writer *w, const struct show_changes *x);
/* One object of "changes"; values of several teams are made in the arena. */
void show_change(struct json_writer *w, const struct review_section *section,
                 const struct review_part *part, const struct review_change *change,
                 struct arena *a);
/* "left_out", "difference" */
void show_left_out(struct json_writer *w, const struct show_changes *x);
void show_difference(struct json_writer *w, const struct show_changes *x);
