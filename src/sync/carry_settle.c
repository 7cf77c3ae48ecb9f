/* What came back from a lane, written down. */
#include <string.h>
#include "base/log.h"
#include "sync/carry_p.h"
#include "sync/plan.h"
#include "sync/undo.h"

/* What the platform shows differently from what it was sent it will show so again: sending it once
 * more would never end. */
void carry_take_shown(struct task *t, struct account *is) {
    const struct account *shows = &t->outcome.shows;
    const struct decision *x = &t->sends;
    if (shows->remote_id.state != TEXT_SET)
        return;
    if (text_equal(is->external_id, t->answer.person.external_id) &&
        !text_equal(is->external_id, shows->external_id)) /* lost, as an inventory would notice */
        is->email_with_id = account_shows(&is->fields[USER_EMAIL]);
    for (size_t i = 0; i < x->fields_n; i++) {
        const struct decide_field *f = &x->fields[i];
        if (f->does != DECIDE_FIELD_SENDS || f->field >= USER_FIELDS_N ||
            f->field == USER_SECONDARY_TEAMS)
            continue;
        struct text known = shows->fields[f->field].known;
        if (known.state == TEXT_MISSING || carry_same_value(known, f->to))
            continue;
        decide_refused(f, &t->arena, is);
        is->fields[f->field].known = is->fields[f->field].delivered = known;
    }
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (shows->fields[f].known.state != TEXT_MISSING)
            is->fields[f].known = shows->fields[f].known;
    if (shows->role.state == TEXT_SET)
        is->role = shows->role;
    is->external_id = shows->external_id;
    if (t->had_been_done && shows->mail == ACCOUNT_MAIL_SENT) {
        is->mail = ACCOUNT_MAIL_SENT;
        is->invited_on = shows->invited_on;
    } else if (t->was_there) { /* nobody knows of a mail: somebody invites */
        is->mail = ACCOUNT_MAIL_BY_HAND;
        is->invited_on = DATE_NONE;
    }
    /* Somebody has closed it since, or opened it; what closes and opens says so itself. */
    bool is_known = shows->status != ACCOUNT_UNKNOWN && x->verb == DECIDE_UPDATE &&
                    t->effect.pass != EFFECT_REFERENCES; /* before which we may have opened it */
    if (t->was_there || is_known)
        is->status = shows->status;
}

/* A team that was left is not shown any more, whatever the answer before that said. */
static enum rc_code take_left(struct task *t, struct account *is) {
    struct text left = t->sends.leaves_team, id, *known = &is->fields[USER_SECONDARY_TEAMS].known;
    struct account_field *primary = &is->fields[USER_PRIMARY_TEAM];
    size_t n = 0, cursor = 0;
    if (left.state != TEXT_SET)
        return RC_OK;
    if (text_equal(account_shows(primary), left))
        *primary = (struct account_field){ .known = TEXT_NONE };
    if (known->state != TEXT_SET)
        return RC_OK;
    struct text *ids = ARENA_NEW(&t->arena, struct text, known->len + 1);
    while (user_teams_next(*known, &cursor, &id))
        if (!text_equal(id, left))
            ids[n++] = id;
    return user_teams_join(&t->arena, ids, n, known);
}

static struct text said_of(const struct task *t) {
    return t->outcome.said.state == TEXT_SET ? t->outcome.said : text_of(t->err.text);
}

/* Refused values are written down and left out; the rest counts as carried out. all: of what was sent none is named,
 * and any of it may be the cause, or none. */
static void leave_refused_out(struct task *t, struct account *is, bool all) {
    struct decision *x = &t->sends;
    size_t kept = 0, n = x->fields_n;
    if (all && !t->undoes)
        decide_declined(&t->answer.decision, x, said_of(t), &t->arena, is);
    for (size_t i = 0; i < n; i++) {
        bool refused = x->fields[i].does == DECIDE_FIELD_SENDS &&
                       (all || (i < 64 && (t->outcome.refused >> i & 1) != 0));
        if (refused && (!all || t->undoes))
            decide_refused(&x->fields[i], &t->arena, is);
        if (!refused)
            x->fields[kept++] = x->fields[i];
    }
    x->fields_n = kept;
}

