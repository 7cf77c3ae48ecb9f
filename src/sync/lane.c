/* The calls of one effect, in their order, and what to do when an answer is lost: look before
 * repeating. */
#include <string.h>
#include "sync/delivery_p.h"

static const struct destination_ops *ops_of(const struct destination_lane *l) {
    return l->destination->ops;
}

static struct destination_owner owner_of(const struct task *t) {
    const struct deciding_person *p = &t->answer.person;
    return (struct destination_owner){ p->external_id, p->user.fields[USER_EMAIL] };
}

static struct destination_change change_of(const struct task *t) {
    const struct decision *x = &t->sends;
    bool links = (x->verb == DECIDE_ADOPT || x->verb == DECIDE_CREATE) && !t->undoes;
    return (struct destination_change){
        .fields = x->fields,
        .fields_n = x->fields_n,
        .external_id = links        ? t->answer.person.external_id
                       : t->unlinks ? t->gives_back
                                    : (struct text){ 0 },
        .mails = x->mails,
        .now = x->verb == DECIDE_CREATE ? NULL : &t->there.is,
        .of = owner_of(t),
        .ties = x->verb == DECIDE_ADOPT && links,
        .by_hand = x->code != NULL && strcmp(x->code, DECIDE_LINKED_BY_HAND) == 0,
    };
}

static bool is_lost(enum rc_code rc) {
    return rc == RC_UNSURE;
}

/* The platform itself would not take the values: another RC_INVALID says nothing about them. */
static bool is_refusal(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_INVALID && err->name != NULL && strcmp(err->name, "destination.refused") == 0;
}

/* ---- create ---- */

/* By our external id, then by the planned address: RC_OK and *ret_found, or what went wrong. */
static enum rc_code look_up(struct destination_lane *l, struct task *t, bool *ret_found,
                            struct rc_error *err) {
    const struct text email = t->answer.person.user.fields[USER_EMAIL];
    struct account there = { 0 };
    enum rc_code rc = ops_of(l)->find(l, DESTINATION_BY_EXTERNAL_ID, t->answer.person.external_id,
                                      &t->arena, &there, err);
    *ret_found = rc == RC_OK;
    if (rc == RC_OK)
        t->outcome.shows = there;
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = ops_of(l)->find(l, DESTINATION_BY_EMAIL, email, &t->arena, &there, err);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    return rc == RC_OK || rc == RC_CONFLICT
               ? rc_fail_as(err, RC_CONFLICT, "destination.taken",
                            "an account has the address already, and it does not carry our id")
               : rc;
}

/* Whose the address is that was taken. */
static void meet_holder(struct destination_lane *l, struct task *t) {
    struct account there = { 0 };
    if (ops_of(l)->find(l, DESTINATION_BY_EMAIL, t->answer.person.user.fields[USER_EMAIL],
                        &t->arena, &there, NULL) == RC_OK)
        t->holder = arena_copy(&t->arena, &there, sizeof there);
}

static enum rc_code create(struct destination_lane *l, struct task *t, struct rc_error *err) {
    struct destination_change c = change_of(t);
    bool found = false;
    enum rc_code rc = t->looks_first ? look_up(l, t, &found, err) : RC_OK;
    t->was_there = rc == RC_OK && found;
    for (int times = 0; rc == RC_OK && !found && times < 2; times++) {
        rc = ops_of(l)->create(l, &c, &t->arena, &t->outcome, err);
        if (rc == RC_OK && t->outcome.shows.remote_id.state == TEXT_SET)
            return rc;
        t->values_refused = is_refusal(rc, err);
        if (rc != RC_OK && !is_lost(rc))
            break;
        if ((rc = look_up(l, t, &found, err)) != RC_OK) { /* who cannot look does not repeat */
            rc = rc == RC_CONFLICT ? rc : RC_UNSURE;
            break;
        }
        if (!found && times == 1)
            rc = rc_fail_as(err, RC_UNSURE, "delivery.unsure",
                            "two answers were lost, and no such account is there");
    }
    t->had_been_done = found;
    if (rc == RC_CONFLICT)
        meet_holder(l, t);
    return rc;
}

/* ---- whether it is theirs still ---- */

/* Whoever is deactivated may be hidden where one is asked for by id: an address that is not found says nothing of whether
 * it was deleted. */
static enum rc_code find_there(struct destination_lane *l, struct task *t, struct account *ret,
                               struct rc_error *err) {
    const struct account *is = &t->there.is;
    struct text email = account_shows(&is->fields[USER_EMAIL]);
    enum rc_code rc = ops_of(l)->find(l, DESTINATION_BY_ID, is->remote_id, &t->arena, ret, err);
    if (rc != RC_NOT_FOUND || is->status == ACCOUNT_ACTIVE || email.state != TEXT_SET)
        return rc;
    rc = ops_of(l)->find(l, DESTINATION_BY_EMAIL, email, &t->arena, ret, err);
    if (rc == RC_OK ? text_equal(ret->remote_id, is->remote_id)
                    : rc != RC_NOT_FOUND && rc != RC_CONFLICT)
        return rc;
    return rc_fail_as(err, RC_CONFLICT, "destination.changed",
                      "account %.*s is found neither by its id nor by the address that it had: it "
                      "is not opened",
                      TEXT_ARG(is->remote_id));
}

