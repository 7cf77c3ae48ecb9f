/* What is done to the platform in memory: accounts made, changed, closed and opened, teams. */
#include "destination/memory_p.h"

#include <stdio.h>
#include <string.h>

/* ---- changing ---- */

static void mail(struct memory_platform *m, struct account *a) {
    MEMORY_GROW(m, mails);
    m->mails[m->mails_n++] =
        (struct memory_platform_mail){ a->remote_id, a->fields[USER_EMAIL].known };
    a->mail = ACCOUNT_MAIL_SENT;
}

/* Writes down a change as "1002 job_title=Cook". */
static char *change_text(const struct destination_change *c, struct arena *a) {
    struct buf b;
    buf_init(&b, 64 << 10);
    if (c->now != NULL)
        buf_printf(&b, "%.*s", TEXT_ARG(c->now->remote_id));
    if (c->external_id.state != TEXT_MISSING)
        buf_printf(&b, "%sexternal_id=%.*s", b.len > 0 ? " " : "", TEXT_ARG(c->external_id));
    for (size_t i = 0; i < c->fields_n; i++)
        if (c->fields[i].does == DECIDE_FIELD_SENDS)
            buf_printf(&b, "%s%.*s=%.*s", b.len > 0 ? " " : "", TEXT_ARG(c->fields[i].name),
                       TEXT_ARG(c->fields[i].to));
    if (c->mails)
        buf_str(&b, " with a mail");
    char *text = arena_str(a, b.ptr != NULL ? b.ptr : "", b.len);
    buf_done(&b);
    return text;
}

static bool is_taken(const struct memory_platform *m, const struct account *self,
                     const struct destination_change *c) {
    for (size_t k = 0; k < m->accounts_n; k++) {
        const struct account *other = &m->accounts[k].is;
        if (!m->accounts[k].exists ||
            (self != NULL && text_equal(other->remote_id, self->remote_id)))
            continue;
        if (c->external_id.state == TEXT_SET && text_equal(other->external_id, c->external_id))
            return true;
        for (size_t i = 0; i < c->fields_n; i++)
            if (c->fields[i].field == USER_EMAIL && c->fields[i].does == DECIDE_FIELD_SENDS &&
                memory_same_address(other->fields[USER_EMAIL].known, c->fields[i].to))
                return true;
    }
    return false;
}

/* What would be refused of a change; true: nothing at all can be done. */
static bool is_refused(const struct memory_platform *m, const struct destination_change *c,
                       bool creates, struct destination_outcome *ret) {
    bool all = true, needed = false;
    for (size_t i = 0; i < c->fields_n; i++) {
        const struct decide_field *f = &c->fields[i];
        if (f->does != DECIDE_FIELD_SENDS)
            continue;
        bool known = f->field == USER_FIELDS_N || (m->caps.takes & 1u << f->field) != 0;
        bool need = f->field < USER_FIELDS_N && (m->caps.needs & 1u << f->field) != 0;
        bool bad = !known || (m->refuses != NULL && text_is(f->to, m->refuses)) ||
                   (need && f->to.state != TEXT_SET);
        if (bad) {
            ret->refused |= destination_bit(i);
            ret->said = TEXT_LIT("memory: this value is refused");
            needed = needed || (need && creates);
        } else {
            all = false;
        }
    }
    return needed || (ret->refused != 0 && all && c->external_id.state == TEXT_MISSING);
}

static void carry_out(struct memory_platform *m, const struct destination_change *c,
                      uint64_t refused, struct account *a) {
    for (size_t i = 0; i < c->fields_n; i++) {
        const struct decide_field *f = &c->fields[i];
        if (f->does != DECIDE_FIELD_SENDS || (refused & destination_bit(i)) != 0 ||
            (m->ignores != NULL && text_is(f->to, m->ignores)))
            continue;
        if (f->field == USER_FIELDS_N)
            memory_put_custom(m, a, f->name, f->to);
        else if (f->field == USER_SECONDARY_TEAMS)
            memory_teams_set(m, a, f->to, f->from);
        else
            a->fields[f->field].known = f->to.state == TEXT_SET ? memory_keep(m, f->to) : TEXT_NONE;
    }
    /* what is kept of both lists was dropped as well: from and to may share teams */
    for (size_t i = 0; i < c->fields_n; i++)
        if (c->fields[i].field == USER_SECONDARY_TEAMS && c->fields[i].does == DECIDE_FIELD_SENDS &&
            (refused & destination_bit(i)) == 0)
            memory_teams_set(m, a, c->fields[i].to, text_of(NULL));
    if (c->external_id.state == TEXT_SET && !m->forgets_external_ids)
        a->external_id = memory_keep(m, c->external_id);
    else if (c->external_id.state == TEXT_EMPTY)
        a->external_id = TEXT_NONE;
}

