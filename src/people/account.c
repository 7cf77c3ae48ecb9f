#include "people/account.h"

#include <string.h>

static const char *const ties[ACCOUNT_TIES_N] = {
    [ACCOUNT_STRANGER] = "stranger",
    [ACCOUNT_LINKED] = "linked",
    [ACCOUNT_OURS] = "ours",
    [ACCOUNT_IGNORED] = "ignored",
};
static const char *const statuses[ACCOUNT_STATUSES_N] = {
    [ACCOUNT_UNKNOWN] = "unknown",         [ACCOUNT_ACTIVE] = "active",
    [ACCOUNT_DEACTIVATED] = "deactivated", [ACCOUNT_ANONYMISED] = "anonymised",
    [ACCOUNT_DELETED] = "deleted",
};
static const char *const mails[ACCOUNT_MAILS_N] = {
    [ACCOUNT_MAIL_UNKNOWN] = "unknown",
    [ACCOUNT_MAIL_SENT] = "sent",
    [ACCOUNT_MAIL_PROMISED] = "promised",
    [ACCOUNT_MAIL_BY_HAND] = "by-hand",
};
static const char *const stickies[ACCOUNT_STICKIES_N] = {
    [ACCOUNT_FREE] = "free",
    [ACCOUNT_STAYS_CLOSED] = "stays-closed",
    [ACCOUNT_STAYS_OPEN] = "stays-open",
};
static const char *const approvals[ACCOUNT_APPROVALS_N] = {
    [ACCOUNT_APPROVAL_NONE] = "none",         [ACCOUNT_APPROVAL_ADOPT] = "adopt",
    [ACCOUNT_APPROVAL_EMAIL] = "email",       [ACCOUNT_APPROVAL_RECREATE] = "recreate",
    [ACCOUNT_APPROVAL_REOPEN] = "reactivate", [ACCOUNT_APPROVAL_INVITE] = "invite",
    [ACCOUNT_APPROVAL_APART] = "apart",       [ACCOUNT_APPROVAL_PROTECTED] = "protected",
};

static int parse(struct text t, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (text_is(t, names[i]))
            return i;
    return 0;
}

const char *account_tie_name(enum account_tie t) {
    return ties[t];
}

const char *account_status_name(enum account_status s) {
    return statuses[s];
}

const char *account_mail_name(enum account_mail m) {
    return mails[m];
}

const char *account_sticky_name(enum account_sticky s) {
    return stickies[s];
}

const char *account_approval_name(enum account_approval p) {
    return approvals[p];
}

enum account_tie account_tie_parse(struct text t) {
    return (enum account_tie)parse(t, ties, ACCOUNT_TIES_N);
}

enum account_status account_status_parse(struct text t) {
    return (enum account_status)parse(t, statuses, ACCOUNT_STATUSES_N);
}

enum account_mail account_mail_parse(struct text t) {
    return (enum account_mail)parse(t, mails, ACCOUNT_MAILS_N);
}

enum account_sticky account_sticky_parse(struct text t) {
    return (enum account_sticky)parse(t, stickies, ACCOUNT_STICKIES_N);
}

enum account_approval account_approval_parse(struct text t) {
    return (enum account_approval)parse(t, approvals, ACCOUNT_APPROVALS_N);
}

bool account_exists(const struct account *a) {
    return a->remote_id.state == TEXT_SET;
}

bool account_is_there(const struct account *a) {
    return account_exists(a) && a->status != ACCOUNT_DELETED;
}

struct text account_shows(const struct account_field *f) {
    return f->known.state != TEXT_MISSING ? f->known : f->delivered;
}

bool account_is_edited(const struct account_field *f) {
    return f->known.state != TEXT_MISSING && f->delivered.state != TEXT_MISSING &&
           !text_equal(f->known, f->delivered);
}

const struct account_field *account_custom_find(const struct account *a, struct text name) {
    static const struct account_field unknown;
    for (size_t i = 0; i < a->custom_n; i++)
        if (text_equal(a->custom[i].name, name))
            return &a->custom[i].field;
    return &unknown;
}

bool account_is_approved(const struct account *a, enum account_approval p, struct text what) {
    return what.state == TEXT_SET && text_equal(a->approved[p], what);
}

bool account_gone_equal(const struct account_gone *a, const struct account_gone *b) {
    return a->is_kept == b->is_kept &&
           (!a->is_kept || (a->inactive_on == b->inactive_on && a->unknown_on == b->unknown_on &&
                            a->absent_on == b->absent_on));
}

static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(struct text a, struct text b) {
    if (a.state != TEXT_SET || b.state != TEXT_SET || a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (folded(a.ptr[i]) != folded(b.ptr[i]))
            return false;
    return true;
}

enum account_likeness account_likeness(const struct account *a, const struct user *u) {
    int same = 0;
    for (int f = USER_FIRST_NAME; f <= USER_LAST_NAME; f++)
        same += same_name(account_shows(&a->fields[f]), u->fields[f]);
    return (enum account_likeness)same;
}
