/* Who is to get the address of somebody who is to get the address of somebody ... and so back to the first one:
 * none of them can go first, and without being told they would wait for ever. */
#include "sync/deciding_p.h"

enum { MEMBERS_MOST = 16 }; /* each of them asks so many questions; a longer circle waits untold */

bool deciding_moves(const struct deciding_person *p, const struct account *is, struct text shows) {
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
    if (rc == RC_OK && deciding_moves(&p, &rows[0].is, email)) {
        *ret_account = rows[0].is.remote_id;
        *ret_wants = p.user.fields[USER_EMAIL];
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc_code deciding_round(struct deciding *d, struct text first, struct text wants,
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

static enum decide_fixed is_fixed_by_itself(const struct deciding *d,
                                            const struct deciding_person *p,
                                            const struct account *is) {
    struct decide_pin pin;
    if (deciding_is_excluded(p))
        return DECIDE_FIXED_EXCLUDED;
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
    *ret_moves = rc == RC_OK && deciding_moves(ret, ret_is, wants);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* From account to account, as each may wait for the next. Nobody in a circle is fixed by it: that is told otherwise. */
enum rc_code deciding_is_fixed(struct deciding *d, const struct deciding_person *p,
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
