/* The settings of a policy by name: one table, from which they are set, shown and documented. */
#include "people/policy.h"

#include <stddef.h>
#include <string.h>
#include "base/cleanup.h"

enum kind {
    YES_NO,
    DAYS, /* min to max */
    LEAVER,
    INVITE,
    OWNER,
    WORD, /* one text, "" for none */
    LIST, /* texts with commas between them */
};
#define AT(member)   offsetof(struct policy, member)
#define TAKES_YES_NO "yes or no"
#define TAKES_LEAVER "no, or the days of grace: 0 to 365"
#define TAKES_OWNER  "hr, when-empty or never"
static const struct row {
    struct policy_setting shown;
    enum kind kind;
    size_t at;
    int min, max;
} rows[] = {
    { { "invite", "at-once, on-hire-date or by-hand",
        "when whoever joins is invited, and with that gets an account" },
      INVITE,
      AT(invite),
      0,
      0 },
    { { "invite-days", "-90 to 90", "with on-hire-date: so many days after it, or before" },
      DAYS,
      AT(invite_days),
      -90,
      90 },
    { { "ahead-days", "0 to 90",
        "with on-hire-date: an account without a mail so many days before it; 0 for none" },
      DAYS,
      AT(ahead_days),
      0,
      90 },
    { { "account-without-mail", TAKES_YES_NO,
        "with by-hand: make the account now, without a mail; else none until somebody invites" },
      YES_NO,
      AT(account_without_mail),
      0,
      0 },
    { { "close-status", TAKES_LEAVER, "deactivate whose status in HR is inactive" },
      LEAVER,
      AT(leavers[POLICY_STATUS]),
      0,
      0 },
    { { "close-end-date", TAKES_LEAVER, "deactivate after the last day" },
      LEAVER,
      AT(leavers[POLICY_END_DATE]),
      0,
      0 },
    { { "close-not-found", TAKES_LEAVER, "deactivate whom HR says that it does not know" },
      LEAVER,
      AT(leavers[POLICY_NOT_FOUND]),
      0,
      0 },
    { { "close-absent", TAKES_LEAVER,
        "deactivate whom HR does not list, although nothing confirms that they left" },
      LEAVER,
      AT(leavers[POLICY_ABSENT]),
      0,
      0 },
    { { "close-excluded", TAKES_LEAVER, "deactivate whom a filter leaves out" },
      LEAVER,
      AT(leavers[POLICY_EXCLUDED]),
      0,
      0 },
    { { "ended-but-active-days", "0 to 365",
        "so long a status that is not inactive counts more than an end date that has passed; it "
        "opens no account" },
      DAYS,
      AT(lifecycle.grace_days),
      0,
      365 },
    { { "fresh-days", "1 to 60", "so long after HR was last read a date is gone by" },
      DAYS,
      AT(fresh_days),
      1,
      60 },
    { { "adopt", TAKES_YES_NO,
        "link an account that is there already, once, where exactly one has the address" },
      YES_NO,
      AT(adopts),
      0,
      0 },
    { { "adopt-prefix", "a text, or nothing",
        "how another connector's external ids begin: those are taken over in the first delivery" },
      WORD,
      AT(adopts_prefix),
      0,
      0 },
    { { "relink", TAKES_YES_NO,
        "link the account of somebody gone from HR to the same name and address under a new HR id; "
        "else it is offered" },
      YES_NO,
      AT(relinks),
      0,
      0 },
    { { "reactivate", TAKES_YES_NO,
        "reactivate whose account rollcall closed and who works again" },
      YES_NO,
      AT(reactivates),
      0,
      0 },
    { { "undo-deactivated-by-hand", TAKES_YES_NO,
        "reactivate what somebody deactivated on the platform while HR says employed" },
      YES_NO,
      AT(reactivates_by_hand),
      0,
      0 },
    { { "undo-reactivated-by-hand", TAKES_YES_NO,
        "deactivate what somebody reactivated on the platform while HR says gone" },
      YES_NO,
      AT(closes_by_hand),
      0,
      0 },
    { { "clear", TAKES_YES_NO,
        "a value emptied in HR is emptied on the platform, where it can be" },
      YES_NO,
      AT(clears),
      0,
      0 },
    { { "leave-date-field", "a text, or nothing",
        "the platform's own field that is to show the leave date" },
      WORD,
      AT(leave_date_field),
      0,
      0 },
    { { "protect-roles", "roles, with commas",
        "never deactivated; adopted or given another address only by approval" },
      LIST,
      AT(protected_roles),
      0,
      0 },
    { { "protect-accounts",
        "ids or addresses on the platform, with commas; an id stays right when the address changes",
        "likewise" },
      LIST,
      AT(protected_accounts),
      0,
      0 },
    { { "create-teams", TAKES_YES_NO, "make the teams that HR states and the platform lacks" },
      YES_NO,
      AT(creates_teams),
      0,
      0 },
    { { "adopt-teams", TAKES_YES_NO, "link a team made by hand, where exactly one has the name" },
      YES_NO,
      AT(adopts_teams),
      0,
      0 },
    { { "prune-teams", TAKES_YES_NO,
        "delete a team that rollcall made, once it is empty and HR states it no more" },
      YES_NO,
      AT(prunes_teams),
      0,
      0 },
#define OWNED(name, member)                                                                        \
    { { "owner-" name, TAKES_OWNER, "who has the last word about " name }, OWNER, AT(member), 0, 0 }
    OWNED("first_name", owners[USER_FIRST_NAME]),
    OWNED("last_name", owners[USER_LAST_NAME]),
    OWNED("email", owners[USER_EMAIL]),
    OWNED("job_title", owners[USER_JOB_TITLE]),
    OWNED("avatar", owners[USER_AVATAR]),
    OWNED("primary_location", owners[USER_PRIMARY_LOCATION]),
    OWNED("primary_team", owners[USER_PRIMARY_TEAM]),
    OWNED("manager", owners[USER_MANAGER]),
    OWNED("hire_date", owners[USER_HIRE_DATE]),
    OWNED("leave_date", owners[USER_LEAVE_DATE]),
    OWNED("secondary_teams", owners[USER_SECONDARY_TEAMS]),
    OWNED("language", owners[USER_LANGUAGE]),
    OWNED("custom", custom_owner),
#undef OWNED
};
enum { LIST_MAX = 200, WORD_BYTES = 200 };

