/* Managers. What is remembered of them while a delivery asks about one account after the other is what
 * would be read again: forgotten when another connection may have written, and of one manager when
 * their account is written. */
#include <string.h>
#include "people/problem.h"
#include "sync/deciding_p.h"

enum { BOSSES_MOST = 20000, KEY_BYTES = 400, MANAGERS_UP = 64 };

void deciding_bosses_init(struct deciding *d) {
    map_init(&d->bosses);
    map_init(&d->bosses_by_id);
    arena_init(&d->bosses_are);
}

void deciding_bosses_done(struct deciding *d) {
    map_done(&d->bosses);
    map_done(&d->bosses_by_id);
    arena_done(&d->bosses_are);
}

static void forget(struct deciding *d) {
    deciding_bosses_done(d);
    deciding_bosses_init(d);
}

void deciding_remember(struct deciding *d, bool remembers) {
    forget(d);
    d->ahead = NULL;
    d->remembers = remembers;
}

enum rc_code deciding_recall(struct deciding *d, struct rc_error *err) {
    bool wrote = true;
    d->ahead = NULL;
    enum rc_code rc = db_others_wrote(d->st->db, &wrote, err);
    if (rc != RC_OK || wrote || d->bosses.n > BOSSES_MOST)
        forget(d);
    return rc;
}

void deciding_account_written(struct deciding *d, int64_t user_id) {
    d->ahead = NULL; /* it may show something else to anybody */
    struct deciding_boss *b = map_find(&d->bosses_by_id, (const char *)&user_id, sizeof user_id);
    if (b != NULL)
        b->is_looked_at = false;
}

/* Keys longer than that are read each time. */
static size_t key_of(int64_t integration_id, struct text id, char ret[KEY_BYTES]) {
    if (id.len > KEY_BYTES - sizeof integration_id)
        return 0;
    memcpy(ret, &integration_id, sizeof integration_id);
    memcpy(ret + sizeof integration_id, id.ptr, id.len);
    return sizeof integration_id + id.len;
}

enum rc_code deciding_boss_find(struct deciding *d, int64_t integration_id, struct text key,
                                struct arena *a, struct deciding_boss **ret, struct rc_error *err) {
    char bytes[KEY_BYTES];
    size_t len = d->remembers ? key_of(integration_id, key, bytes) : 0;
    struct arena *in = len > 0 ? &d->bosses_are : a;
    if (len > 0 && (*ret = map_find(&d->bosses, bytes, len)) != NULL)
        return RC_OK;
    struct deciding_boss *b = ARENA_NEW(in, struct deciding_boss, 1);
    enum rc_code rc = directory_manager(d->st, d->company->company_id, integration_id, key, in,
                                        &b->user_id, &b->up, err);
    if (rc != RC_OK)
        return rc;
    if (len > 0) {
        map_set(&d->bosses, bytes, len, b);
        map_set(&d->bosses_by_id, (const char *)&b->user_id, sizeof b->user_id, b);
    }
    *ret = b;
    return RC_OK;
}

/* ---- what is asked of a manager ---- */

/* Without these nobody gets an account, and who waits for one would wait in vain. */
static bool has_no_hope(const struct deciding_person *boss) {
    const uint64_t needed = (uint64_t)1 << PROBLEM_NO_EMAIL | (uint64_t)1 << PROBLEM_BAD_EMAIL |
                            (uint64_t)1 << PROBLEM_NO_FIRST_NAME |
                            (uint64_t)1 << PROBLEM_NO_LAST_NAME |
                            (uint64_t)1 << PROBLEM_FILTER_UNKNOWN;
    return (boss->row.problems & needed) != 0 || deciding_is_excluded(boss);
}

/* Who works, and whose account is deactivated: whether the next decision about them opens it, by us, by a setting or by
 * the word of a person. */
static bool is_opened_again(const struct deciding *d, const struct deciding_person *boss,
                            const struct account *is) {
    const struct policy *p = &d->policy;
    if (is->status != ACCOUNT_DEACTIVATED || deciding_is_excluded(boss))
        return false;
    if (account_is_approved(is, ACCOUNT_APPROVAL_REOPEN, is->remote_id))
        return true;
    return is->left_as == ACCOUNT_DEACTIVATED
               ? p->reactivates
               : p->reactivates_by_hand && is->sticky != ACCOUNT_STAYS_CLOSED &&
                     policy_protects(p, is) == NULL;
}