/* Before a call that does not look by itself: what is another one by now is left alone, and so is what nobody can find. */
static enum rc_code look_again(struct destination_lane *l, struct task *t, struct rc_error *err) {
    struct destination_change c = change_of(t);
    struct account there = { 0 };
    enum rc_code rc = find_there(l, t, &there, err);
    const char *other = rc == RC_OK ? destination_is_other(&c, &there) : NULL;
    if (other == NULL)
        return rc;
    t->outcome.shows = there;
    t->holder = &t->outcome.shows;
    return rc_fail_as(err, RC_CONFLICT, "destination.changed", "account %.*s %s",
                      TEXT_ARG(there.remote_id), other);
}

/* ---- everything else may be repeated: it sets what is to be so ---- */

/* Whether they are in the team for which they leave another, as far as the platform says. */
static bool is_moved(const struct task *t) {
    for (size_t i = 0; i < t->sends.fields_n; i++) {
        const struct decide_field *f = &t->sends.fields[i];
        struct text known = t->outcome.shows.fields[USER_PRIMARY_TEAM].known;
        if (f->field == USER_PRIMARY_TEAM && f->does == DECIDE_FIELD_SENDS)
            return (t->outcome.refused >> i & 1) == 0 &&
                   (known.state == TEXT_MISSING || text_equal(known, f->to));
    }
    return true;
}

static enum rc_code update(struct destination_lane *l, struct task *t, struct rc_error *err) {
    struct destination_change c = change_of(t);
    enum rc_code rc = RC_OK;
    if (decide_sends(&t->sends) > 0 || c.external_id.state != TEXT_MISSING) {
        rc = ops_of(l)->update(l, &c, &t->arena, &t->outcome, err);
        if (is_lost(rc))
            rc = ops_of(l)->update(l, &c, &t->arena, &t->outcome, err);
        t->updated = rc == RC_OK;
        if (rc == RC_CONFLICT && t->outcome.shows.remote_id.state == TEXT_SET)
            t->holder = &t->outcome.shows;
        else if (rc == RC_CONFLICT)
            meet_holder(l, t);
        t->values_refused = is_refusal(rc, err);
    } else if (t->sends.leaves_team.state == TEXT_SET) {
        rc = look_again(l, t, err);
    }
    if (rc == RC_OK && !is_moved(t)) /* else they would be in none */
        t->sends.leaves_team = (struct text){ 0 };
    if (rc == RC_OK && t->sends.leaves_team.state == TEXT_SET)
        rc = ops_of(l)->team_leave(l, t->sends.leaves_team, t->there.is.remote_id, err);
    return rc;
}

static enum rc_code reactivate(struct destination_lane *l, struct task *t, struct rc_error *err) {
    enum rc_code rc = look_again(l, t, err);
    if (rc != RC_OK)
        return rc;
    rc = ops_of(l)->reactivate(l, &t->there.is, err);
    if (is_lost(rc))
        rc = ops_of(l)->reactivate(l, &t->there.is, err);
    t->reactivated = rc == RC_OK;
    return rc;
}

/* Where the mail would go, as the account shows by now: it may have kept its address, or been given another. */
static enum rc_code look_where_it_goes(struct destination_lane *l, struct task *t,
                                       bool *ret_has_had_one, struct rc_error *err) {
    struct text email = t->answer.person.user.fields[USER_EMAIL];
    struct account there = { 0 };
    enum rc_code rc =
        ops_of(l)->find(l, DESTINATION_BY_ID, t->there.is.remote_id, &t->arena, &there, err);
    *ret_has_had_one = rc == RC_OK && there.mail == ACCOUNT_MAIL_SENT;
    struct text shows = there.fields[USER_EMAIL].known;
    if (rc != RC_OK || shows.state == TEXT_MISSING || text_equal(shows, email))
        return rc;
    t->outcome.shows = there;
    t->holder = &t->outcome.shows;
    return rc_fail_as(err, RC_CONFLICT, "destination.changed",
                      "account %.*s shows another address than HR states: no mail goes there",
                      TEXT_ARG(t->there.is.remote_id));
}

/* A lost answer to a mail is looked up: nobody is invited twice. Where none shows it may go out yet, as the platform is
 * slow: whether it has is seen by the next inventory, and not before anything is repeated. */
