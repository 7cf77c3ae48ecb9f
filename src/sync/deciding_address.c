/* Whose an address is: who of those who state it gets an account by it, whose account shows it now, and who takes
 * over an account by it. */
#include "store/our_id.h"
#include "sync/deciding_p.h"

/* Of a circle: each of them asks so many questions; a longer one waits untold. */
enum { CLAIMANTS = 50, MEMBERS_MOST = 16 };

enum rc_code deciding_claim(struct deciding *d, const struct deciding_person *p, struct arena *a,
                            struct claim *ret, struct rc_error *err) {
    struct text email = p->user.fields[USER_EMAIL];
    struct claim_user users[CLAIMANTS];
    int64_t ids[CLAIMANTS];
    size_t n = 0, users_n = 0;
    enum rc_code rc;
    *ret = (struct claim){ 0 };
    if (email.state != TEXT_SET)
        return RC_OK;
    if ((rc = deciding_states(d, email, CLAIMANTS, ids, &n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct deciding_person other;
        const struct deciding_person *who = p;
        struct account_row row = { 0 };
        bool has = false;
        if (ids[i] != p->row.user_id) {
            who = &other;
            rc = deciding_person(d, ids[i], a, &other, err);
            if (rc == RC_NOT_FOUND) {
                rc = RC_OK;
                continue; /* another platform's business */
            }
        }
        if (rc != RC_OK ||
            (n > 1 && (rc = deciding_account_there(d, ids[i], a, &row, &has, err)) != RC_OK))
            return rc;
        users[users_n++] =
            (struct claim_user){ ids[i], has ? deciding_counts_as(who, &row.is) : who->lifecycle,
                                 has, deciding_is_excluded(who) };
    }
    return claim_decide(email, users, users_n, ret, err);
}

/* ---- addresses in a circle ----
 * Who is to get the address of somebody who is to get the address of somebody ... and so back to the first one: none
 * of them can go first, and without being told they would wait for ever. */

/* Whoever has this account, which shows that address, is to have another by HR. */
static bool moves_on(const struct deciding_person *p, const struct account *is, struct text shows) {
    struct text wants = p->user.fields[USER_EMAIL];
    return !lifecycle_is_gone(p->lifecycle) && wants.state == TEXT_SET &&
           !text_equal(wants, shows) && is->tie == ACCOUNT_LINKED && is->status == ACCOUNT_ACTIVE;
}

/* Whose account shows the address, if they are about to get another: *ret_wants. Else it is not set. */
static enum rc_code next_of(struct deciding *d, struct text email, struct arena *a,
                            struct text *ret_account, struct text *ret_wants,
                            struct rc_error *err) {
    struct account_row *rows;
    struct deciding_person p;
    size_t n = 0;
    *ret_wants = (struct text){ 0 };
    enum rc_code rc = account_by_email(d->st, d->company->company_id, d->platform->destination_id,
                                       email, 2, a, &rows, &n, err);
    if (rc != RC_OK || n != 1 || rows[0].is.user_id == 0)
        return rc;
    rc = deciding_person(d, rows[0].is.user_id, a, &p, err);
    if (rc == RC_OK && moves_on(&p, &rows[0].is, email)) {
        *ret_account = rows[0].is.remote_id;
        *ret_wants = p.user.fields[USER_EMAIL];
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* From whoever is to get `wants`, from account to account, until one is to get the address `first`: *ret tells the
 * way from the first of the two to the last. Missing: it leads elsewhere, or nowhere. */
static enum rc_code follow_circle(struct deciding *d, struct text first, struct text wants,
                                  struct arena *a, struct text *ret, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    struct text account = { 0 };
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_printf(&b, "%.*s", TEXT_ARG(wants));
    *ret = (struct text){ 0 };
    for (int i = 2; rc == RC_OK && i < MEMBERS_MOST && wants.state == TEXT_SET; i++) {
        rc = next_of(d, wants, a, &account, &wants, err);
        if (rc != RC_OK || wants.state != TEXT_SET)
            break;
        buf_printf(&b, ", that of account %.*s, which is to get %.*s", TEXT_ARG(account),
                   TEXT_ARG(wants));
        if (text_equal(wants, first)) {
            *ret = text_copy(a, text_from(b.ptr, b.len));
            break;
        }
    }
    buf_done(&b);
    return rc;
}

/* ---- addresses that are not given up ---- */

static enum decide_fixed is_fixed_by_itself(const struct deciding *d,
                                            const struct deciding_person *p,
                                            const struct account *is) {
    struct decide_pin pin;
    if (deciding_is_excluded(p))
        return DECIDE_FIXED_EXCLUDED;
    if (decide_may_be_anothers(is, &p->user, p->external_id))
        return DECIDE_FIXED_ASKED;
    return decide_email_is_fixed(&d->policy, is, p->user.fields[USER_EMAIL], p->row.problems,
                                 deciding_email_pin(d, p->row.user_id, &pin) ? &pin : NULL);
}

/* The account that shows what p is to have. RC_NOT_FOUND: none does, or their own. *ret_moves: its user is to have
 * another. */
static enum rc_code holder_of(struct deciding *d, const struct deciding_person *p, struct arena *a,
                              struct deciding_person *ret, struct account *ret_is, bool *ret_moves,
                              struct rc_error *err) {
    struct text wants = p->user.fields[USER_EMAIL];
    struct account_row *rows;
    size_t n = 0;
    *ret_moves = false;
    enum rc_code rc = account_by_email(d->st, d->company->company_id, d->platform->destination_id,
                                       wants, 2, a, &rows, &n, err);
    if (rc != RC_OK)
        return rc;
    if (n == 0 || (n == 1 && rows[0].is.user_id == p->row.user_id))
        return RC_NOT_FOUND;
    *ret_is = rows[0].is;
    if (n != 1 || rows[0].is.user_id == 0)
        return RC_OK;
    rc = deciding_person(d, rows[0].is.user_id, a, ret, err);
    *ret_moves = rc == RC_OK && moves_on(ret, ret_is, wants);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Whether the account keeps its address, or is to get the other. From account to account, as each may wait for the
 * next. Nobody in a circle is fixed by it: that is told otherwise. */
static enum rc_code is_fixed(struct deciding *d, const struct deciding_person *p,
                             const struct account *is, struct arena *a, enum decide_fixed *ret,
                             struct rc_error *err) {
    struct deciding_person one = *p, next;
    struct account has = *is, next_has;
    struct claim claim;
    enum rc_code rc;
    bool moves;
    for (int i = 0; i < MEMBERS_MOST; i++) {
        *ret = is_fixed_by_itself(d, &one, &has);
        if (*ret == DECIDE_FIXED_NOT) {
            if ((rc = deciding_claim(d, &one, a, &claim, err)) != RC_OK)
                return rc;
            if (claim.owner_id != one.row.user_id)
                *ret = DECIDE_FIXED_CLAIMED;
        }
        if (*ret != DECIDE_FIXED_NOT)
            break;
        rc = holder_of(d, &one, a, &next, &next_has, &moves, err);
        if (rc == RC_NOT_FOUND)
            return RC_OK;
        if (rc != RC_OK)
            return rc;
        if (!moves) {
            *ret = DECIDE_FIXED_TAKEN;
            return RC_OK;
        }
        if (next.row.user_id == p->row.user_id)
            return RC_OK;
        one = next;
        has = next_has;
    }
    if (*ret != DECIDE_FIXED_NOT && one.row.user_id != p->row.user_id)
        *ret = DECIDE_FIXED_TAKEN;
    return RC_OK;
}

/* ---- who has it, and who takes over ---- */

/* Of somebody who is known here it is theirs, or will be once their own delivery has looked. */
static enum rc_code look_whose_id(struct deciding *d, const struct account *is, struct arena *a,
                                  bool *ret_nobodys, struct rc_error *err) {
    struct person who;
    enum our_id of;
    enum rc_code rc = our_id_of(d->st, d->company->company_id, d->platform->prefix, is->external_id,
                                a, &of, &who, err);
    *ret_nobodys = of == OUR_ID_NOBODYS;
    return rc;
}

enum rc_code deciding_holder(struct deciding *d, const struct deciding_person *p, struct arena *a,
                             struct deciding_answer *ret, struct rc_error *err) {
    struct text email = p->user.fields[USER_EMAIL];
    struct decide_refs *refs = &ret->refs;
    struct account_row *rows;
    int64_t of[2];
    size_t n = 0;
    enum rc_code rc;
    refs->holder = DECIDE_HOLDER_UNKNOWN;
    if (!d->looked_up || email.state != TEXT_SET)
        return RC_OK;
    if ((rc = deciding_shows(d, email, of, &n, err)) != RC_OK)
        return rc;
    if (n != 1 || of[0] == p->row.user_id) { /* as of nearly everybody */
        refs->holder = n == 0   ? DECIDE_HOLDER_NOBODY
                       : n == 1 ? DECIDE_HOLDER_US
                                : DECIDE_HOLDER_SEVERAL;
        return RC_OK;
    }
    if ((rc = account_by_email(d->st, d->company->company_id, d->platform->destination_id, email, 1,
                               a, &rows, &n, err)) != RC_OK)
        return rc;
    if (n != 1)
        return rc_fail(err, RC_FATAL, "an account has gone while it was looked at");
    refs->holder = rows[0].is.user_id == 0 ? DECIDE_HOLDER_STRANGER : DECIDE_HOLDER_OTHER;
    refs->held_by = &rows[0].is;
    if (refs->holder == DECIDE_HOLDER_STRANGER)
        return look_whose_id(d, refs->held_by, a, &refs->held_by_is_nobodys, err);
    struct deciding_person other;
    rc = deciding_person(d, rows[0].is.user_id, a, &other, err);
    if (rc == RC_NOT_FOUND) { /* a user of what no longer feeds: theirs it stays */
        refs->held_by_lifecycle = LIFECYCLE_ACTIVE;
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    const struct account *k = refs->held_by;
    refs->held_by_lifecycle = deciding_counts_as(&other, k);
    refs->held_by_wants = other.user.fields[USER_EMAIL];
    if (!moves_on(&other, k, email))
        return RC_OK;
    if ((rc = is_fixed(d, &other, k, a, &refs->held_by_fixed, err)) != RC_OK)
        return rc;
    refs->held_by_moves = refs->held_by_fixed == DECIDE_FIXED_NOT;
    if (!refs->held_by_moves)
        return RC_OK;
    ret->awaits_holder_id = other.row.user_id;
    struct text shows = account_shows(&ret->account.fields[USER_EMAIL]);
    return shows.state != TEXT_SET || text_equal(shows, refs->held_by_wants)
               ? RC_OK
               : follow_circle(d, shows, refs->held_by_wants, a, &refs->held_in_round, err);
}

enum rc_code deciding_twin_heir(struct deciding *d, const struct deciding_person *p,
                                const struct account *twin, struct arena *a, bool *ret,
                                struct rc_error *err) {
    struct text email = account_shows(&twin->fields[USER_EMAIL]);
    struct deciding_person other;
    int64_t ids[CLAIMANTS];
    size_t n = 0;
    enum rc_code rc = RC_OK;
    *ret = false;
    if (email.state == TEXT_SET)
        rc = deciding_states(d, email, CLAIMANTS, ids, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK && !*ret; i++) {
        if (ids[i] == p->row.user_id)
            continue;
        rc = deciding_person(d, ids[i], a, &other, err);
        *ret = rc == RC_OK && !lifecycle_is_gone(other.lifecycle) && !deciding_is_excluded(&other);
        if (rc == RC_NOT_FOUND)
            rc = RC_OK;
    }
    return rc;
}

/* Whether somebody else's decision is to take the account of p over. */
enum rc_code deciding_heir(struct deciding *d, const struct deciding_person *p,
                           const struct account *own, struct arena *a, bool *ret,
                           struct rc_error *err) {
    struct text email = account_shows(&own->fields[USER_EMAIL]);
    int64_t ids[CLAIMANTS];
    size_t n = 0;
    enum rc_code rc;
    *ret = false;
    if (!account_exists(own) || email.state != TEXT_SET)
        return RC_OK;
    if ((rc = directory_of_email(d->st, d->company->company_id, email, CLAIMANTS, ids, &n, err)) !=
        RC_OK)
        return rc;
    for (size_t i = 0; i < n && !*ret; i++) {
        struct account_row row = { 0 };
        struct deciding_answer *answer = ARENA_NEW(a, struct deciding_answer, 1);
        if (ids[i] == p->row.user_id)
            continue;
        rc = account_of_user(d->st, d->company->company_id, d->platform->destination_id, ids[i], a,
                             &row, err);
        if (rc == RC_NOT_FOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        if (account_exists(&row.is))
            continue;
        rc = deciding_person(d, ids[i], a, &answer->person, err);
        if (rc == RC_NOT_FOUND || lifecycle_is_gone(answer->person.lifecycle) ||
            deciding_is_excluded(&answer->person))
            continue; /* nor do they ask who takes over from them: this ends */
        if (rc != RC_OK || (rc = deciding_ask(d, &row, a, answer, err)) != RC_OK)
            return rc;
        *ret = answer->decision.verb == DECIDE_ADOPT &&
               text_equal(answer->decision.links, own->remote_id);
    }
    return RC_OK;
}
