/* life.c - what happens to an account: invited, accepted, deactivated, reactivated, anonymised,
 * deleted; with all that follows from it.
 * Source: docs/wire-learnamp.md, the life of an account. */
#include <stdio.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

static struct platform *platform_in(const struct happening *h) {
    return &learnamp_of(h->sb)->platform;
}

#define TRAIL(h, what, id, ...)                                                                    \
    trail_add(&learnamp_of((h)->sb)->trail, (h)->now_us, (h)->by, what, id, __VA_ARGS__)

struct happening happening_of(const struct call *c) {
    return (struct happening){ c->sb, c->has_token ? c->token.credential->client_id : "by hand",
                               vclock_now_us(&c->sb->clock) };
}

void life_touch(const struct happening *h, uint32_t account) {
    platform_in(h)->accounts[account].updated_us = h->now_us;
    platform_in(h)->version++;
}

void life_teams_changed(const struct happening *h, uint32_t account) {
    if (sw(h->sb, LA_UPDATED_TEAMS))
        life_touch(h, account);
}

static void set_status(const struct happening *h, uint32_t account, enum account_status status) {
    account_set_status(platform_in(h), account, status);
    if (sw(h->sb, LA_UPDATED_STATUS))
        life_touch(h, account);
}

static void mail(const struct happening *h, uint32_t account, enum mail_kind kind, const char *to,
                 const char *why) {
    struct mail m = { .at_us = h->now_us,
                      .to = (char *)(uintptr_t)to,
                      .account_id = platform_in(h)->accounts[account].id,
                      .kind = (uint8_t)kind };
    snprintf(m.by, sizeof m.by, "%s", h->by);
    snprintf(m.why, sizeof m.why, "%s", why);
    mails_add(&learnamp_of(h->sb)->mails, &m);
}

static const char *address_of(const struct happening *h, uint32_t account) {
    const char *email = platform_in(h)->accounts[account].texts[ACCOUNT_EMAIL];
    return email ? email : "";
}

/* ---- invitations ---- */

void life_invite(const struct happening *h, uint32_t account, const char *why) {
    struct account *a = &platform_in(h)->accounts[account];
    bool again = a->status == STATUS_INVITE_PENDING;
    a->invited_us = h->now_us;
    a->invite_on = DATE_NONE;
    if (!again)
        set_status(h, account, STATUS_INVITE_PENDING);
    mail(h, account, again ? MAIL_INVITED_AGAIN : MAIL_INVITATION, address_of(h, account), why);
    TRAIL(h, again ? "invited again" : "invited", a->id, "%s", why);
}

void life_schedule(const struct happening *h, uint32_t account, date_days day) {
    struct account *a = &platform_in(h)->accounts[account];
    char text[DATE_TEXT_BYTES];
    a->invite_on = day;
    set_status(h, account, STATUS_INVITE_SCHEDULED);
    TRAIL(h, "invitation planned", a->id, "for %s", date_format(day, text));
}

void life_accept(const struct happening *h, uint32_t account) {
    struct account *a = &platform_in(h)->accounts[account];
    a->confirmed_us = h->now_us;
    set_status(h, account, STATUS_CONFIRMED);
    TRAIL(h, "invitation accepted", a->id, "%s", "");
}

bool life_may_log_in(const struct account *a, const char **ret_why_not) {
    static const char *const reasons[STATUSES] = {
        [STATUS_NOT_INVITED] = "not invited yet",
        [STATUS_INVITE_SCHEDULED] = "the invitation is planned for later",
        [STATUS_INVITE_PENDING] = "the invitation was not accepted yet",
        [STATUS_DEACTIVATED] = "deactivated",
        [STATUS_ANONYMISED] = "anonymised",
        [STATUS_EXTERNAL] = "belongs to another company",
    };
    *ret_why_not = reasons[a->status];
    return a->status == STATUS_CONFIRMED;
}

void life_email_changed(const struct happening *h, uint32_t account, const char *before) {
    int64_t who = sw(h->sb, LA_EMAIL_MAIL);
    if (who >= 1)
        mail(h, account, MAIL_ADDRESS, address_of(h, account), "the address was changed to this");
    if (who == 2 && before != NULL)
        mail(h, account, MAIL_ADDRESS, before, "the address was changed from this");
}

/* ---- deactivation ---- */

bool life_is_last_owner(const struct platform *p, uint32_t account) {
    const struct account *a = &p->accounts[account];
    return a->role == ROLE_OWNER && account_is_active(a) && account_owners(p) == 1;
}

static void leave_teams(const struct happening *h, uint32_t account) {
    struct platform *p = platform_in(h);
    struct account *a = &p->accounts[account];
    account_set_primary(p, account, NONE);
    while (a->secondary.n > 0)
        account_leave(p, account, a->secondary.all[a->secondary.n - 1]);
}

