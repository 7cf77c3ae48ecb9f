#include "people/lifecycle.h"

#include <string.h>

const struct lifecycle_policy lifecycle_policy_default = { .grace_days = 7 };

static const char rule_not_found[] = "not-found", rule_missing[] = "missing-unconfirmed",
                  rule_past_end[] = "ended-but-active";

const char *lifecycle_name(enum lifecycle l) {
    static const char *const names[] = {
        [LIFECYCLE_EXPECTED] = "expected", [LIFECYCLE_ACTIVE] = "active",
        [LIFECYCLE_LEAVE] = "leave",       [LIFECYCLE_LEAVING] = "leaving",
        [LIFECYCLE_LEFT] = "left",         [LIFECYCLE_ABSENT] = "absent",
    };
    return names[l];
}

const char *presence_name(enum presence p) {
    static const char *const names[] = {
        [PRESENCE_LISTED] = "listed", [PRESENCE_MISSING] = "missing", [PRESENCE_GONE] = "gone"
    };
    return names[p];
}

enum presence presence_parse(struct text t) {
    for (int p = PRESENCE_LISTED; p <= PRESENCE_GONE; p++)
        if (text_is(t, presence_name((enum presence)p)))
            return (enum presence)p;
    return 0;
}

static date_days date_of(struct text t) {
    date_days d = DATE_NONE;
    if (t.state != TEXT_SET || date_parse(t.ptr, t.len, &d, NULL) != RC_OK)
        return DATE_NONE;
    return d;
}

struct lifecycle_facts lifecycle_facts_of(const struct user *u, enum presence presence,
                                          date_days read_on) {
    return (struct lifecycle_facts){
        .presence = presence,
        .status = employment_status_parse(u->fields[USER_STATUS]),
        .hire_on = date_of(u->fields[USER_HIRE_DATE]),
        .leave_on = date_of(u->fields[USER_LEAVE_DATE]),
        .read_on = read_on,
    };
}

/* The end date lies behind us. HR read before that day could not yet say so: the date decides. HR
 * read after it and still saying "active" contradicts its own date: it gets the grace days before
 * the date decides after all. */
static bool end_date_decides(const struct lifecycle_facts *f, const struct lifecycle_policy *policy,
                             date_days today) {
    if (f->leave_on == DATE_NONE || f->leave_on >= today)
        return false;
    /* Rehired: the end date belongs to the employment before this one. */
    if (f->hire_on != DATE_NONE && f->hire_on > f->leave_on)
        return false;
    if (f->status == EMPLOYMENT_UNKNOWN || f->read_on <= f->leave_on)
        return true;
    return today - f->leave_on > policy->grace_days;
}

enum lifecycle lifecycle_decide(const struct lifecycle_facts *f,
                                const struct lifecycle_policy *policy, date_days today,
                                const char **ret_rule) {
    const char *unused;
    const char **rule = ret_rule != NULL ? ret_rule : &unused;
    bool ends_later =
        f->leave_on != DATE_NONE && (f->hire_on == DATE_NONE || f->leave_on >= f->hire_on);

    if (f->presence == PRESENCE_GONE)
        return *rule = rule_not_found, LIFECYCLE_LEFT;
    if (f->status == EMPLOYMENT_INACTIVE)
        return *rule = "status-inactive", LIFECYCLE_LEFT;
    if (end_date_decides(f, policy, today))
        return *rule = "end-date-passed", LIFECYCLE_LEFT;
    if (f->presence == PRESENCE_MISSING)
        return *rule = rule_missing, LIFECYCLE_ABSENT;
    if (f->hire_on != DATE_NONE && f->hire_on > today)
        return *rule = "starts-later", LIFECYCLE_EXPECTED;
    if (f->status == EMPLOYMENT_ONBOARDING && f->hire_on == DATE_NONE)
        return *rule = "onboarding-without-date", LIFECYCLE_EXPECTED;
    if (ends_later)
        return *rule = f->leave_on < today ? rule_past_end : "end-date-known", LIFECYCLE_LEAVING;
    if (f->status == EMPLOYMENT_LEAVE)
        return *rule = "status-leave", LIFECYCLE_LEAVE;
    if (f->status == EMPLOYMENT_ONBOARDING) /* not kept up: the date says more */
        return *rule = "started", LIFECYCLE_ACTIVE;
    return *rule = f->status == EMPLOYMENT_UNKNOWN ? "status-unknown" : "employed",
           LIFECYCLE_ACTIVE;
}

date_days lifecycle_disbelieved_on(const struct lifecycle_facts *f,
                                   const struct lifecycle_policy *policy) {
    if (f->leave_on == DATE_NONE || policy->grace_days == 0 || f->presence != PRESENCE_LISTED ||
        f->status == EMPLOYMENT_UNKNOWN || f->status == EMPLOYMENT_INACTIVE)
        return DATE_NONE;
    return f->leave_on + policy->grace_days + 1;
}

bool lifecycle_is_employed(enum lifecycle l) {
    return l == LIFECYCLE_ACTIVE || l == LIFECYCLE_LEAVE || l == LIFECYCLE_LEAVING;
}

bool lifecycle_is_gone(enum lifecycle l) {
    return l == LIFECYCLE_LEFT || l == LIFECYCLE_ABSENT;
}

bool lifecycle_rule_is_silence(const char *rule) {
    return strcmp(rule, rule_not_found) == 0 || strcmp(rule, rule_missing) == 0;
}

bool lifecycle_rule_is_past_end(const char *rule) {
    return strcmp(rule, rule_past_end) == 0;
}

const char *lifecycle_rule_sentence(const char *rule) {
    static const struct {
        const char *rule, *sentence;
    } sentences[] = {
        { rule_not_found, "HR does not list this person, and says that it does not know the id" },
        { rule_missing, "HR does not list this person, and it is not settled why" },
        { "status-inactive", "HR's status is inactive" },
        { "end-date-passed", "the end date has passed" },
        { "starts-later", "the start date lies ahead" },
        { "onboarding-without-date", "HR's status is onboarding, and there is no start date" },
        { "started", "the start date has come" },
        { rule_past_end,
          "the end date has passed, but HR's status is not inactive: waiting the grace days" },
        { "end-date-known", "HR states an end date" },
        { "status-leave", "HR's status is leave" },
        { "status-unknown", "HR's status is not known to us; no date says otherwise" },
        { "employed", "HR's status is active" },
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (strcmp(sentences[i].rule, rule) == 0)
            return sentences[i].sentence;
    return rule;
}
