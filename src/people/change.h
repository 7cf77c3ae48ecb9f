/* change.h - what differs between two states of one person, and which of the guard's classes it
 * counts in.
 *
 * Shape:  pure. A joiner is one change; everybody else has one per field that differs. The
 *         lifecycle is a field of its own.
 *         Unannounced is who leaves although HR called them working and stated no end, only because
 *         HR now does not know the id, or has no answer about somebody its list lacks. That is what
 *         a deleted profile looks like, and also what a credential looks like that was narrowed to
 *         some of the people.
 * Memory: texts are borrowed from both states. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "people/lifecycle.h"
#include "people/user.h"

enum change_class { /* stored by name; the guard has limits for all but the last */
                    CHANGE_JOINS = 0,
                    CHANGE_LEAVERS,
                    CHANGE_UNANNOUNCED, /* leavers whose employment HR did not end: see below */
                    CHANGE_EXCLUDED,
                    CHANGE_EMAIL,
                    CHANGE_NAME,
                    CHANGE_TEAM,
                    CHANGE_MANAGER,
                    CHANGE_LOCATION,
                    CHANGE_LEAVE_DATE,
                    CHANGE_CLEARED,
                    CHANGE_ADOPTIONS,
                    CHANGE_INVITATIONS,
                    CHANGE_OTHER,
                    CHANGE_CLASSES_N
};
const char *change_class_name(enum change_class c);
const char *change_class_title(enum change_class c); /* for people: "people leaving" */
/* What counts in it, in a few words: docs/guard.md and --help. */
const char *change_class_meaning(enum change_class c);
enum change_class change_class_parse(struct text t); /* CHANGE_CLASSES_N when it is none */
/* The class that whoever counts in c counts in as well; CHANGE_CLASSES_N: none. */
enum change_class change_class_wider(enum change_class c);

struct change {
    const char *field; /* user_field_name(), "custom.KEY", "lifecycle", or "*" for a joiner */
    struct text old, new;
    enum change_class class;
    const char *rule; /* stable word */
};
enum { CHANGES_MAX = USER_FIELDS_N + 1 + 2 * USER_CUSTOM_MAX }; /* of two mappings */

struct change_state {
    const struct user *user;
    enum lifecycle lifecycle;
    const char *rule; /* of the lifecycle */
};
/* before NULL: a joiner. Returns how many were written to ret. */
size_t change_find(const struct change_state *before, const struct change_state *after,
                   struct change ret[CHANGES_MAX]);

/* One sentence for the rule of a change: "HR states another value". */
const char *change_rule_sentence(const char *rule);
/* "last_name: Okafor -> Meyer (HR states another value)"; several teams with commas between them */
void change_sentence(const char *field, struct text old, struct text new, const char *rule,
                     struct buf *ret);
