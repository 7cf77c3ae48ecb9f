#include "people/why.h"

#include <string.h>

static const char *day(date_days d, char text[DATE_TEXT_BYTES]) {
    return d == DATE_NONE ? "unknown" : date_format(d, text);
}

static void status(const struct user *u, struct buf *ret) {
    struct text t = u->fields[USER_STATUS];
    if (t.state == TEXT_SET)
        buf_printf(ret, "HR's status is \"%.*s\"", TEXT_ARG(t));
    else
        buf_str(ret, t.state == TEXT_EMPTY ? "HR's status is empty" : "HR's status was never read");
}

void why_lifecycle(const struct lifecycle_facts *f, const struct user *u, const char *rule,
                   const struct lifecycle_policy *policy, struct buf *ret) {
    char a[DATE_TEXT_BYTES], b[DATE_TEXT_BYTES], c[DATE_TEXT_BYTES];
    if (strcmp(rule, "status-inactive") == 0 || strcmp(rule, "status-leave") == 0 ||
        strcmp(rule, "employed") == 0) {
        status(u, ret);
    } else if (strcmp(rule, "status-unknown") == 0) {
        status(u, ret);
        buf_str(ret, ", which is none that we know, and no date says otherwise");
    } else if (strcmp(rule, "onboarding-without-date") == 0) {
        status(u, ret);
        buf_str(ret, ", and there is no start date");
    } else if (strcmp(rule, "starts-later") == 0) {
        buf_printf(ret, "the start date %s lies ahead", day(f->hire_on, a));
    } else if (strcmp(rule, "started") == 0) {
        buf_printf(ret, "the start date %s has come; ", day(f->hire_on, a));
        status(u, ret);
    } else if (strcmp(rule, "end-date-known") == 0) {
        buf_printf(ret, "HR states the end date %s", day(f->leave_on, a));
    } else if (strcmp(rule, "end-date-passed") == 0) {
        buf_printf(ret, "the end date %s has passed", day(f->leave_on, a));
        if (f->status != EMPLOYMENT_UNKNOWN && f->read_on > f->leave_on)
            buf_printf(ret, ", by more than the %d grace days", policy->grace_days);
    } else if (lifecycle_rule_is_past_end(rule)) {
        buf_printf(ret, "the end date %s has passed, but ", day(f->leave_on, a));
        status(u, ret);
        buf_printf(ret, " as of %s, which is believed for %d days, until %s", day(f->read_on, b),
                   policy->grace_days, day(f->leave_on + policy->grace_days, c));
    } else {
        buf_str(ret, lifecycle_rule_sentence(rule));
    }
    buf_printf(ret, " (%s)", rule);
}

bool why_next(const struct lifecycle_facts *f, const struct lifecycle_policy *policy,
              date_days today, struct why_turn *ret) {
    date_days days[3];
    size_t n = 0;
    enum lifecycle now = lifecycle_decide(f, policy, today, NULL);
    if (f->hire_on != DATE_NONE)
        days[n++] = f->hire_on;
    if (f->leave_on != DATE_NONE) {
        days[n++] = f->leave_on + 1;
        days[n++] = f->leave_on + policy->grace_days + 1;
    }
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        const char *rule;
        if (days[i] <= today || (found && days[i] >= ret->on))
            continue;
        enum lifecycle becomes = lifecycle_decide(f, policy, days[i], &rule);
        if (becomes == now)
            continue;
        *ret = (struct why_turn){ days[i], becomes, rule };
        found = true;
    }
    return found;
}

void why_turn_write(const struct why_turn *t, const struct lifecycle_facts *f,
                    const struct lifecycle_policy *policy, struct buf *ret) {
    char a[DATE_TEXT_BYTES], b[DATE_TEXT_BYTES];
    date_days later = lifecycle_disbelieved_on(f, policy);
    buf_printf(ret, "from %s on %s", day(t->on, a), lifecycle_name(t->becomes));
    if (t->becomes != LIFECYCLE_LEFT) {
        if (t->on == f->hire_on)
            buf_str(ret, ", the start date");
    } else if (t->on > f->leave_on + 1) {
        buf_printf(ret,
                   ", when the %d grace days after the end date %s are over; sooner if HR's status "
                   "says so",
                   policy->grace_days, day(f->leave_on, b));
    } else {
        buf_printf(ret, ", the day after the end date %s", day(f->leave_on, b));
        if (later != DATE_NONE)
            buf_printf(ret, "; not before %s if HR, read after it, calls them employed still",
                       day(later, b));
    }
    buf_printf(ret, " (%s)", t->rule);
}

static void value(const struct user *u, enum user_field f, struct buf *ret) {
    struct text t = u->fields[f];
    buf_printf(ret, "%s %.*s", user_field_name(f), TEXT_ARG(t));
}

void why_problem(enum problem p, const struct user *u, struct buf *ret) {
    buf_str(ret, problem_sentence(p));
    switch (p) {
    case PROBLEM_ENDS_BEFORE_START:
        buf_str(ret, " [");
        value(u, USER_HIRE_DATE, ret);
        buf_str(ret, ", ");
        value(u, USER_LEAVE_DATE, ret);
        buf_str(ret, "]");
        break;
    case PROBLEM_UNKNOWN_STATUS:
        buf_str(ret, " [");
        status(u, ret);
        buf_str(ret, "]");
        break;
    case PROBLEM_OWN_MANAGER:
        buf_str(ret, " [");
        value(u, USER_MANAGER, ret);
        buf_str(ret, "]");
        break;
    case PROBLEM_BAD_EMAIL: /* what HR has is no address, and not kept */
        if (u->fields[USER_EMAIL].state == TEXT_SET) {
            buf_str(ret, " [known until then: ");
            value(u, USER_EMAIL, ret);
            buf_str(ret, "]");
        }
        break;
    case PROBLEM_NO_EMAIL:
    case PROBLEM_NO_FIRST_NAME:
    case PROBLEM_NO_LAST_NAME:
    case PROBLEM_BAD_DATE:
    case PROBLEM_BAD_VALUE:
    case PROBLEM_FILTER_UNKNOWN:
    case PROBLEMS_N: break;
    }
}
