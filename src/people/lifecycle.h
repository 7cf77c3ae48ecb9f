/* lifecycle.h - employment, and nothing else: where a person stands with the company today.
 *
 * Shape:  pure. Computed from what HR states (status, dates), from whether HR still lists the
 *         person, and from today; never stored as a fact and never hidden by a problem in the data.
 *         */
#pragma once
#include <stdbool.h>
#include "base/date.h"
#include "people/employee.h"
#include "people/user.h"

enum lifecycle {
    LIFECYCLE_EXPECTED = 1, /* not started yet */
    LIFECYCLE_ACTIVE,
    LIFECYCLE_LEAVE,   /* away, still employed */
    LIFECYCLE_LEAVING, /* the end date is known */
    LIFECYCLE_LEFT,
    LIFECYCLE_ABSENT, /* gone from a complete listing, look-up not conclusive */
    LIFECYCLES_N
};
const char *lifecycle_name(enum lifecycle l); /* "expected" ...: stored and shown, never renamed */

/* Whether HR has the person, as of the version. */
enum presence {
    PRESENCE_LISTED = 1,
    PRESENCE_MISSING, /* not in a complete listing; the look-up has not confirmed it */
    PRESENCE_GONE,    /* looked up by id, and HR does not know it */
};
const char *presence_name(enum presence p);
enum presence presence_parse(struct text t); /* 0 when it is none */

struct lifecycle_facts {
    enum presence presence;
    enum employment_status status;
    date_days hire_on, leave_on; /* DATE_NONE when unknown */
    date_days read_on; /* when HR last said so: a complete listing, or this person's own reading */
};
struct lifecycle_policy {
    int grace_days; /* HR says active although the end date has passed: so long it may still be right */
};
extern const struct lifecycle_policy lifecycle_policy_default;

struct lifecycle_facts lifecycle_facts_of(const struct user *u, enum presence presence,
                                          date_days read_on);
/* *ret_rule (may be NULL): the rule that decided, a stable word ("status-inactive",
 * "end-date-passed" ...). */
enum lifecycle lifecycle_decide(const struct lifecycle_facts *f,
                                const struct lifecycle_policy *policy, date_days today,
                                const char **ret_rule);
/* From when the end date counts although HR, read after it, goes on saying that they work there: that is believed for
 * the days of grace. DATE_NONE: there is no such day, and whatever HR says then changes nothing. */
date_days lifecycle_disbelieved_on(const struct lifecycle_facts *f,
                                   const struct lifecycle_policy *policy);
bool lifecycle_is_employed(enum lifecycle l); /* active, leave, leaving */
bool lifecycle_is_gone(enum lifecycle l);     /* left, absent */
/* Whether it was not what HR states that decided, but that HR has nothing to state any more. */
bool lifecycle_rule_is_silence(const char *rule);
/* Whether the end date has passed, and HR's status is believed a few days more: enough to keep an account
 * open, and not to open one. */
bool lifecycle_rule_is_past_end(const char *rule);
/* One sentence for a rule of lifecycle_decide(). */
const char *lifecycle_rule_sentence(const char *rule);