/* Reads once what deciding_manager_ref() asks of a manager. */
static enum rc_code look_at_boss(struct deciding *d, struct deciding_boss *b, struct arena *a,
                                 struct rc_error *err) {
    struct deciding_person person;
    struct account_row row = { 0 };
    bool has = false;
    if (b->is_looked_at)
        return RC_OK;
    enum rc_code rc = deciding_person(d, b->user_id, a, &person, err);
    b->is_there = rc == RC_OK;
    if (rc == RC_OK)
        rc = deciding_account_there(d, b->user_id, a, &row, &has, err);
    else if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    if (rc != RC_OK)
        return rc;
    if (b->is_there) {
        b->is_gone =
            lifecycle_is_gone(has ? deciding_counts_as(&person, &row.is) : person.lifecycle);
        b->is_hopeless = has_no_hope(&person);
        b->has_account = has;
        b->is_open = has && row.is.tie == ACCOUNT_LINKED && row.is.status == ACCOUNT_ACTIVE &&
                     !decide_may_be_anothers(&row.is, &person.user, person.external_id);
        b->is_closed = has && row.is.status != ACCOUNT_ACTIVE && row.is.status != ACCOUNT_UNKNOWN;
        b->reopens = has && is_opened_again(d, &person, &row.is);
        struct arena *in = d->remembers ? &d->bosses_are : a;
        b->remote_id = text_copy(in, row.is.remote_id);
        b->shows = text_copy(in, account_shows(&row.is.fields[USER_MANAGER]));
    }
    b->is_looked_at = true;
    return RC_OK;
}

/* Whether others may show them, and they others, by an account that is there or is going to be. One in a
 * state that is not known here counts. */
static bool may_be_shown(const struct deciding_boss *b) {
    bool comes = !b->is_gone && (b->has_account ? b->reopens : !b->is_hopeless);
    return b->is_there && ((b->has_account && !b->is_closed) || comes);
}

/* Who is managed by themselves, over however many steps. It is no circle on the platform where somebody
 * in it is shown by nobody there, which is read only of those in one that HR states. */
static enum rc_code is_managed_by(struct deciding *d, const struct deciding_person *p,
                                  const struct deciding_boss *boss, struct arena *a, bool *ret,
                                  struct rc_error *err) {
    struct deciding_boss *above[MANAGERS_UP];
    struct text up = boss->up;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    *ret = false;
    for (; n < MANAGERS_UP && up.state == TEXT_SET && !*ret; n++) {
        if ((rc = deciding_boss_find(d, p->row.integration_id, up, a, &above[n], err)) != RC_OK)
            return rc;
        *ret = above[n]->user_id == p->row.user_id;
        up = above[n]->up;
    }
    for (size_t i = 0; i + 1 < n && *ret; i++) { /* the last is p */
        struct deciding_boss *b = above[i];
        if ((rc = look_at_boss(d, b, a, err)) != RC_OK)
            return rc;
        *ret = may_be_shown(b) || (b->has_account && text_equal(boss->shows, b->remote_id));
        boss = b;
    }
    return RC_OK;
}

enum rc_code deciding_manager_ref(struct deciding *d, const struct deciding_person *p,
                                  const struct account *account, struct arena *a,
                                  struct deciding_answer *ret, struct rc_error *err) {
    struct text key = p->user.fields[USER_MANAGER];
    struct decide_ref *ref = &ret->refs.manager;
    struct deciding_boss *boss;
    bool cycle;
    enum rc_code rc;
    *ref = (struct decide_ref){ 0 };
    if (key.state != TEXT_SET)
        return RC_OK;
    if ((rc = deciding_boss_find(d, p->row.integration_id, key, a, &boss, err)) != RC_OK ||
        boss->user_id == 0)
        return rc;
    if (boss->user_id == p->row.user_id) {
        ref->state = DECIDE_REF_SELF;
        return RC_OK;
    }
    if ((rc = look_at_boss(d, boss, a, err)) != RC_OK || !boss->is_there)
        return rc;
    if (boss->is_gone) {
        ref->state = DECIDE_REF_CLOSED;
        return RC_OK;
    }
    /* What the account shows already need not be looked into. */
    if (!boss->is_open ||
        !text_equal(account_shows(&account->fields[USER_MANAGER]), boss->remote_id)) {
        if ((rc = is_managed_by(d, p, boss, a, &cycle, err)) != RC_OK)
            return rc;
        if (cycle) {
            ref->state = DECIDE_REF_CYCLE;
            return RC_OK;
        }
    }
    if (boss->is_open)
        *ref = (struct decide_ref){ DECIDE_REF_PRESENT, text_copy(a, boss->remote_id) };
    else if ((boss->has_account && !boss->reopens) || boss->is_hopeless)
        ref->state = DECIDE_REF_UNAVAILABLE;
    else {
        ref->state = DECIDE_REF_AWAITED;
        ret->awaits_manager_id = boss->user_id;
    }
    return RC_OK;
}
