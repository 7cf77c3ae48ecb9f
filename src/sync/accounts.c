#include "sync/accounts_p.h"

#include <stdio.h>
#include <string.h>
#include "base/cleanup.h"
#include "people/stored.h"
#include "store/audit.h"
#include "store/directory.h"
#include "store/our_id.h"
#include "sync/deciding.h"
#include "sync/delivery.h"
#include "sync/mapped.h"
#include "sync/plan.h"

/* ---- under the platform's lease ---- */

enum rc_code accounts_take(const struct accounts_context *x, struct lease *ret,
                           struct rc_error *err) {
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)x->company->company_id,
             (long long)x->platform->destination_id);
    return lease_take(x->st, "deliver", subject, clock_now_us(x->clock), ret, err);
}

enum rc_code accounts_begin(const struct accounts_context *x, struct lease *l,
                            struct rc_error *err) {
    enum rc_code rc = accounts_take(x, l, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = db_begin(x->st->db, err)) == RC_OK &&
        (rc = lease_hold(x->st, l, clock_now_us(x->clock), err)) != RC_OK)
        db_rollback(x->st->db);
    if (rc != RC_OK)
        lease_release(x->st, l);
    return rc;
}

/* what: of the audit, written in the same transaction. */
enum rc_code accounts_end(const struct accounts_context *x, struct lease *l, enum rc_code rc,
                          const char *what, struct rc_error *err) {
    if (rc == RC_OK)
        rc = audit_add(x->st, x->company->company_id, clock_now_us(x->clock), x->who, what, err);
    if (rc == RC_OK)
        rc = db_commit(x->st->db, err);
    else
        db_rollback(x->st->db);
    lease_release(x->st, l);
    return rc;
}

