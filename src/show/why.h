/* why.h - why somebody stands where they stand, what is waited for, and what became of their account:
 * for the administrator who asks why somebody has, or has not, an account.
 *
 * Memory: everything in the arena of the struct show. */
#pragma once
#include "people/mapping.h"
#include "show/show.h"
#include "store/account.h"
#include "store/effect.h"

/* ---- on one platform ---- */
struct show_there_of {
    const struct platform *platform;
    struct account_row row; /* with what would be decided now, where something has changed since */
    struct effect *effects; /* the last calls, newest first */
    size_t effects_n;
};
/* *ret_has false: nobody has looked at their account yet, or nothing of theirs feeds the platform. */
enum rc_code show_there_of_load(const struct show *s, const struct company *co,
                                const struct platform *p, int64_t user_id,
                                struct show_there_of *ret, bool *ret_has, struct rc_error *err);

/* ---- the person ---- */
struct show_wait {
    const char *what;  /* "decision", "look-up", "date" */
    int64_t run_id;    /* 0: none */
    const char *until; /* a day; NULL: nobody knows */
    struct text text;
};
struct show_problem {
    const char *name;
    struct text text;
};
struct show_why {
    const struct company *company;
    const struct person *person;  /* NULL: only staged */
    const struct integration *in; /* NULL: none any more */
    struct show_view view;        /* its texts are kept */
    struct text name, lifecycle;
    struct mapping_step *steps;
    struct show_problem *problems;
    struct show_wait waits[8];
    size_t steps_n, problems_n, waits_n;
};
enum rc_code show_why_load(const struct show *s, const struct company *co,
                           const struct show_subjects *all, const struct person *p,
                           struct show_reader *reader, struct show_why *ret, struct rc_error *err);
/* Somebody whom HR lists and the directory does not have yet. ret->waits_n 0: nobody of that id. */
enum rc_code show_why_staged_load(const struct show *s, const struct company *co, const char *who,
                                  struct show_why *ret, struct rc_error *err);
/* An object of the open array; who: of somebody who is only staged. */
enum rc_code show_why(const struct show *s, struct json_writer *w, const struct show_subjects *all,
                      const char *who, const struct show_why *y, struct rc_error *err);
