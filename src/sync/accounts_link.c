/* Whose an account is, by the word of a person: linking it, and taking that back. Ids of accounts look alike, so that who
 * is linked is named, and what is hard to take back is asked for twice. */
#include <stdio.h>
#include <string.h>
#include "people/decide.h"
#include "store/audit.h"
#include "store/effect.h"
#include "store/our_id.h"
#include "store/pin.h"
#include "sync/accounts_p.h"
#include "sync/deciding.h"
#include "sync/undo.h"

/* ---- both sides ---- */

static struct text name_of(struct text first, struct text last, struct arena *a) {
    if (first.state != TEXT_SET || last.state != TEXT_SET)
        return first.state == TEXT_SET ? first : last;
    return text_of(arena_printf(a, "%.*s %.*s", TEXT_ARG(first), TEXT_ARG(last)));
}

static struct text copy(struct arena *a, struct text t) {
    return t.state == TEXT_SET ? text_copy(a, t) : (struct text){ 0 };
}

/* p NULL: the directory has them no more. */
static struct accounts_tie tie_of(const struct account *is, const struct deciding_person *p,
                                  struct arena *a) {
    const struct account_field *f = is->fields;
    struct accounts_tie t = { .account = copy(a, is->remote_id),
                              .account_name =
                                  copy(a, name_of(account_shows(&f[USER_FIRST_NAME]),
                                                  account_shows(&f[USER_LAST_NAME]), a)),
                              .account_email = copy(a, account_shows(&f[USER_EMAIL])) };
    if (p != NULL) {
        t.person = copy(a, p->row.source_id);
        t.person_name =
            copy(a, name_of(p->user.fields[USER_FIRST_NAME], p->user.fields[USER_LAST_NAME], a));
    }
    return t;
}

struct text accounts_tie_account(const struct accounts_tie *t, struct arena *a) {
    bool named = t->account_name.state == TEXT_SET, mail = t->account_email.state == TEXT_SET;
    return text_of(arena_printf(a, "account %.*s%s%.*s%s%.*s%s", TEXT_ARG(t->account),
                                named ? ", " : "", TEXT_ARG(t->account_name), mail ? " (" : "",
                                TEXT_ARG(t->account_email), mail ? ")" : ""));
}

struct text accounts_tie_person(const struct accounts_tie *t, struct arena *a) {
    if (t->person.state != TEXT_SET)
        return TEXT_LIT("this person");
    return t->person_name.state == TEXT_SET
               ? text_of(
                     arena_printf(a, "%.*s (%.*s)", TEXT_ARG(t->person_name), TEXT_ARG(t->person)))
               : text_of(arena_printf(a, "person %.*s", TEXT_ARG(t->person)));
}

/* ---- linking ---- */

/* What the next delivery sends that others see. */
static void say_fields(const struct decision *d, struct buf *b) {
    struct text names[USER_FIELDS_N] = { 0 };
    for (size_t i = 0; i < d->fields_n; i++)
        if (d->fields[i].does == DECIDE_FIELD_SENDS && d->fields[i].field < USER_FIELDS_N)
            names[d->fields[i].field] = d->fields[i].to;
    struct text first = names[USER_FIRST_NAME], last = names[USER_LAST_NAME],
                email = names[USER_EMAIL];
    /* what harms most comes first: long names may push out what follows them */
    if (d->verb == DECIDE_DEACTIVATE)
        buf_str(b, ", is closed with the next delivery");
    else if (lifecycle_is_gone(d->lifecycle))
        buf_str(b, ", is closed when the settings say so");
    if (first.state == TEXT_SET || last.state == TEXT_SET)
        buf_printf(b, ", is renamed (%.*s%s%.*s)", TEXT_ARG(first),
                   first.state == last.state ? " " : "", TEXT_ARG(last));
    if (email.state == TEXT_SET)
        buf_printf(b, ", gets the address %.*s", TEXT_ARG(email));
}