/* Ids of platforms look alike: whoever has named the wrong one is told so. */
static enum rc_code say_elsewhere(const struct accounts_context *x, struct text remote_id,
                                  struct arena *a, struct rc_error *err) {
    int64_t c = x->company->company_id;
    struct platform *others;
    struct account_row row;
    size_t n = 0;
    enum rc_code rc = platform_list(x->st, c, a, &others, &n, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        rc = account_by_remote(x->st, c, others[i].destination_id, remote_id, a, &row, err);
        if (rc == RC_OK)
            return rc_fail_as(err, RC_CONFLICT, "account.elsewhere",
                              "%.*s has no account %.*s, but %.*s has: name that destination, if "
                              "that one is meant",
                              TEXT_ARG(x->platform->key), TEXT_ARG(remote_id),
                              TEXT_ARG(others[i].key));
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    return rc_fail_as(err, RC_NOT_FOUND, "account.unknown",
                      "%.*s had no account %.*s when all were read last; `deliver --inventory` "
                      "reads them again",
                      TEXT_ARG(x->platform->key), TEXT_ARG(remote_id));
}

enum rc_code accounts_by_remote(const struct accounts_context *x, struct text remote_id,
                                struct arena *a, struct account_row *ret, struct rc_error *err) {
    enum rc_code rc = account_by_remote(x->st, x->company->company_id, x->platform->destination_id,
                                        remote_id, a, ret, err);
    return rc == RC_NOT_FOUND ? say_elsewhere(x, remote_id, a, err) : rc;
}

enum rc_code accounts_of_person(const struct accounts_context *x, int64_t user_id, struct arena *a,
                                struct account_row *ret, struct rc_error *err) {
    const struct platform *to = x->platform;
    struct person p;
    enum rc_code rc =
        account_of_user(x->st, x->company->company_id, to->destination_id, user_id, a, ret, err);
    if (rc != RC_NOT_FOUND ||
        (rc = directory_get(x->st, x->company->company_id, user_id, a, &p, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < to->feeds_n; i++)
        if (to->feeds[i] == p.integration_id) {
            *ret = account_row_new(user_id);
            return RC_OK;
        }
    return rc_fail_as(err, RC_CONFLICT, "account.not-fed",
                      "person %.*s is of an integration that does not feed %.*s, so nothing is "
                      "decided about an account of theirs there",
                      TEXT_ARG(p.source_id), TEXT_ARG(to->key));
}

enum rc_code accounts_save(const struct accounts_context *x, struct account_row *row,
                           struct rc_error *err) {
    row->dirty = row->is.user_id != 0;
    return account_save(x->st, x->company->company_id, x->platform->destination_id, row, err);
}

enum rc_code accounts_refuse(struct rc_error *err, const struct account_row *row, const char *why) {
    return rc_fail_as(err, RC_INVALID, "account.answer", "account %.*s %s",
                      TEXT_ARG(row->is.remote_id), why);
}

/* ---- the platform ---- */

enum rc_code accounts_forget(const struct accounts_context *x, struct rc_error *err) {
    struct lease l;
    char what[100];
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s removed", TEXT_ARG(x->platform->key));
    rc = platform_remove(x->st, x->company->company_id, x->platform->destination_id, err);
    return accounts_end(x, &l, rc, what, err);
}

static bool has(const struct text *list, size_t n, struct text t) {
    for (size_t i = 0; i < n; i++)
        if (text_equal(list[i], t))
            return true;
    return false;
}

enum rc_code accounts_customs(const struct accounts_context *x, struct arena *a, struct text **ret,
                              size_t *ret_n, struct rc_error *err) {
    const struct platform *p = x->platform;
    struct mapping_difference *differences;
    const struct mapping *m;
    struct integration in;
    size_t n;
    enum rc_code rc = RC_OK;
    *ret = ARENA_NEW(a, struct text, p->feeds_n * USER_CUSTOM_MAX + 1);
    *ret_n = 0;
    for (size_t i = 0; i < p->feeds_n && rc == RC_OK; i++) {
        if ((rc = integration_get(x->st, p->company_id, p->feeds[i], NULL, a, &in, err)) != RC_OK ||
            (rc = mapped_current(x->st, &in, a, &m, err)) != RC_OK)
            return rc;
        n = mapping_diff(mapping_default(a), m, a, &differences); /* it fills none */
        for (size_t k = 0; k < n && *ret_n < p->feeds_n * USER_CUSTOM_MAX; k++) {
            const char *what = differences[k].what;
            if (strncmp(what, USER_CUSTOM_PREFIX, strlen(USER_CUSTOM_PREFIX)) != 0)
                continue;
            struct text name = text_of(what + strlen(USER_CUSTOM_PREFIX));
            if (!has(*ret, *ret_n, name))
                (*ret)[(*ret_n)++] = name;
        }
    }
    return RC_OK;
}

/* ---- what would follow ---- */

/* Teams there that are linked to none of ours, as a delivery reads them. Whether the list is complete is
 * not asked: this counts, and makes none. */
static enum rc_code read_foreign(const struct deciding *d, struct destination_lane *lane,
                                 struct arena *a, struct deciding_foreign **ret, size_t *ret_n,
                                 struct rc_error *err) {
    const struct destination_ops *ops = lane->destination->ops;
    struct destination_page page = { 0 };
    struct map there;
    enum rc_code rc = ops->list_begin(lane, DESTINATION_TEAMS, err);
    map_init(&there);
    while (rc == RC_OK && !page.ends) {
        page = (struct destination_page){ 0 };
        rc = ops->list_next(lane, a, &page, err);
        for (size_t i = 0; rc == RC_OK && i < page.teams_n; i++) {
            const struct text id = page.teams[i].remote_id;
            if (id.state == TEXT_SET && map_find(&d->teams_by_remote, id.ptr, id.len) == NULL)
                map_set(&there, id.ptr, id.len, &page.teams[i]);
        }
    }
    *ret = ARENA_NEW(a, struct deciding_foreign, there.n + 1);
    *ret_n = there.n;
    for (size_t i = 0; i < there.n; i++) {
        const struct destination_team *t = there.entries[i].value;
        (*ret)[i] =
            (struct deciding_foreign){ t->remote_id, t->external_id, t->name, t->members_n };
    }
    map_done(&there);
    return rc;
}

/* Decided about with the teams that a delivery would find there. */
static enum rc_code open_deciding(const struct accounts_context *x, const struct platform *p,
                                  struct destination_lane *lane, struct arena *a,
                                  struct deciding *d, struct rc_error *err) {
    struct deciding_foreign *foreign;
    struct policy_caps caps = { 0 };
    size_t n;
    enum rc_code rc = lane->destination->ops->caps(lane, a, &caps, err);
    if (rc != RC_OK || (rc = deciding_open_without_teams(d, x->st, x->company, p,
                                                         clock_now_us(x->clock), err)) != RC_OK)
        return rc;
    d->policy.caps = caps;
    if ((rc = deciding_teams(d, NULL, 0, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < d->teams_n; i++)
        if (d->teams[i].decision.waits == DECIDE_WAITS_FOR_READING) {
            rc = read_foreign(d, lane, a, &foreign, &n, err);
            return rc != RC_OK ? rc : deciding_teams(d, foreign, n, err);
        }
    return RC_OK;
}

/* Whoever has come since the last delivery has no row, and gets one for as long as it is counted. */
static enum rc_code plan_for_all(const struct accounts_context *x, struct plan *plan,
                                 struct rc_error *err) {
    int64_t fresh;
    enum rc_code rc = db_begin(x->st->db, err);
    if (rc != RC_OK)
        return rc;
    rc = account_enrol(x->st, x->company->company_id, x->platform->destination_id, &fresh, err);
    if (rc == RC_OK && fresh == 0)
        db_rollback(x->st->db); /* nothing to take back: others need not wait */
    if (rc == RC_OK)
        rc = plan_make(plan, err);
    db_rollback(x->st->db);
    return rc;
}

enum rc_code accounts_consequence(const struct accounts_context *x, struct text policy,
                                  struct accounts_consequence *ret, struct rc_error *err) {
    RC_CLEANUP(destination_closep) struct destination *there = NULL;
    RC_CLEANUP(destination_lane_freep) struct destination_lane *lane = NULL;
    struct platform with = *x->platform;
    struct deciding d = { 0 };
    struct arena a, keeps;
    struct plan plan = {
        .d = &d, .key = x->key, .clock = x->clock, .how = PLAN_DROPS, .every = true, .keeps = &keeps
    };
    enum rc_code rc = delivery_connect(x->platform, x->adapter, x->clock, &there, err);
    if (rc != RC_OK)
        return rc;
    lane = destination_lane_new(there);
    with.policy = policy;
    arena_init(&a);
    arena_init(&keeps);
    if ((rc = open_deciding(x, &with, lane, &a, &d, err)) == RC_OK)
        rc = plan_for_all(x, &plan, err);
    if (rc == RC_OK) {
        ret->looked_at = plan.looked_at;
        ret->mails = plan.classes[CHANGE_INVITATIONS] + plan.approved[CHANGE_INVITATIONS];
        memcpy(ret->verbs, plan.verbs, sizeof ret->verbs);
        memcpy(ret->waits, plan.waits, sizeof ret->waits);
    }
    plan_done(&plan);
    deciding_close(&d);
    arena_done(&keeps);
    arena_done(&a);
    return rc;
}

/* ---- inviting ---- */

bool accounts_may_invite(const struct account_row *row) {
    return row->approval == ACCOUNT_APPROVAL_INVITE || text_is(row->code, "invitation-asked");
}

static enum rc_code find_invited(const struct accounts_context *x, int64_t user_id, struct arena *a,
                                 struct account_row *ret, struct rc_error *err) {
    struct person p;
    enum rc_code rc = accounts_of_person(x, user_id, a, ret, err);
    if (rc != RC_OK ||
        (rc = directory_get(x->st, x->company->company_id, user_id, a, &p, err)) != RC_OK)
        return rc;
    if (!accounts_may_invite(ret))
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "person %.*s waits for no invitation that can be sent from here (%.*s)",
                          TEXT_ARG(p.source_id),
                          TEXT_ARG(ret->code.state == TEXT_SET
                                       ? ret->code
                                       : TEXT_LIT("no delivery has looked at them yet")));
    return RC_OK;
}

enum rc_code accounts_invited_at(const struct accounts_context *x, const struct account_row *row,
                                 struct arena *a, struct text *ret, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct person p;
    struct user u;
    json doc;
    *ret = row->approval == ACCOUNT_APPROVAL_INVITE ? row->approves
                                                    : row->is.approved[ACCOUNT_APPROVAL_INVITE];
    if (!row->dirty)
        return RC_OK;
    enum rc_code rc = directory_get(x->st, x->company->company_id, row->is.user_id, a, &p, err);
    if (rc == RC_OK && (rc = json_parse_copy(r, p.user.ptr, p.user.len, &doc, err)) == RC_OK &&
        (rc = stored_user_read(doc, a, &u, err)) == RC_OK && u.fields[USER_EMAIL].state == TEXT_SET)
        *ret = text_copy(a, u.fields[USER_EMAIL]);
    return rc;
}

static enum rc_code invite(const struct accounts_context *x, int64_t user_id, date_days on,
                           struct arena *a, struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = find_invited(x, user_id, a, &row, err);
    if (rc != RC_OK)
        return rc;
    struct text email;
    if ((rc = accounts_invited_at(x, &row, a, &email, err)) != RC_OK)
        return rc;
    row.is.approved[ACCOUNT_APPROVAL_INVITE] = email;
    row.is.invite_on = on != DATE_NONE ? on : 0;
    return accounts_save(x, &row, err);
}

enum rc_code accounts_invite(const struct accounts_context *x, const int64_t *user_ids, size_t n,
                             date_days on, struct rc_error *err) {
    char day[DATE_TEXT_BYTES], what[120];
    struct lease l;
    struct arena a;
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: %zu invitations asked for%s%s",
             TEXT_ARG(x->platform->key), n, on != DATE_NONE ? " on " : "", date_format(on, day));
    arena_init(&a);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        arena_reset(&a);
        rc = invite(x, user_ids[i], on, &a, err);
    }
    rc = accounts_end(x, &l, rc, what, err);
    arena_done(&a);
    return rc;
}

enum rc_code accounts_would_invite(const struct accounts_context *x, const int64_t *user_ids,
                                   size_t n, struct rc_error *err) {
    struct account_row row;
    struct arena a;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        arena_reset(&a);
        rc = find_invited(x, user_ids[i], &a, &row, err);
    }
    arena_done(&a);
    return rc;
}

/* ---- leaving alone ---- */

bool accounts_was_unlinked(const struct account *is) {
    return is->user_id == 0 && account_is_approved(is, ACCOUNT_APPROVAL_APART, is->remote_id);
}

enum account_tie accounts_tie_of(const struct accounts_context *x, const struct account *is) {
    if (is->user_id != 0)
        return ACCOUNT_LINKED;
    return our_id_begins(x->platform->prefix, is->external_id) ? ACCOUNT_OURS : ACCOUNT_STRANGER;
}

static enum rc_code ignore(const struct accounts_context *x, struct text remote_id, bool is,
                           struct arena *a, struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = accounts_by_remote(x, remote_id, a, &row, err);
    if (rc != RC_OK)
        return rc;
    if (accounts_was_unlinked(&row.is))
        row.is.approved[ACCOUNT_APPROVAL_APART] = (struct text){ 0 };
    if (is)
        row.is.tie = ACCOUNT_IGNORED;
    else if (row.is.tie == ACCOUNT_IGNORED)
        row.is.tie = accounts_tie_of(x, &row.is);
    if ((rc = accounts_save(x, &row, err)) != RC_OK)
        return rc;
    struct text email = account_shows(&row.is.fields[USER_EMAIL]);
    return email.state != TEXT_SET ? RC_OK
                                   : account_mark_email(x->st, x->company->company_id,
                                                        x->platform->destination_id, email, err);
}

enum rc_code accounts_ignore(const struct accounts_context *x, const struct text *remote_ids,
                             size_t n, bool is, struct rc_error *err) {
    struct lease l;
    struct arena a;
    char what[200];
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: account %.*s%s %s", TEXT_ARG(x->platform->key),
             TEXT_ARG(remote_ids[0]), n > 1 ? " and others" : "",
             is ? "left alone" : "no longer left alone");
    arena_init(&a);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = ignore(x, remote_ids[i], is, &a, err);
    rc = accounts_end(x, &l, rc, what, err);
    arena_done(&a);
    return rc;
}