/* What was not taken, or never sent, is not delivered. What is left in t->sends.fields was sent. */
void carry_keep_what_went_through(struct task *t, struct account *is) {
    bool made = t->rc == RC_OK && t->sends.verb == DECIDE_CREATE && !t->was_there;
    leave_refused_out(t, is, t->values_refused && t->outcome.refused == 0);
    if (!made && !t->updated)
        t->sends.fields_n = 0;
}

enum rc_code carry_save_row(struct carrying *c, struct account_row *row, struct rc_error *err) {
    row->dirty = true; /* decided about once more at the end */
    deciding_account_written(&c->d->d, row->is.user_id);
    return account_save(c->d->st, c->d->company->company_id, c->d->p.destination_id, row, err);
}

/* What else would wait for somebody or something else is looked at in the end, when all has been done;
 * and so is whoever is gone, and what undoing held and holds no more. */
static bool is_settled(const struct deciding_answer *answer, const struct account_row *row) {
    const struct decision *x = &answer->decision;
    if (!decide_is_quiet(x, &row->is) || answer->ended_n > 0 ||
        lifecycle_is_gone(answer->person.lifecycle) || deciding_is_excluded(&answer->person) ||
        (x->waits != DECIDE_WAITS_FOR_NOTHING && x->waits != DECIDE_WAITS_FOR_DAY))
        return false;
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].does == DECIDE_FIELD_AWAITS ||
            x->fields[i].waits == DECIDE_WAITS_FOR_OTHER ||
            x->fields[i].waits == DECIDE_WAITS_FOR_READING)
            return false;
    return true;
}

/* Each account that was touched is decided about once more at the end. One that shows all that HR states
 * now, and depends on nobody else, is so at once: it is written once instead of twice. Whatever
 * concerns it from here on marks it anew, as ever; a mark since it was read stays. */
static enum rc_code save_done(struct carrying *c, struct task *t, struct account_row *row,
                              struct rc_error *err) {
    struct delivery *d = c->d;
    struct deciding_answer *answer = &t->answer;
    if (row->account_id != t->row.account_id || t->undoes || answer->awaits_manager_id != 0 ||
        answer->awaits_holder_id != 0)
        return carry_save_row(c, row, err);
    deciding_account_written(&d->d, row->is.user_id);
    enum rc_code rc = deciding_ask_again(&d->d, row, &t->arena, answer, err);
    if (rc != RC_OK)
        return rc;
    if (!is_settled(answer, row))
        return carry_save_row(c, row, err);
    plan_note(&d->d, answer, row);
    row->dirty = false;
    return account_save(d->st, d->company->company_id, d->p.destination_id, row, err);
}

static enum rc_code drop_row(struct carrying *c, int64_t account_id, struct rc_error *err) {
    return account_drop(c->d->st, c->d->company->company_id, c->d->p.destination_id, account_id,
                        err);
}