static enum rc_code change(struct memory_platform *m, const struct destination_change *c,
                           bool creates, struct arena *a, struct destination_outcome *ret,
                           struct rc_error *err) {
    struct memory_platform_account *at = creates ? NULL : memory_account_at(m, c->now->remote_id);
    if (!creates && at == NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such account");
    if (at != NULL) {
        struct account shows;
        memory_show(&at->is, a, &shows);
        const char *other = destination_is_other(c, &shows);
        if (other != NULL) {
            ret->shows = shows;
            return rc_fail_as(err, RC_CONFLICT, "destination.changed", "memory: the account %s",
                              other);
        }
    }
    if (is_taken(m, at != NULL ? &at->is : NULL, c))
        return rc_fail_as(err, RC_CONFLICT, "destination.taken",
                          "memory: an account has this address or external id already");
    if (is_refused(m, c, creates, ret))
        return rc_fail_as(err, RC_INVALID, "destination.refused",
                          "memory: accounts/%.*s: a value is refused",
                          TEXT_ARG(creates ? TEXT_LIT("new") : at->is.remote_id));
    if (!creates && c->external_id.state == TEXT_SET && m->forgets_external_ids)
        return rc_fail_as(err, RC_INVALID, "destination.external-id",
                          "memory: the external id was not kept");
    struct account *account = creates ? memory_account_new(m) : &at->is;
    carry_out(m, c, ret->refused, account);
    if (creates && c->mails)
        mail(m, account);
    memory_show(account, a, &ret->shows);
    return RC_OK;
}

static bool has_needed(const struct memory_platform *m, const struct destination_change *c) {
    uint32_t has = 0;
    for (size_t i = 0; i < c->fields_n; i++)
        if (c->fields[i].does == DECIDE_FIELD_SENDS && c->fields[i].field < USER_FIELDS_N)
            has |= 1u << c->fields[i].field;
    return (m->caps.needs & ~has) == 0;
}

static enum rc_code memory_change(struct destination_lane *l, const struct destination_change *c,
                                  bool creates, struct arena *a, struct destination_outcome *ret,
                                  struct rc_error *err) {
    struct memory_deed d;
    struct destination_outcome made = { .said = TEXT_NONE };
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l),
                                        creates ? MEMORY_PLATFORM_CREATE : MEMORY_PLATFORM_UPDATE,
                                        change_text(c, a), err);
    if (rc == RC_OK && creates && !has_needed(d.m, c))
        rc = rc_fail_as(err, RC_INVALID, "destination.refused",
                        "memory: no account can be without address and names");
    else if (rc == RC_OK)
        rc = change(d.m, c, creates, a, &made, err);
    rc = memory_deed_end(&d, rc, err);
    bool changed = rc == RC_CONFLICT && made.shows.remote_id.state == TEXT_SET;
    if (rc == RC_OK || rc == RC_INVALID || changed)
        *ret = made;
    return rc;
}

enum rc_code memory_create(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err) {
    return memory_change(l, c, true, a, ret, err);
}

enum rc_code memory_update(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err) {
    return memory_change(l, c, false, a, ret, err);
}

/* ---- states ---- */

static struct text owner_of(const struct memory_platform *m, const struct account *but) {
    for (size_t i = 0; i < m->accounts_n; i++) {
        const struct account *a = &m->accounts[i].is;
        if (m->accounts[i].exists && a != but && a->status == ACCOUNT_ACTIVE &&
            text_is(a->role, "owner"))
            return a->remote_id;
    }
    return TEXT_NONE;
}

static enum rc_code close_account(struct memory_platform *m, struct account *a,
                                  struct rc_error *err) {
    struct text owner = owner_of(m, a);
    if (a->status != ACCOUNT_ACTIVE)
        return RC_OK;
    if (text_is(a->role, "owner") && owner.state != TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "destination.refused", "memory: one owner must stay");
    a->status = ACCOUNT_DEACTIVATED;
    a->fields[USER_PRIMARY_TEAM].known = a->fields[USER_SECONDARY_TEAMS].known = TEXT_NONE;
    for (size_t i = 0; i < m->accounts_n; i++)
        if (text_equal(m->accounts[i].is.fields[USER_MANAGER].known, a->remote_id))
            m->accounts[i].is.fields[USER_MANAGER].known = owner;
    return RC_OK;
}

static enum rc_code set(struct destination_lane *l, const struct account *now,
                        enum memory_platform_call call, struct rc_error *err) {
    struct memory_deed d;
    char id[64];
    snprintf(id, sizeof id, "%.*s", TEXT_ARG(now->remote_id));
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), call, id, err);
    struct memory_platform_account *at =
        rc == RC_OK ? memory_account_at(d.m, now->remote_id) : NULL;
    if (rc != RC_OK)
        return memory_deed_end(&d, rc, err);
    if (at == NULL)
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such account");
    else if (call == MEMORY_PLATFORM_DEACTIVATE)
        rc = close_account(d.m, &at->is, err);
    else if (call == MEMORY_PLATFORM_REACTIVATE && at->is.status == ACCOUNT_DEACTIVATED)
        at->is.status = ACCOUNT_ACTIVE;
    else if (call == MEMORY_PLATFORM_INVITE && !d.m->caps.invites)
        rc = rc_fail_as(err, RC_INVALID, "destination.refused", "memory: it cannot invite");
    else if (call == MEMORY_PLATFORM_INVITE && at->is.mail != ACCOUNT_MAIL_SENT)
        mail(d.m, &at->is);
    return memory_deed_end(&d, rc, err);
}