/* ---- what undoing holds ---- */

/* As if we had left it so: HR decides. */
static enum rc_code release(const struct accounts_context *x, int64_t subject_id, struct text field,
                            struct arena *a, int64_t *ret_n, struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = pin_drop(x->st, x->company->company_id, x->platform->destination_id,
                               subject_id, field, 0, ret_n, err);
    if (rc != RC_OK || *ret_n == 0)
        return rc;
    rc = account_of_user(x->st, x->company->company_id, x->platform->destination_id, subject_id, a,
                         &row, err);
    if (rc == RC_NOT_FOUND) /* a team */
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    if (row.is.sticky != ACCOUNT_FREE && (field.state != TEXT_SET || text_is(field, PIN_ACCOUNT))) {
        row.is.sticky = ACCOUNT_FREE;
        row.is.left_as = row.is.status;
    }
    return accounts_save(x, &row, err);
}

enum rc_code accounts_release(const struct accounts_context *x, int64_t subject_id,
                              struct text field, size_t *ret_n, struct rc_error *err) {
    struct lease l;
    struct arena a;
    char what[200];
    int64_t n = 0;
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: what was undone of #%lld is let go of%s%.*s",
             TEXT_ARG(x->platform->key), (long long)subject_id, field.state == TEXT_SET ? ": " : "",
             TEXT_ARG(field));
    arena_init(&a);
    rc = accounts_end(x, &l, release(x, subject_id, field, &a, &n, err), what, err);
    arena_done(&a);
    *ret_n = (size_t)n;
    return rc;
}