static enum rc_code write_done(struct carrying *c, struct task *t, struct rc_error *err) {
    struct account_row *row = &t->there;
    struct text remote_id = t->outcome.shows.remote_id;
    bool other = t->there.account_id != t->row.account_id;
    enum rc_code rc;
    carry_keep_what_went_through(t, &row->is);
    carry_note_for_undo(t);
    decide_carried_out(&t->sends, t->row.is.user_id, remote_id, c->d->d.today, &t->arena, &row->is);
    if (t->sends.verb == DECIDE_CREATE || t->sends.verb == DECIDE_ADOPT)
        row->is.external_id = t->answer.person.external_id;
    carry_take_shown(t, &row->is);
    if ((rc = take_left(t, &row->is)) != RC_OK)
        return rc_context(err, rc, "teams of user %lld", (long long)t->row.is.user_id);
    row->is.delivered_run_id = t->answer.person.row.run_id;
    row->is.user_id = t->row.is.user_id;
    row->is.tie = ACCOUNT_LINKED;
    row->gone_on = t->answer.gone_on;
    row->excluded_on = t->answer.excluded_on;
    row->is.gone = t->answer.account.gone;
    /* One row a user: the one that stood for the account they did not have goes. */
    if (other && (rc = drop_row(c, t->row.account_id, err)) != RC_OK)
        return rc;
    if ((rc = save_done(c, t, row, err)) != RC_OK)
        return rc;
    return carry_end_effect(c, &t->effect, EFFECT_DONE,
                            t->had_been_done ? text_of(CARRY_HAD_BEEN_DONE) : t->outcome.said, err);
}

/* It did not come to its end, but part of the way. */
static void write_partly(struct carrying *c, struct task *t) {
    struct account *is = &t->there.is;
    carry_keep_what_went_through(t, t->sends.verb == DECIDE_CREATE ? &t->row.is : is);
    if (t->updated) {
        struct decision values = { .verb = DECIDE_UPDATE,
                                   .fields = t->sends.fields,
                                   .fields_n = t->sends.fields_n,
                                   .left_as = is->left_as,
                                   .sticky = is->sticky };
        decide_carried_out(&values, is->user_id, is->remote_id, c->d->d.today, &t->arena, is);
        carry_take_shown(t, is);
    }
    if (t->reactivated)
        is->status = is->left_as = ACCOUNT_ACTIVE;
    if (t->invited)
        is->mail = ACCOUNT_MAIL_SENT;
}

/* Somebody has the address whom the inventory did not show; or the account itself has changed, and what
 * it shows now is known from here on: whoever it was to be tied to is decided about anew. */
static enum rc_code meet_holder(struct carrying *c, struct task *t, struct rc_error *err) {
    struct delivery *d = c->d;
    int64_t fresh, changed;
    if (t->holder == NULL || t->holder->remote_id.state != TEXT_SET)
        return RC_OK;               /* the next inventory shows it */
    deciding_remember(&d->d, true); /* from here on, and nothing of before */
    return account_show(d->st, d->company->company_id, d->p.destination_id, d->run->run_id,
                        d->p.prefix, t->holder, 1, NULL, &fresh, &changed, err);
}

/* What it answered goes for everybody: this is no such platform, or one that keeps no external ids, on
 * which strangers would get names and be nobody's all the same. Once a first delivery has linked
 * people, that is this account's alone. */
static bool goes_for_all(const struct carrying *c, const struct task *t) {
    const char *name = t->err.name != NULL ? t->err.name : "";
    return strcmp(name, "destination.answer") == 0 ||
           (strcmp(name, "destination.external-id") == 0 && c->d->d.first_delivery && !t->undoes);
}