enum rc_code memory_deactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err) {
    return set(l, now, MEMORY_PLATFORM_DEACTIVATE, err);
}

enum rc_code memory_reactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err) {
    return set(l, now, MEMORY_PLATFORM_REACTIVATE, err);
}

enum rc_code memory_invite(struct destination_lane *l, const struct account *now,
                           struct rc_error *err) {
    return set(l, now, MEMORY_PLATFORM_INVITE, err);
}

/* ---- teams ---- */

static bool team_is_taken(const struct memory_platform *m, struct text self,
                          struct text external_id) {
    for (size_t i = 0; i < m->teams_n && external_id.state == TEXT_SET; i++)
        if (m->teams[i].exists && !text_equal(m->teams[i].is.remote_id, self) &&
            text_equal(m->teams[i].is.external_id, external_id))
            return true;
    return false;
}

static enum rc_code team_write(struct memory_platform *m, struct text remote_id, struct text name,
                               struct text external_id, struct arena *a,
                               struct destination_team *ret, struct rc_error *err) {
    struct memory_platform_team *t = memory_team_at(m, remote_id);
    if (remote_id.state == TEXT_SET && t == NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such team");
    if (team_is_taken(m, remote_id, external_id))
        return rc_fail_as(err, RC_CONFLICT, "destination.taken",
                          "memory: a team has this external id already");
    if (name.state != TEXT_SET || (m->refuses != NULL && text_is(name, m->refuses)))
        return rc_fail_as(err, RC_INVALID, "destination.refused", "memory: the name is refused");
    if (t == NULL) {
        memory_platform_put_team(m, "", NULL);
        t = &m->teams[m->teams_n - 1];
    }
    t->is.name = memory_keep(m, name);
    if (external_id.state == TEXT_SET)
        t->is.external_id = memory_keep(m, external_id);
    memory_show_team(m, &t->is, a, ret);
    return RC_OK;
}

enum rc_code memory_team_create(struct destination_lane *l, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err) {
    struct memory_deed d;
    struct destination_team team;
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_TEAM_CREATE,
                                        arena_printf(a, "%.*s", TEXT_ARG(name)), err);
    if (rc == RC_OK)
        rc = team_write(d.m, text_of(NULL), name, external_id, a, &team, err);
    rc = memory_deed_end(&d, rc, err);
    if (rc == RC_OK)
        *ret = team;
    return rc;
}

enum rc_code memory_team_update(struct destination_lane *l, struct text remote_id, struct text name,
                                struct text external_id, struct arena *a,
                                struct destination_team *ret, struct rc_error *err) {
    struct memory_deed d;
    struct destination_team team;
    char *text = arena_printf(a, "%.*s name=%.*s", TEXT_ARG(remote_id), TEXT_ARG(name));
    enum rc_code rc =
        memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_TEAM_UPDATE, text, err);
    if (rc == RC_OK)
        rc = team_write(d.m, remote_id, name, external_id, a, &team, err);
    rc = memory_deed_end(&d, rc, err);
    if (rc == RC_OK)
        *ret = team;
    return rc;
}

enum rc_code memory_team_delete(struct destination_lane *l, struct text remote_id,
                                struct rc_error *err) {
    struct memory_deed d;
    char id[64];
    snprintf(id, sizeof id, "%.*s", TEXT_ARG(remote_id));
    enum rc_code rc =
        memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_TEAM_DELETE, id, err);
    struct memory_platform_team *t = rc == RC_OK ? memory_team_at(d.m, remote_id) : NULL;
    if (rc == RC_OK && t == NULL)
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such team");
    for (size_t i = 0; rc == RC_OK && i < d.m->accounts_n; i++) {
        struct account *a = &d.m->accounts[i].is;
        memory_teams_set(d.m, a, text_of(NULL), remote_id);
        if (text_equal(a->fields[USER_PRIMARY_TEAM].known, remote_id))
            a->fields[USER_PRIMARY_TEAM].known = TEXT_NONE;
    }
    if (rc == RC_OK)
        t->exists = false;
    return memory_deed_end(&d, rc, err);
}

enum rc_code memory_team_leave(struct destination_lane *l, struct text team_id,
                               struct text account_id, struct rc_error *err) {
    struct memory_deed d;
    char text[130];
    snprintf(text, sizeof text, "%.*s %.*s", TEXT_ARG(team_id), TEXT_ARG(account_id));
    enum rc_code rc =
        memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_TEAM_LEAVE, text, err);
    struct memory_platform_account *at = rc == RC_OK ? memory_account_at(d.m, account_id) : NULL;
    if (at != NULL) {
        memory_teams_set(d.m, &at->is, text_of(NULL), team_id);
        if (text_equal(at->is.fields[USER_PRIMARY_TEAM].known, team_id))
            at->is.fields[USER_PRIMARY_TEAM].known = TEXT_NONE;
    }
    return memory_deed_end(&d, rc, err);
}