const struct policy_setting *policy_setting_get(size_t i) {
    return i < RC_LEN(rows) ? &rows[i].shown : NULL;
}

static const struct row *find(struct text name) {
    for (size_t i = 0; i < RC_LEN(rows); i++)
        if (text_is(name, rows[i].shown.name))
            return &rows[i];
    return NULL;
}

static enum rc_code unknown(struct text name, struct rc_error *err) {
    const char *best = rows[0].shown.name;
    if (name.len > 60)
        name.len = 60;
    for (size_t i = 1; i < RC_LEN(rows); i++)
        if (text_slips(name, rows[i].shown.name) < text_slips(name, best))
            best = rows[i].shown.name;
    return rc_fail_as(err, RC_INVALID, "setting", "\"%.*s\" is no setting; did you mean \"%s\"?",
                      TEXT_ARG(name), best);
}

static bool read_days(struct text t, int min, int max, int *ret) {
    int n = 0;
    size_t i = t.len > 0 && t.ptr[0] == '-';
    if (t.state != TEXT_SET || i == t.len || t.len > 4)
        return false;
    for (size_t k = i; k < t.len; k++) {
        if (t.ptr[k] < '0' || t.ptr[k] > '9')
            return false;
        n = n * 10 + (t.ptr[k] - '0');
    }
    if (i == 1)
        n = -n;
    if (n < min || n > max)
        return false;
    *ret = n;
    return true;
}

static bool read_choice(struct text t, const char *(*name_of)(int), int n, int *ret) {
    for (int i = 0; i < n; i++)
        if (text_is(t, name_of(i)))
            return *ret = i, true;
    return false;
}

