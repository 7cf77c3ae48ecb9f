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
    case USER_PRIMARY_TEAM:
    case USER_SECONDARY_TEAMS: return CHANGE_TEAM;
    case USER_MANAGER: return CHANGE_MANAGER;
    case USER_PRIMARY_LOCATION: return CHANGE_LOCATION;
    case USER_LEAVE_DATE: return CHANGE_LEAVE_DATE;
    case USER_EXCLUDED: return CHANGE_EXCLUDED;
    case USER_JOB_TITLE:
    case USER_AVATAR:
    case USER_HIRE_DATE:
    case USER_STATUS:
    case USER_LANGUAGE:
    case USER_FIELDS_N: break; /* and custom fields */
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

static struct change change_of_field(const char *name, enum user_field f, struct text old,
                                     struct text new) {
    struct change c = { name, old, new, class_of_field(f), "hr-states" };
    if (f == USER_EXCLUDED) { /* who is let in again counts like somebody who comes */
        c.rule = new.state == TEXT_SET ? "filter-excludes" : "filter-includes";
        if (new.state != TEXT_SET)
            c.class = CHANGE_JOINS;
    } else if (old.state == TEXT_SET && new.state == TEXT_MISSING) {
        /* What HR does not send stays, so this is a rule that went away: nothing is taken from
         * anybody, and nothing more said. */
        c.rule = "unmapped";
        c.class = CHANGE_OTHER;
    } else if (old.state == TEXT_SET && new.state == TEXT_EMPTY) {
        c.rule = "hr-cleared";
        if (f != USER_LEAVE_DATE) /* a withdrawn leave date takes nothing from anybody */
            c.class = CHANGE_CLEARED;
    }
    return c;
}

static bool differs(struct text old, struct text new) {
    bool both_unset = old.state != TEXT_SET && new.state != TEXT_SET;
    return !both_unset && !text_equal(old, new);
}

/* Both are in the order of their names. */
static size_t find_custom(const struct user *before, const struct user *after, struct change *ret) {
    size_t n = 0, i = 0, j = 0;
    while (i < before->custom_n || j < after->custom_n) {
        const struct user_custom *old = i < before->custom_n ? &before->custom[i] : NULL,
                                 *new = j < after->custom_n ? &after->custom[j] : NULL;
        int order = old == NULL ? 1 : new == NULL ? -1 : strcmp(old->name, new->name);
        struct text was = { 0 }, is = { 0 };
        if (order <= 0) {
            was = old->value;
            i++;
        }
        if (order >= 0) {
            is = new->value;
            j++;
        }
        if (differs(was, is))
            ret[n++] = change_of_field(order <= 0 ? old->name : new->name, USER_FIELDS_N, was, is);
    }
    return n;
}

/* Who arrives already gone, or left out by a filter, changes nobody's access. */
static bool comes(const struct change_state *s) {
    return !lifecycle_is_gone(s->lifecycle) && s->user->fields[USER_EXCLUDED].state != TEXT_SET;
}

size_t change_find(const struct change_state *before, const struct change_state *after,
                   struct change ret[CHANGES_MAX]) {
    size_t n = 0;
    if (before == NULL) {
        ret[0] = (struct change){ "*",
                                  { 0 },
                                  text_of(lifecycle_name(after->lifecycle)),
                                  comes(after) ? CHANGE_JOINS : CHANGE_OTHER,
                                  "joined" };
        return 1;
    }
    for (int i = 0; i < USER_FIELDS_N; i++) {
        enum user_field f = (enum user_field)i;
        struct text old = before->user->fields[f], new = after->user->fields[f];
        if (differs(old, new))
            ret[n++] = change_of_field(user_field_name(f), f, old, new);
    }
    n += find_custom(before->user, after->user, ret + n);
    if (before->lifecycle != after->lifecycle)
        ret[n++] =
            (struct change){ "lifecycle", text_of(lifecycle_name(before->lifecycle)),
                             text_of(lifecycle_name(after->lifecycle)),
                             class_of_lifecycle(before->lifecycle, after->lifecycle, after->rule),
                             after->rule };
    return n;
}

static void put_value(struct text t, struct buf *ret) {
    size_t cursor = 0, n = 0;
    struct text one;
    if (t.state != TEXT_SET)
        buf_str(ret, "(nothing)");
    while (user_teams_next(t, &cursor, &one)) /* any other text is one piece */
        buf_printf(ret, "%s%.*s", n++ > 0 ? ", " : "", TEXT_ARG(one));
}

const char *change_rule_sentence(const char *rule) {
    static const struct {
        const char *rule, *sentence;
    } rules[] = {
        { "joined", "HR lists somebody new" },
        { "hr-states", "HR states another value" },
        { "hr-cleared", "HR has emptied it" },
        { "remapped", "another mapping gives another value" },
        { "unmapped", "the mapping does not fill it any more" },
        { "filter-excludes", "a filter of the mapping leaves this person out" },
        { "filter-includes", "no filter of the mapping leaves this person out any more" },
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].rule, rule) == 0)
            return rules[i].sentence;
    return lifecycle_rule_sentence(rule);
}

void change_sentence(const char *field, struct text old, struct text new, const char *rule,
                     struct buf *ret) {
    if (strcmp(field, "*") == 0) {
        buf_printf(ret, "joins, %.*s", TEXT_ARG(new));
        return;
    }
    buf_printf(ret, "%s: ", field);
    put_value(old, ret);
    buf_str(ret, " -> ");
    put_value(new, ret);
    buf_printf(ret, " (%s)", change_rule_sentence(rule));
}