static enum rc_code confirm(const struct accounts_tie *tie, const struct account *is,
                            const struct deciding *d, const struct deciding_answer *answer,
                            struct arena *a, struct rc_error *err) {
    const struct user *u = &answer->person.user;
    const struct decision *x = &answer->decision;
    bool is_protected = policy_protects(&d->policy, is) != NULL;
    bool other_name = account_likeness(is, u) == ACCOUNT_NAME_OTHER;
    bool gone = lifecycle_is_gone(x->lifecycle) || u->fields[USER_EXCLUDED].state == TEXT_SET;
    const struct account *other = answer->refs.carrier; /* would be left to nobody */
    struct buf b;
    if (other != NULL && account_is_approved(is, ACCOUNT_APPROVAL_APART, other->remote_id))
        other = NULL;
    if (!is_protected && !other_name && !gone && other == NULL)
        return RC_OK;
    buf_init(&b, sizeof err->text);
    if (is_protected)
        buf_str(&b, ", is protected");
    if (other_name)
        buf_str(&b, ", is under another name");
    if (other != NULL)
        buf_printf(&b, ", although account %.*s has this person's external id",
                   TEXT_ARG(other->remote_id));
    if (gone)
        buf_printf(&b, ", would be that of somebody who is %s",
                   lifecycle_is_gone(x->lifecycle) ? "gone from HR" : "left out");
    say_fields(x, &b);
    struct text what = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return rc_fail_as(err, RC_INVALID, "account.confirm",
                      "not linked: that is to be confirmed (--confirm). %.*s, to be linked to "
                      "%.*s%.*s",
                      TEXT_ARG(accounts_tie_account(tie, a)), TEXT_ARG(accounts_tie_person(tie, a)),
                      TEXT_ARG(what));
}

static enum rc_code confirm_unfed(const struct accounts_context *x, const struct accounts_tie *tie,
                                  struct arena *a, struct rc_error *err) {
    return rc_fail_as(
        err, RC_INVALID, "account.confirm",
        "not linked: that is to be confirmed (--confirm). %.*s, to be linked to %.*s, "
        "would be that of somebody whose HR system feeds %.*s no more: nothing keeps "
        "it in step or closes it",
        TEXT_ARG(accounts_tie_account(tie, a)), TEXT_ARG(accounts_tie_person(tie, a)),
        TEXT_ARG(x->platform->key));
}

/* Decided as the next delivery will; nothing has been written to stay when this refuses it. */
static enum rc_code look_at(const struct accounts_context *x, const struct account_row *row,
                            bool confirmed, struct arena *a, struct accounts_tie *ret,
                            struct rc_error *err) {
    struct deciding_answer *answer = ARENA_NEW(a, struct deciding_answer, 1);
    struct deciding d;
    enum rc_code rc =
        deciding_open(&d, x->st, x->company, x->platform, clock_now_us(x->clock), err);
    if (rc == RC_OK)
        rc = deciding_ask(&d, row, a, answer, err);
    bool is_decided = rc == RC_OK;
    *ret = tie_of(&row->is, is_decided ? &answer->person : NULL, a);
    if (rc == RC_NOT_FOUND) { /* nothing is decided about them any more */
        ret->person = copy(a, answer->person.row.source_id);
        rc = RC_OK;
    }
    if (rc == RC_OK && !confirmed)
        rc =
            is_decided ? confirm(ret, &row->is, &d, answer, a, err) : confirm_unfed(x, ret, a, err);
    deciding_close(&d);
    return rc;
}

enum rc_code accounts_is_unlinked(const struct accounts_context *x, struct text remote_id,
                                  struct arena *a, bool *ret, struct rc_error *err) {
    struct account_row row;
    *ret = false;
    if (remote_id.state != TEXT_SET)
        return RC_OK;
    enum rc_code rc = account_by_remote(x->st, x->company->company_id, x->platform->destination_id,
                                        remote_id, a, &row, err);
    *ret = rc == RC_OK && row.is.user_id == 0;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Whoever may have an account already that we were to make, or to link, and did not hear of, is not given another: that
 * one would be left to nobody. */
static enum rc_code any_in_doubt(const struct accounts_context *x, int64_t user_id, struct arena *a,
                                 struct rc_error *err) {
    enum { LATEST = 4 };
    int64_t listed_us = x->platform->listed_us;
    struct effect *list;
    size_t n = 0;
    enum rc_code rc = effect_of_user(x->st, x->company->company_id, x->platform->destination_id,
                                     user_id, LATEST, a, &list, &n, err);
    if (listed_us > clock_now_us(x->clock))
        listed_us = 0; /* nobody knows what that one has seen */
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct effect *e = &list[i];
        bool links = text_is(e->verb, decide_verb_name(DECIDE_CREATE)) ||
                     text_is(e->verb, decide_verb_name(DECIDE_ADOPT));
        if (links &&
            (e->state == EFFECT_SENT || (e->state == EFFECT_UNSURE && e->at_us >= listed_us)))
            rc =
                rc_fail_as(err, RC_CONFLICT, "account.in-doubt",
                           "run %lld was to give this person an account, and nobody knows whether "
                           "it did: `rollcall deliver --inventory` reads all accounts, after which "
                           "either that one is theirs, or another can be linked",
                           (long long)e->run_id);
    }
    return rc;
}

