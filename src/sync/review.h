/* review.h - what a run did or would do, laid out as the person looks at it who has to decide.
 *
 * Shape:  sections by what happens (people leaving, joining, e-mail changes ...), those that lose
 *         access first. Each is divided as one asks about it: leavers and joiners by team, moves
 *         between teams and places by "from -> to", managers by the new one, addresses by domain,
 *         the rest by field; large parts first. Within a part a person stands once, with all of
 *         their changes that belong there. Teams and managers are named, not only numbered.
 * Memory: everything in the arena given; a change is some 300 bytes. */
#pragma once
#include "store/history.h"
#include "store/run.h"

enum review_group {
    REVIEW_UNANNOUNCED = 0,
    REVIEW_LEAVERS,
    REVIEW_EXCLUDED,
    REVIEW_JOINS,
    REVIEW_RETURNS,
    REVIEW_EMAIL,
    REVIEW_NAME,
    REVIEW_TEAM,
    REVIEW_MANAGER,
    REVIEW_LOCATION,
    REVIEW_LEAVE_DATE,
    REVIEW_CLEARED,
    REVIEW_OTHER,
    REVIEW_ARRIVED, /* had left before we met them */
    REVIEW_GROUPS_N
};
const char *review_group_name(enum review_group g);  /* a stable word */
const char *review_group_title(enum review_group g); /* "people leaving" */
enum review_group review_group_of(enum change_class class, struct text field);

struct review_change {
    const struct history_change *is;
    struct text old, new; /* as people say it: "Dock", "Mira Okafor (4711)" */
};
struct review_person {
    const struct review_change *changes; /* at least one; whom they are about is in changes[0].is */
    size_t changes_n;
};
struct review_part {
    struct text title;                  /* empty: the section is not divided */
    const struct review_person *people; /* by name */
    size_t people_n;
};
struct review_section {
    enum review_group group;
    bool is_over;     /* a limit for it was passed */
    int64_t people_n; /* each once, in however many parts */
    struct review_part *parts;
    size_t parts_n;
};
struct review {
    struct review_section sections[REVIEW_GROUPS_N];
    size_t sections_n, changes_n;
    struct text *reasons; /* why it is or was held, one sentence each */
    size_t reasons_n;
};
/* At most `most` changes. */
enum rc_code review_build(struct store *st, const struct run *r, size_t most, struct arena *a,
                          struct review *ret, struct rc_error *err);