static enum rc_code invite(struct destination_lane *l, struct task *t, struct rc_error *err) {
    struct account there = { 0 };
    bool has_had_one;
    enum rc_code rc = look_where_it_goes(l, t, &has_had_one, err);
    if (rc != RC_OK)
        return rc;
    rc = has_had_one ? RC_OK : ops_of(l)->invite(l, &t->there.is, err);
#ifdef ROLLCALL_WITHOUT_LOST /* negative control: the system tests must find victims with this */
    if (is_lost(rc))
        rc = ops_of(l)->invite(l, &t->there.is, err);
#endif
    if (is_lost(rc) &&
        ops_of(l)->find(l, DESTINATION_BY_ID, t->there.is.remote_id, &t->arena, &there, NULL) ==
            RC_OK &&
        there.mail == ACCOUNT_MAIL_SENT)
        rc = RC_OK;
    t->invited = rc == RC_OK;
    return rc;
}

/* Nothing more will succeed; a right that is missing for one thing may be there for another. */
static bool is_locked_out(enum rc_code rc, const struct rc_error *err) {
    return rc == RC_AUTH && err->name != NULL && strcmp(err->name, "destination.credentials") == 0;
}

/* Whoever has been given a role that protects them since all accounts were read stays open, and so does what may have
 * been given to somebody else. */
static enum rc_code look_before_closing(struct destination_lane *l, struct task *t,
                                        struct rc_error *err) {
    const struct destination_owner of = owner_of(t);
    struct account there;
    bool is_protected;
    enum rc_code rc =
        destination_is_protected(l, t->policy, &t->there.is, &t->arena, &there, &is_protected, err);
    bool is_other = rc == RC_OK && there.remote_id.state == TEXT_SET &&
                    destination_may_be_anothers(&t->there.is, &there, &of);
    if (rc != RC_OK || !(is_protected || is_other))
        return rc;
    t->outcome.shows = there;
    t->holder = &t->outcome.shows;
    if (is_other)
        return rc_fail_as(
            err, RC_CONFLICT, "destination.changed",
            "account %.*s shows another address since it was last read, and not our external "
            "id: it stays open, as it may be somebody else's",
            TEXT_ARG(there.remote_id));
    return rc_fail_as(err, RC_CONFLICT, "destination.changed",
                      "account %.*s has got the role %.*s since it was last read: it stays open",
                      TEXT_ARG(there.remote_id), TEXT_ARG(there.role));
}

/* What is shown of somebody who leaves is a courtesy: it never keeps an account open. */
static enum rc_code deactivate(struct destination_lane *l, struct task *t, struct rc_error *err) {
    enum rc_code rc = look_before_closing(l, t, err);
    if (rc != RC_OK)
        return rc;
    if (decide_sends(&t->sends) > 0) {
        rc = update(l, t, err);
        if (is_locked_out(rc, err))
            return rc;
        if (rc == RC_AUTH)
            t->outcome.said = text_copy(&t->arena, text_of(err->text));
    }
    rc = ops_of(l)->deactivate(l, &t->there.is, err);
    if (is_lost(rc))
        rc = ops_of(l)->deactivate(l, &t->there.is, err);
    t->closed = rc == RC_OK;
    return rc;
}

/* What was linked is let go of first: should the rest fail, it is nobody's all the same. */
static enum rc_code unlink(struct destination_lane *l, struct task *t, struct rc_error *err) {
    enum rc_code rc = update(l, t, err);
    if (rc != RC_OK || t->sends.verb != DECIDE_DEACTIVATE)
        return rc;
    rc = ops_of(l)->deactivate(l, &t->there.is, err);
    if (is_lost(rc))
        rc = ops_of(l)->deactivate(l, &t->there.is, err);
    t->closed = rc == RC_OK;
    return rc;
}

static enum rc_code carry(struct destination_lane *l, struct task *t, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    if (t->unlinks)
        return unlink(l, t, err);
    switch (t->sends.verb) {
    case DECIDE_CREATE: return create(l, t, err);
    case DECIDE_ADOPT:
        if (t->sends.reactivates && (rc = reactivate(l, t, err)) != RC_OK)
            return rc;
        return update(l, t, err);
    case DECIDE_REACTIVATE:
        if ((rc = reactivate(l, t, err)) != RC_OK)
            return rc;
        return update(l, t, err);
    case DECIDE_UPDATE: return update(l, t, err);
    case DECIDE_INVITE:
        if ((rc = update(l, t, err)) != RC_OK)
            return rc;
        return invite(l, t, err);
    case DECIDE_DEACTIVATE: return deactivate(l, t, err);
    case DECIDE_NOTHING: /* an account of ours is linked: nothing is asked of the platform */
    case DECIDE_VERBS_N: break;
    }
    return RC_OK;
}

void lane_carry_out(struct destination_lane *l, const struct clock_source *clock, struct task *t) {
    (void)clock;
    t->err = (struct rc_error){ 0 };
    t->rc = carry(l, t, &t->err);
}
