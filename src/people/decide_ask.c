/* Asking the rules: about today, and, where nothing is to be done, about the days to come. */
#include "people/decide_p.h"

#include <stddef.h>
#include <string.h>
#include "base/cleanup.h"

/* Without the fields, which are many thousand bytes for the few that a decision has. */
enum { HEAD_BYTES = offsetof(struct rules, fields) };

/* The next day after this one on which a date can matter. */
static date_days next_mark(const struct rules *r, date_days on) {
    const struct lifecycle_facts *f = &r->person->facts;
    const struct policy *p = r->policy;
    const date_days *since_on = r->person->since_on;
    const struct {
        date_days from;
        int days;
    } marks[] = {
        { f->hire_on, 0 },
        { f->hire_on, p->invite_days },
        { f->hire_on, -p->ahead_days },
        { f->leave_on, 1 },
        { f->leave_on, 1 + p->lifecycle.grace_days },
        { f->leave_on, 1 + p->leavers[POLICY_END_DATE].grace_days },
        { since_on[POLICY_STATUS], p->leavers[POLICY_STATUS].grace_days },
        { since_on[POLICY_NOT_FOUND], p->leavers[POLICY_NOT_FOUND].grace_days },
        { since_on[POLICY_ABSENT], p->leavers[POLICY_ABSENT].grace_days },
        { since_on[POLICY_EXCLUDED], p->leavers[POLICY_EXCLUDED].grace_days },
        { r->own->invite_on, 0 },
    };
    date_days next = DATE_NONE;
    for (size_t i = 0; i < RC_LEN(marks); i++)
        if (marks[i].from != DATE_NONE && marks[i].from + marks[i].days > on &&
            (next == DATE_NONE || marks[i].from + marks[i].days < next))
            next = marks[i].from + marks[i].days;
    return next;
}

/* When the rules would say something else if everything stays as it is known today: they are asked
 * about each day on which a date can matter. */
static void foresee(struct rules *r, struct decision *d) {
    r->foresees = true;
    for (date_days on = next_mark(r, r->today); on != DATE_NONE; on = next_mark(r, on)) {
        struct decision then;
        decide_answer(r, on, &then);
        if (then.verb == d->verb && strcmp(then.code, d->code) == 0)
            continue;
        d->due_on = on;
        d->due_verb = then.verb;
        d->due_code = then.code;
        return;
    }
}

static void begin(struct rules *r, const struct decide_person *person,
                  const struct account *account, const struct policy *policy,
                  const struct decide_refs *refs, date_days today, struct arena *a) {
    memset(r, 0, HEAD_BYTES);
    r->person = person;
    r->own = account;
    r->policy = policy;
    r->refs = refs;
    r->today = today;
    r->a = a;
}

void decide(const struct decide_person *person, const struct account *account,
            const struct policy *policy, const struct decide_refs *refs, date_days today,
            struct arena *a, struct decision *ret) {
    struct rules r;
    begin(&r, person, account, policy, refs, today, a);
    decide_answer(&r, today, ret);
    if (ret->verb == DECIDE_NOTHING && ret->waits != DECIDE_WAITS_FOR_READING) {
        struct rules later;
        memcpy(&later, &r, HEAD_BYTES);
        foresee(&later, ret);
    }
    decide_tell(&r);
}

bool decide_is_step(const struct decision *d) {
    return d->verb != DECIDE_NOTHING && d->verb != DECIDE_UPDATE;
}

bool decide_next_step(const struct decide_person *person, const struct account *account,
                      const struct policy *policy, const struct decide_refs *refs, date_days today,
                      date_days until, struct arena *a, struct decision *ret, date_days *ret_on) {
    struct rules r;
    begin(&r, person, account, policy, refs, today, a);
    r.foresees = true;
    for (date_days on = next_mark(&r, today); on != DATE_NONE && on <= until;
         on = next_mark(&r, on)) {
        decide_answer(&r, on, ret);
        if (!decide_is_step(ret))
            continue;
        decide_tell(&r);
        *ret_on = on;
        return true;
    }
    return false;
}

size_t decide_sends(const struct decision *d) {
    size_t n = 0;
    for (size_t i = 0; i < d->fields_n; i++)
        n += d->fields[i].does == DECIDE_FIELD_SENDS;
    return n;
}

bool decide_is_quiet(const struct decision *d, const struct account *account) {
    return d->verb == DECIDE_NOTHING && d->links.state != TEXT_SET &&
           d->left_as == account->left_as && d->sticky == account->sticky;
}
