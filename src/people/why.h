/* why.h - why somebody stands where they stand, and until when: in sentences that name the field,
 * the value and the rule.
 *
 * Shape:  pure. A sentence begins small and has no full stop; whoever shows it puts the person in
 *         front: "active, because HR's status is "active" (employed)". */
#pragma once
#include "base/buf.h"
#include "people/lifecycle.h"
#include "people/problem.h"

/* What lifecycle_decide() has decided by. */
void why_lifecycle(const struct lifecycle_facts *f, const struct user *u, const char *rule,
                   const struct lifecycle_policy *policy, struct buf *ret);

/* The first day on which that changes by itself, if HR states nothing else: as deliveries and calendars go by. What is
 * different if HR is read on that day and states the same, why_turn_write() says. False: never. */
struct why_turn {
    date_days on;
    enum lifecycle becomes;
    const char *rule; /* of lifecycle_decide() on that day */
};
bool why_next(const struct lifecycle_facts *f, const struct lifecycle_policy *policy,
              date_days today, struct why_turn *ret);
/* "from 2027-01-01 on left, the day after the end date 2026-12-31; not before 2027-01-08 if HR, ..." */
void why_turn_write(const struct why_turn *t, const struct lifecycle_facts *f,
                    const struct lifecycle_policy *policy, struct buf *ret);

/* The problem with the values that make it, and what HR should do. */
void why_problem(enum problem p, const struct user *u, struct buf *ret);