static const char *invite_name(int i) {
    return policy_invite_name((enum policy_invite)i);
}

static const char *owner_name(int i) {
    return policy_owner_name((enum policy_owner)i);
}

static bool read_leaver(struct text t, struct policy_leaver *ret) {
    if (text_is(t, "no"))
        return ret->closes = false, true;
    return read_days(t, 0, 365, &ret->grace_days) && (ret->closes = true);
}

/* Outer blanks belong to no role, id or address. */
static bool read_list(struct text t, struct arena *a, struct policy_texts *ret) {
    struct text *list = ARENA_NEW(a, struct text, LIST_MAX);
    size_t n = 0;
    for (size_t from = 0; t.state == TEXT_SET && from <= t.len;) {
        const char *comma = memchr(t.ptr + from, ',', t.len - from);
        size_t end = comma != NULL ? (size_t)(comma - t.ptr) : t.len;
        if (n == LIST_MAX || text_clean(a, t.ptr + from, end - from, WORD_BYTES, &list[n], NULL))
            return false;
        if (list[n].state == TEXT_SET)
            list[n] = text_copy(a, list[n]), n++;
        from = end + 1;
    }
    *ret = (struct policy_texts){ list, n };
    return true;
}

enum rc_code policy_set(struct policy *p, struct text name, struct text value, struct arena *a,
                        struct rc_error *err) {
    const struct row *row = find(name);
    if (row == NULL)
        return unknown(name, err);
    void *at = (char *)p + row->at;
    bool good = false;
    int choice = 0;
    switch (row->kind) {
    case YES_NO:
        good = text_is(value, "yes") || text_is(value, "no");
        if (good)
            *(bool *)at = text_is(value, "yes");
        break;
    case DAYS: good = read_days(value, row->min, row->max, at); break;
    case LEAVER: good = read_leaver(value, at); break;
    case INVITE:
        good = read_choice(value, invite_name, POLICY_INVITE_BY_HAND + 1, &choice);
        if (good)
            *(enum policy_invite *)at = (enum policy_invite)choice;
        break;
    case OWNER:
        good = read_choice(value, owner_name, POLICY_NEVER + 1, &choice);
        if (good)
            *(enum policy_owner *)at = (enum policy_owner)choice;
        break;
    case WORD:
        good = value.len <= WORD_BYTES;
        if (good)
            *(struct text *)at = text_copy(a, value);
        break;
    case LIST: good = read_list(value, a, at); break;
    }
    if (!good)
        return rc_fail_as(err, RC_INVALID, "setting", "%s takes %s, not \"%.*s\"", row->shown.name,
                          row->shown.takes, value.len > 60 ? 60 : TEXT_ARG(value));
    return RC_OK;
}

bool policy_show(const struct policy *p, const char *name, struct buf *ret) {
    const struct row *row = find(text_of(name));
    if (row == NULL)
        return false;
    const void *at = (const char *)p + row->at;
    const struct policy_leaver *leaver = at;
    const struct policy_texts *texts = at;
    switch (row->kind) {
    case YES_NO: buf_str(ret, *(const bool *)at ? "yes" : "no"); break;
    case DAYS: buf_printf(ret, "%d", *(const int *)at); break;
    case LEAVER:
        if (leaver->closes)
            buf_printf(ret, "%d", leaver->grace_days);
        else
            buf_str(ret, "no");
        break;
    case INVITE: buf_str(ret, policy_invite_name(*(const enum policy_invite *)at)); break;
    case OWNER: buf_str(ret, policy_owner_name(*(const enum policy_owner *)at)); break;
    case WORD: buf_printf(ret, "%.*s", TEXT_ARG(*(const struct text *)at)); break;
    case LIST:
        for (size_t i = 0; i < texts->n; i++)
            buf_printf(ret, i == 0 ? "%.*s" : ",%.*s", TEXT_ARG(texts->list[i]));
        break;
    }
    return true;
}
