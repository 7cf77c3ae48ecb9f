/* trial.h - what a mapping would make of everybody stored, and what the guard would say to that.
 *
 * Shape:  the same people, rules and limits as activating it, and nothing is written: what a trial
 *         counts is what the run of mapped_activate() would count. What was never read from HR is
 *         missing, so a mapping that reads more can be tried only in part: `unread` and `lists_first`
 *         say so.
 *         The strangest are those whose changes the fewest others share. Each kind of change has a
 *         weight, by what it takes from a person, and the weight is divided by the number of people
 *         whom it meets: one title emptied is stranger than three hundred people left out by the
 *         filter that was written for them. Of people who are alike three are enough.
 * Memory: all in the arena. */
#pragma once
#include "people/mapping.h"
#include "sync/guard.h"
#include "sync/import.h"

enum { TRIAL_STRANGEST = 10, TRIAL_ALIKE = 3, TRIAL_REASONS = 8 };

struct trial_change {
    struct change is;
    struct text old_name, new_name; /* of teams and managers, as people call them; else missing */
};
struct trial_reason {
    const char *word;  /* stable: "loses-access", "excluded", "let-in", "loses-value", ... */
    const char *field; /* NULL: of the person */
    struct text text;
};
struct trial_person {
    struct text source_id, name;
    int64_t alike;    /* people in whom the same fields change or go, this one included */
    const void *kind; /* the same for all of those */
    struct trial_change *changes;
    size_t changes_n;
    struct trial_reason reasons[TRIAL_REASONS];
    size_t reasons_n;
    double strangeness;
};
struct trial {
    int64_t read, changed;
    int64_t excluded; /* left out by a filter then, and */
    int64_t unknown;  /* of whom a filter cannot tell */
    int64_t cleared;  /* people who lose some value */
    int64_t classes[CHANGE_CLASSES_N];
    int64_t fields[USER_FIELDS_N + 1]; /* the last is the lifecycle */
    const struct run_custom *custom;
    size_t custom_n;
    struct guard_limits limits;
    struct guard_input input;
    struct guard_verdict verdict;
    int64_t held_run_id; /* held already, and decided on first; 0: none */
    const char *unread;  /* the first attribute that is read and was not before; NULL */
    bool lists_first;    /* activating lists everybody before anything else */
    struct trial_person strangest[TRIAL_STRANGEST];
    size_t strangest_n;
};
enum rc_code trial_run(struct store *st, const struct company *company,
                       const struct integration *in, const struct mapping *m,
                       const struct clock_source *clock, struct arena *a, struct trial *ret,
                       struct rc_error *err);