/* What is known of the accounts is that of a backup: one of nobody may be somebody's by now. */
static enum rc_code refuse_unread(const struct accounts_context *x, struct rc_error *err) {
    if (x->platform->restored_us == 0 || x->platform->listed_us != 0)
        return RC_OK;
    return rc_fail_as(err, RC_CONFLICT, "destination.restored",
                      "the database was put back from a backup: whose accounts these are is known "
                      "again once all have been read (`rollcall deliver` does)");
}

static enum rc_code link_account(const struct accounts_context *x, struct text remote_id,
                                 int64_t user_id, bool confirmed, struct arena *a,
                                 struct accounts_tie *ret, struct rc_error *err) {
    int64_t c = x->company->company_id, d = x->platform->destination_id;
    struct account_row own, there;
    bool unlinked;
    enum rc_code rc = refuse_unread(x, err);
    if (rc != RC_OK || (rc = accounts_by_remote(x, remote_id, a, &there, err)) != RC_OK ||
        (rc = accounts_of_person(x, user_id, a, &own, err)) != RC_OK)
        return rc;
    struct text apart = own.is.approved[ACCOUNT_APPROVAL_APART];
    if (there.is.user_id != 0)
        return accounts_refuse(err, &there, "is somebody's already");
    if (there.is.status != ACCOUNT_ACTIVE && there.is.status != ACCOUNT_DEACTIVATED)
        return accounts_refuse(err, &there, "is neither open nor closed there, and stays as it is");
    if (account_is_there(&own.is))
        return accounts_refuse(err, &own, "is what this person has: nobody has two");
    if ((rc = any_in_doubt(x, user_id, a, err)) != RC_OK)
        return rc;
    if ((rc = accounts_is_unlinked(x, apart, a, &unlinked, err)) != RC_OK ||
        (own.account_id != 0 && (rc = account_drop(x->st, c, d, own.account_id, err)) != RC_OK))
        return rc;
    there.is.user_id = user_id;
    there.is.tie = ACCOUNT_LINKED;
    there.is.email_with_id =
        account_shows(&there.is.fields[USER_EMAIL]);            /* that is who was meant */
    there.is.fields[USER_EMAIL].delivered = (struct text){ 0 }; /* to another */
    if (!text_equal(apart, remote_id) || there.is.status != ACCOUNT_DEACTIVATED)
        there.is.left_as = ACCOUNT_UNKNOWN;     /* we have closed it, but not as theirs */
    if (there.is.mail == ACCOUNT_MAIL_PROMISED) /* to somebody else, by an older version */
        there.is.mail = ACCOUNT_MAIL_BY_HAND;
    memset(there.is.approved, 0, sizeof there.is.approved); /* what was said of it was of another */
    there.is.invite_on = 0;
    there.is.approved[ACCOUNT_APPROVAL_ADOPT] = there.is.remote_id; /* it gets our id */
    if (unlinked && !text_equal(apart, remote_id)) /* ... which another one may still carry */
        there.is.approved[ACCOUNT_APPROVAL_APART] = apart;
    there.gone_on = own.gone_on;
    there.excluded_on = own.excluded_on;
    there.is.gone = own.is.gone;
    rc = accounts_save(x, &there, err);
    return rc != RC_OK ? rc : look_at(x, &there, confirmed, a, ret, err);
}