/* Reports and teams get another manager; who is none, or would be one's own manager, has none. */
static void hand_over(const struct happening *h, uint32_t account, uint32_t to) {
    struct platform *p = platform_in(h);
    struct account *a = &p->accounts[account];
    size_t reports_n = a->reports.n, teams_n = a->managed_n;
    while (a->reports.n > 0) {
        uint32_t one = a->reports.all[a->reports.n - 1];
        account_set_manager(p, one, one == to ? NONE : to);
    }
    for (uint32_t t = 0; t < p->teams_n && a->managed_n > 0; t++) {
        if (p->teams[t].manager == account)
            team_set_manager(p, t, to);
        team_drop_secondary_manager(p, t, account);
    }
    if (reports_n > 0 || teams_n > 0)
        TRAIL(h, "handed over", a->id, "%zu people and %zu teams to %u", reports_n, teams_n,
              to == NONE ? 0 : p->accounts[to].id);
}

void life_deactivate(const struct happening *h, uint32_t account) {
    struct platform *p = platform_in(h);
    struct account *a = &p->accounts[account];
    a->status_before = a->status;
    a->deactivated_us = h->now_us;
    set_status(h, account, STATUS_DEACTIVATED);
    if (sw(h->sb, LA_DEACTIVATE_TEAMS) == 0)
        leave_teams(h, account);
    hand_over(h, account, account_owner(p));
    TRAIL(h, "deactivated", a->id, "%u tasks, %u enrolments, %u objectives dropped", a->tasks_n,
          a->enrolments_n, a->objectives_n);
    a->tasks_n = a->enrolments_n = a->objectives_n = 0;
}

void life_reactivate(const struct happening *h, uint32_t account) {
    struct account *a = &platform_in(h)->accounts[account];
    int64_t how = sw(h->sb, LA_REACTIVATE_STATUS);
    enum account_status status = how == 1   ? STATUS_CONFIRMED
                                 : how == 2 ? STATUS_NOT_INVITED
                                            : (enum account_status)a->status_before;
    if (status == STATUS_CONFIRMED && a->confirmed_us == 0)
        a->confirmed_us = h->now_us;
    a->deactivated_us = 0;
    set_status(h, account, status);
    TRAIL(h, "reactivated", a->id, "%s", status_names[status]);
    if (sw(h->sb, LA_REACTIVATE_MAIL))
        mail(h, account, MAIL_REACTIVATED, address_of(h, account), "the account was reactivated");
}

void life_anonymise(const struct happening *h, uint32_t account) {
    static const enum account_text personal[] = { ACCOUNT_JOB_TITLE, ACCOUNT_EXTERNAL_ID,
                                                  ACCOUNT_LOCATION, ACCOUNT_DEPARTMENT,
                                                  ACCOUNT_AVATAR };
    struct platform *p = platform_in(h);
    struct account *a = &p->accounts[account];
    char email[80];
    if (a->status != STATUS_DEACTIVATED)
        life_deactivate(h, account);
    snprintf(email, sizeof email, "anonymised-%u@anonymised.example", a->id);
    account_set_text(p, account, ACCOUNT_FIRST_NAME, text_of("Anonymised"));
    account_set_text(p, account, ACCOUNT_LAST_NAME, text_of("User"));
    account_set_text(p, account, ACCOUNT_EMAIL, text_of(email));
    for (size_t i = 0; i < RC_LEN(personal); i++)
        account_set_text(p, account, personal[i], TEXT_NONE);
    for (size_t i = 0; a->fields != NULL && i < p->fields_n; i++)
        account_set_field(p, account, i, TEXT_NONE);
    account_set_manager(p, account, NONE);
    a->hire = a->leave = DATE_NONE;
    set_status(h, account, STATUS_ANONYMISED);
    TRAIL(h, "anonymised", a->id, "%s", "");
}

void life_delete(const struct happening *h, uint32_t account) {
    struct platform *p = platform_in(h);
    uint32_t id = p->accounts[account].id, to = NONE;
    if (sw(h->sb, LA_DELETE_REPORTS) == 0) { /* the Owner who stays */
        for (size_t i = 0; i < p->owners.n && to == NONE; i++)
            if (p->owners.all[i] != account && account_is_active(&p->accounts[p->owners.all[i]]))
                to = p->owners.all[i];
    }
    hand_over(h, account, to);
    account_remove(p, account);
    TRAIL(h, "deleted", id, "%s", "");
}

/* ---- the calendar ---- */

void life_day_begins(struct sandbox *sb, date_days today) {
    const struct happening h = { sb, "the calendar", vclock_now_us(&sb->clock) };
    struct platform *p = &learnamp_of(sb)->platform;
    for (uint32_t i = 0; i < p->accounts_n; i++) {
        const struct account *a = &p->accounts[i];
        if (!a->exists)
            continue;
        if (a->status == STATUS_INVITE_SCHEDULED && a->invite_on <= today)
            life_invite(&h, i, "the day planned for it has come");
        if (sw(sb, LA_LEAVE_DATE) && account_is_active(a) && a->leave != DATE_NONE &&
            a->leave < today && !life_is_last_owner(p, i))
            life_deactivate(&h, i);
    }
}