static enum rc_code write_failed(struct carrying *c, struct task *t, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    alike_note(c, t);
    if (t->rc == RC_UNSURE && !t->undoes && t->sends.verb != DECIDE_CREATE)
        carry_note_for_undo(t);
    write_partly(c, t);
    switch (t->rc) {
    case RC_INVALID:
        if (goes_for_all(c, t)) {
            c->stop = t->rc;
            c->why = t->err;
            break;
        }
        quarantine_refused(c, &t->err);
        break;
    case RC_NOT_FOUND: t->there.is.status = ACCOUNT_DELETED; break;
    case RC_AUTH:
    case RC_FATAL:
        c->stop = t->rc;
        c->why = t->err;
        break;
    case RC_RETRY:
    case RC_LIMITED:
    case RC_UNSURE: quarantine_silent(c, t->rc, &t->err); break;
    case RC_CONFLICT:
    case RC_OK: break;
    }
    struct account_row *row = t->sends.verb == DECIDE_CREATE ? &t->row : &t->there;
    if (t->unlinks && t->updated)
        undo_let_go(row, t->gives_back);
    if (rc == RC_OK)
        rc = carry_save_row(c, row, err);
    if (rc == RC_OK && row->account_id != t->row.account_id)
        rc = carry_save_row(c, &t->row, err);
    if (rc == RC_OK && t->rc == RC_CONFLICT)
        rc = meet_holder(c, t, err);
    if (rc != RC_OK)
        return rc;
    log_warn("run=%lld effect=%lld user=%lld verb=%s failed=%s", (long long)t->effect.run_id,
             (long long)t->effect.effect_id, (long long)t->effect.user_id,
             decide_verb_name(t->sends.verb), rc_code_name(t->rc));
    return carry_end_effect(c, &t->effect, t->rc == RC_UNSURE ? EFFECT_UNSURE : EFFECT_FAILED,
                            said_of(t), err);
}

/* Found by our id instead of being made, or said to have been made: it may be known here already, linked to somebody else by hand or left to
 * nobody, and is not taken from there. */
static enum rc_code find_others(struct carrying *c, struct task *t, struct rc_error *err) {
    struct account_row other;
    struct text id = t->outcome.shows.remote_id;
    bool was_found = t->was_there || t->had_been_done;
    if (t->rc != RC_OK || t->undoes || t->sends.verb != DECIDE_CREATE)
        return RC_OK;
    enum rc_code rc = account_by_remote(c->d->st, c->d->company->company_id, c->d->p.destination_id,
                                        id, &t->arena, &other, err);
    if (rc != RC_OK || other.account_id == t->row.account_id)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    if (!was_found) { /* an answer about somebody else says nothing about what was sent */
        t->rc =
            rc_fail_as(&t->err, RC_UNSURE, "destination.answer",
                       "the platform says that it has made account %.*s, which was there before: "
                       "nobody can say what was done",
                       TEXT_ARG(id));
        return RC_OK;
    }
    t->holder = &t->outcome.shows;
    t->rc = rc_fail_as(&t->err, RC_CONFLICT, "destination.taken",
                       "account %.*s carries our id for this person and is %s: none is made",
                       TEXT_ARG(id), other.is.user_id != 0 ? "somebody else's" : "nobody's here");
    return RC_OK;
}

static enum rc_code write_what_came(struct carrying *c, struct task *t, struct rc_error *err) {
    enum rc_code known = find_others(c, t, err);
    if (known != RC_OK)
        return known;
    /* An account that is open again is open, whatever else could not be given back. */
    bool done = t->rc == RC_OK || (t->undoes && t->reactivated);
    if (!done) {
        enum rc_code rc = t->undoes ? undo_unpin_failed(c->d, t, err) : RC_OK;
        return rc != RC_OK ? rc : write_failed(c, t, err);
    }
    quarantine_passed(c);
    alike_forget(c);
    return t->undoes ? undo_write_done(c, t, err) : write_done(c, t, err);
}

/* Whoever states the address that the account had may have it now, or is to be told something else.
 * No inventory will say so: it shows what is known already. */
enum rc_code carry_settle(struct carrying *c, struct task *t, struct rc_error *err) {
    const struct account *is = &t->there.is;
    struct text had = account_shows(&is->fields[USER_EMAIL]);
    enum account_status was = is->status;
    bool was_nobodys = is->user_id == 0 && t->sends.verb != DECIDE_ADOPT; /* found by our id */
    enum rc_code rc = write_what_came(c, t, err);
    if (rc != RC_OK || had.state != TEXT_SET ||
        (is->status == was && !(was_nobodys && is->user_id != 0) &&
         text_equal(account_shows(&is->fields[USER_EMAIL]), had)))
        return rc;
    return account_mark_email(c->d->st, c->d->company->company_id, c->d->p.destination_id, had,
                              err);
}