enum rc_code accounts_link(const struct accounts_context *x, struct text remote_id, int64_t user_id,
                           bool confirmed, struct arena *a, struct accounts_tie *ret,
                           struct rc_error *err) {
    struct accounts_tie tie;
    struct lease l;
    char what[200];
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: account %.*s linked to person #%lld",
             TEXT_ARG(x->platform->key), TEXT_ARG(remote_id), (long long)user_id);
    rc = accounts_end(x, &l, link_account(x, remote_id, user_id, confirmed, a, &tie, err), what,
                      err);
    if (rc == RC_OK && ret != NULL)
        *ret = tie;
    return rc;
}

/* ---- and no longer ---- */

/* One that they were unlinked from before, and that still has an id of ours, would be found by that: it counts. */
static enum rc_code which_is_apart(const struct accounts_context *x, const struct account_row *row,
                                   struct arena *a, struct text *ret, struct rc_error *err) {
    struct account_row before;
    struct text was = row->is.approved[ACCOUNT_APPROVAL_APART];
    enum rc_code rc = RC_NOT_FOUND;
    *ret = row->is.remote_id;
    if (was.state == TEXT_SET)
        rc = account_by_remote(x->st, x->company->company_id, x->platform->destination_id, was, a,
                               &before, err);
    if (rc == RC_OK && before.is.user_id == 0 &&
        our_id_begins(x->platform->prefix, before.is.external_id))
        *ret = was;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc_code accounts_part(const struct accounts_context *x, struct account_row *row,
                           struct arena *a, struct rc_error *err) {
    int64_t c = x->company->company_id, d = x->platform->destination_id, pins;
    struct account_row without = account_row_new(row->is.user_id);
    struct text *apart = &without.is.approved[ACCOUNT_APPROVAL_APART];
    if (text_is(row->code, DECIDE_LOST_ID)) /* should it show later that it is theirs after all */
        without.is.email_with_id = account_shows(&row->is.fields[USER_EMAIL]);
    without.is.gone = row->is.gone;
    without.gone_on = row->gone_on;
    without.excluded_on = row->excluded_on;
    enum rc_code rc = which_is_apart(x, row, a, apart, err);
    bool by_us = row->is.status == ACCOUNT_DEACTIVATED && row->is.left_as == ACCOUNT_DEACTIVATED;
    undo_let_go(row, row->is.external_id);
    if (by_us) /* should it be linked to them again */
        row->is.left_as = ACCOUNT_DEACTIVATED;
    row->is.approved[ACCOUNT_APPROVAL_APART] =
        row->is.remote_id; /* until somebody says more of it */
    if (rc != RC_OK || (rc = accounts_save(x, row, err)) != RC_OK ||
        (rc = pin_drop(x->st, c, d, without.is.user_id, (struct text){ 0 }, 0, &pins, err)) !=
            RC_OK)
        return rc;
    return accounts_save(x, &without, err);
}

static enum rc_code unlink_account(const struct accounts_context *x, struct text remote_id,
                                   struct arena *a, int64_t *ret_user, struct accounts_tie *ret,
                                   struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = accounts_by_remote(x, remote_id, a, &row, err);
    if (rc != RC_OK)
        return rc;
    if (row.is.user_id == 0)
        return accounts_refuse(err, &row, "is nobody's in HR: there is nothing to take back");
    if (row.is.status != ACCOUNT_ACTIVE &&
        row.is.status != ACCOUNT_DEACTIVATED) /* no new one unasked */
        return accounts_refuse(err, &row, "is neither open nor closed there, and stays as it is");
    *ret_user = row.is.user_id;
    rc = look_at(x, &row, true, a, ret, err);
    return rc != RC_OK ? rc : accounts_part(x, &row, a, err);
}

enum rc_code accounts_unlink(const struct accounts_context *x, struct text remote_id,
                             struct arena *a, struct accounts_tie *ret, struct rc_error *err) {
    struct accounts_tie tie;
    struct lease l;
    char what[200] = "";
    int64_t user_id = 0;
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = unlink_account(x, remote_id, a, &user_id, &tie, err)) == RC_OK)
        snprintf(what, sizeof what,
                 "destination %.*s: account %.*s no longer linked to person #%lld",
                 TEXT_ARG(x->platform->key), TEXT_ARG(remote_id), (long long)user_id);
    rc = accounts_end(x, &l, rc, what, err);
    if (rc == RC_OK && ret != NULL)
        *ret = tie;
    return rc;
}
