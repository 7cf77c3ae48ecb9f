#include "people/change.h"

#include <string.h>

static const struct {
    const char *name, *title, *meaning;
} classes[CHANGE_CLASSES_N] = {
    [CHANGE_JOINS] = { "joins", "people joining", "people who are new, or come back" },
    [CHANGE_LEAVERS] = { "leavers", "people leaving",
                         "people who lose access: left, absent, or not started after all" },
    [CHANGE_UNANNOUNCED] = { "unannounced", "people gone from HR without an end date",
                             "leavers whose employment HR did not end: called working, and now not "
                             "known" },
    [CHANGE_EXCLUDED] = { "excluded", "people excluded by a filter", "people a filter takes out" },
    [CHANGE_EMAIL] = { "email", "e-mail changes", "another address" },
    [CHANGE_NAME] = { "name", "name changes", "first or last name" },
    [CHANGE_TEAM] = { "team", "team changes", "another team" },
    [CHANGE_MANAGER] = { "manager", "manager changes", "another manager" },
    [CHANGE_LOCATION] = { "location", "location changes", "another location" },
    [CHANGE_LEAVE_DATE] = { "leave_date", "leave date changes",
                            "a leave date set, moved or withdrawn" },
    [CHANGE_CLEARED] = { "cleared", "people with values cleared", "a value emptied" },
    [CHANGE_ADOPTIONS] = { "adoptions", "accounts adopted", "accounts taken over on the platform" },
    [CHANGE_INVITATIONS] = { "invitations", "invitations", "mails sent by the platform" },
    [CHANGE_OTHER] = { "other", "other changes", "what has no limit" },
};

const char *change_class_name(enum change_class c) {
    return classes[c].name;
}

const char *change_class_title(enum change_class c) {
    return classes[c].title;
}

const char *change_class_meaning(enum change_class c) {
    return classes[c].meaning;
}

enum change_class change_class_wider(enum change_class c) {
    return c == CHANGE_UNANNOUNCED ? CHANGE_LEAVERS : CHANGE_CLASSES_N;
}

enum change_class change_class_parse(struct text t) {
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        if (text_is(t, classes[c].name))
            return (enum change_class)c;
    return CHANGE_CLASSES_N;
}

static enum change_class class_of_field(enum user_field f) {
    switch (f) {
    case USER_FIRST_NAME:
    case USER_LAST_NAME: return CHANGE_NAME;
    case USER_EMAIL: return CHANGE_EMAIL;
    case USER_PRIMARY_TEAM: return CHANGE_TEAM;
    case USER_MANAGER: return CHANGE_MANAGER;
    case USER_PRIMARY_LOCATION: return CHANGE_LOCATION;
    case USER_LEAVE_DATE: return CHANGE_LEAVE_DATE;
    case USER_JOB_TITLE:
    case USER_AVATAR:
    case USER_HIRE_DATE:
    case USER_STATUS:
    case USER_FIELDS_N: break;
    }
    return CHANGE_OTHER;
}

/* Access gets less: somebody who worked here no longer does, or does not yet. Somebody who comes
 * back counts as a joiner. Whose end is known (leaving) or who has not begun may vanish without
 * surprise. */
static enum change_class class_of_lifecycle(enum lifecycle from, enum lifecycle to,
                                            const char *rule) {
    bool works_on = from == LIFECYCLE_ACTIVE || from == LIFECYCLE_LEAVE;
    if (!lifecycle_is_gone(from) && lifecycle_is_gone(to))
        return works_on && lifecycle_rule_is_silence(rule) ? CHANGE_UNANNOUNCED : CHANGE_LEAVERS;
    if (lifecycle_is_employed(from) && to == LIFECYCLE_EXPECTED)
        return CHANGE_LEAVERS;
    if (from == LIFECYCLE_LEFT && !lifecycle_is_gone(to))
        return CHANGE_JOINS;
    return CHANGE_OTHER;
}

static struct change change_of_field(enum user_field f, struct text old, struct text new) {
    bool cleared = old.state == TEXT_SET && new.state != TEXT_SET;
    struct change c = { user_field_name(f), old, new, class_of_field(f),
                        cleared ? "hr-cleared" : "hr-states" };
    if (cleared && f != USER_LEAVE_DATE) /* a withdrawn leave date takes nothing from anybody */
        c.class = CHANGE_CLEARED;
    return c;
}

size_t change_find(const struct change_state *before, const struct change_state *after,
                   struct change ret[CHANGES_MAX]) {
    size_t n = 0;
    if (before == NULL) { /* who arrives already gone changes nobody's access */
        ret[0] = (struct change){ "*",
                                  { 0 },
                                  text_of(lifecycle_name(after->lifecycle)),
                                  lifecycle_is_gone(after->lifecycle) ? CHANGE_OTHER : CHANGE_JOINS,
                                  "joined" };
        return 1;
    }
    for (int f = 0; f < USER_FIELDS_N; f++) {
        struct text old = before->user->fields[f], new = after->user->fields[f];
        bool both_unset = old.state != TEXT_SET && new.state != TEXT_SET;
        if (!both_unset && !text_equal(old, new))
            ret[n++] = change_of_field((enum user_field)f, old, new);
    }
    if (before->lifecycle != after->lifecycle)
        ret[n++] =
            (struct change){ "lifecycle", text_of(lifecycle_name(before->lifecycle)),
                             text_of(lifecycle_name(after->lifecycle)),
                             class_of_lifecycle(before->lifecycle, after->lifecycle, after->rule),
                             after->rule };
    return n;
}

void change_sentence(const char *field, struct text old, struct text new, const char *rule,
                     struct buf *ret) {
    if (strcmp(field, "*") == 0) {
        buf_printf(ret, "joins, %.*s", TEXT_ARG(new));
        return;
    }
    buf_printf(ret, "%s: ", field);
    buf_printf(ret, old.state == TEXT_SET ? "%.*s -> " : "(nothing) -> ", TEXT_ARG(old));
    buf_printf(ret, new.state == TEXT_SET ? "%.*s" : "(nothing)", TEXT_ARG(new));
    if (strcmp(rule, "hr-states") == 0)
        buf_str(ret, " (HR states another value)");
    else if (strcmp(rule, "hr-cleared") == 0)
        buf_str(ret, " (HR has emptied it)");
    else
        buf_printf(ret, " (%s)", lifecycle_rule_sentence(rule));
}
