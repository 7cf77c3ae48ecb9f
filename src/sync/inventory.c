#include "sync/inventory.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "sync/stopping.h"

enum {
    LISTS = 3,
    LIES_MOST = 20, /* accounts that are there though a list lacks them: then it is not believed */
};

/* Negative control: without, a list is believed as it comes, and whoever it lacks is taken for deleted.
 * The system tests must then find victims. */
#ifdef ROLLCALL_WITHOUT_INVENTORY
enum { IS_PROVEN = 0 };
#else
enum { IS_PROVEN = 1 };
#endif

/* ---- whether it is complete ---- */

/* The ids of one pass as hashes: two different ids with one hash would make a complete list look
 * incomplete, never the other way round. */
struct tally {
    uint64_t *ids;
    size_t n, cap;
    int64_t declared; /* -1: not said */
    bool moved;       /* it said different numbers */
    bool any;
};

static uint64_t hash_of(struct text t) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < t.len; i++)
        h = (h ^ (unsigned char)t.ptr[i]) * UINT64_C(1099511628211);
    return h;
}

static int by_value(const void *x, const void *y) {
    uint64_t a, b;
    memcpy(&a, x, sizeof a);
    memcpy(&b, y, sizeof b);
    return a < b ? -1 : a > b;
}

static void tally_add(struct tally *t, struct text id) {
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 1024;
        t->ids = mem_realloc(t->ids, t->cap * sizeof *t->ids);
    }
    t->ids[t->n++] = hash_of(id);
}

static void tally_page(struct tally *t, const struct destination_page *page) {
    if (t->any && t->declared != page->declared_total)
        t->moved = true;
    t->declared = page->declared_total;
    t->any = true;
}

static int64_t tally_distinct(struct tally *t) {
    size_t distinct = 0;
    if (t->n > 0)
        qsort(t->ids, t->n, sizeof *t->ids, by_value);
    for (size_t i = 0; i < t->n; i++)
        if (distinct == 0 || t->ids[i] != t->ids[distinct - 1])
            t->ids[distinct++] = t->ids[i];
    t->n = distinct;
    return (int64_t)distinct;
}

/* False: the pass did not add up; the next one begins with nothing either way. */
static bool tally_ends(struct tally *t) {
    int64_t distinct = tally_distinct(t);
    bool good = !IS_PROVEN || (!t->moved && (t->declared < 0 || t->declared == distinct));
    if (!good)
        log_warn("inventory=incomplete declared=%lld distinct=%lld moved=%d",
                 (long long)t->declared, (long long)distinct, t->moved);
    t->n = 0;
    t->declared = -1;
    t->moved = t->any = false;
    return good;
}

static void tally_done(struct tally *t) {
    mem_free(t->ids);
}

static enum rc_code incomplete(struct rc_error *err, const char *what) {
    return rc_fail_as(
        err, RC_RETRY, "inventory.incomplete",
        "the platform's list of %s did not add up, %d times: nothing is believed to be "
        "missing there",
        what, LISTS);
}

/* ---- accounts ---- */

static enum rc_code write_page(const struct inventory *in, const struct destination_page *page,
                               struct account_seen *seen, struct inventory_result *ret,
                               struct rc_error *err) {
    int64_t fresh = 0, changed = 0;
    enum rc_code rc = db_begin(in->st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(in->st, in->lease, clock_now_us(in->clock), err)) != RC_OK ||
        (rc = account_show(in->st, in->platform->company_id, in->platform->destination_id,
                           in->run_id, in->platform->prefix, page->accounts, page->accounts_n, seen,
                           &fresh, &changed, err)) != RC_OK) {
        db_rollback(in->st->db);
        return rc;
    }
    ret->fresh += fresh;
    ret->changed += changed;
    return db_commit(in->st->db, err);
}

static enum rc_code list_accounts(const struct inventory *in, struct account_seen *seen,
                                  struct inventory_result *ret, bool *ret_complete,
                                  struct rc_error *err) {
    struct tally t = { .declared = -1 };
    struct destination_page page = { 0 };
    struct arena a;
    unsigned pass = 0;
    bool complete = true;
    enum rc_code rc = in->lane->destination->ops->list_begin(in->lane, DESTINATION_ACCOUNTS, err);
    arena_init(&a);
    while (rc == RC_OK && !page.ends) {
        arena_reset(&a);
        page = (struct destination_page){ 0 };
        if ((rc = stopping_asked(in->clock, err)) == RC_OK)
            rc = in->lane->destination->ops->list_next(in->lane, &a, &page, err);
        if (rc != RC_OK)
            break;
        if (page.pass != pass) {
            complete = tally_ends(&t) && complete;
            pass = page.pass;
        }
        tally_page(&t, &page);
        for (size_t i = 0; i < page.accounts_n; i++)
            tally_add(&t, page.accounts[i].remote_id);
        ret->accounts += (int64_t)page.accounts_n;
        if (in->progress != NULL)
            *in->progress += (int64_t)page.accounts_n;
        if (page.accounts_n > 0)
            rc = write_page(in, &page, seen, ret, err);
    }
    *ret_complete = tally_ends(&t) && complete && rc == RC_OK;
    tally_done(&t);
    arena_done(&a);
    return rc;
}

/* ---- what it did not show ---- */

/* One that the list lacks is asked for by its id. What the platform then shows is written down, and
 * the list lied. */
static enum rc_code look_up(const struct inventory *in, const struct account_unseen *lacks,
                            struct account_seen *seen, struct inventory_result *ret,
                            int64_t *ret_lies, struct rc_error *err) {
    struct arena a;
    struct account there;
    struct destination_page page = { .accounts = &there, .accounts_n = 1 };
    arena_init(&a);
    enum rc_code rc = in->lane->destination->ops->find(in->lane, DESTINATION_BY_ID,
                                                       lacks->remote_id, &a, &there, err);
    if (rc == RC_OK && !text_equal(there.remote_id, lacks->remote_id))
        rc = rc_fail_as(err, RC_INVALID, "destination.answer",
                        "asked for account %.*s, the platform shows another one",
                        TEXT_ARG(lacks->remote_id));
    bool is_there = destination_is_kept(rc, err); /* what is known of it stays */
    if (is_there)
        account_seen_add(seen, lacks->account_id);
    if (rc == RC_OK)
        is_there = (rc = write_page(in, &page, seen, ret, err)) == RC_OK;
    *ret_lies += is_there;
    arena_done(&a);
    return rc == RC_NOT_FOUND || is_there ? RC_OK : rc;
}

/* An account is believed to be deleted once its list was complete, lacked it, and the platform says of
 * its id that there is none. *ret_believed false: too many are there for this to be a list. */
static enum rc_code look_up_missing(const struct inventory *in, struct account_seen *seen,
                                    struct inventory_result *ret, bool *ret_believed,
                                    struct rc_error *err) {
    struct arena a;
    struct account_unseen *lacks;
    size_t n;
    int64_t after = 0, lies = 0;
    bool more = IS_PROVEN;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    while (rc == RC_OK && more && lies < LIES_MOST) {
        arena_reset(&a);
        rc = account_unseen(in->st, in->platform->company_id, in->platform->destination_id, seen,
                            &after, &a, &lacks, &n, &more, err);
        for (size_t i = 0; rc == RC_OK && i < n && lies < LIES_MOST; i++)
            if ((rc = stopping_asked(in->clock, err)) == RC_OK)
                rc = look_up(in, &lacks[i], seen, ret, &lies, err);
    }
    arena_done(&a);
    *ret_believed = lies < LIES_MOST;
    if (lies > 0)
        log_warn("inventory=%s shown=%zu lacked_but_there=%lld",
                 *ret_believed ? "lacking" : "incomplete", seen->n, (long long)lies);
    return rc;
}

/* One dated in the future has seen nobody knows what. */
static int64_t listed_before(const struct inventory *in) {
    int64_t listed_us = in->platform->listed_us;
    return listed_us > clock_now_us(in->clock) ? 0 : listed_us;
}

static enum rc_code end_accounts(const struct inventory *in, int64_t began_us,
                                 struct account_seen *seen, struct inventory_result *ret,
                                 struct rc_error *err) {
    enum rc_code rc = db_begin(in->st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(in->st, in->lease, clock_now_us(in->clock), err)) == RC_OK &&
        (rc = account_end_show(in->st, in->platform->company_id, in->platform->destination_id,
                               in->run_id, seen, &ret->deleted, err)) == RC_OK &&
        (rc = inventory_take_unheard(in, listed_before(in), err)) == RC_OK &&
        (rc = platform_listed(in->st, in->platform->company_id, in->platform->destination_id,
                              in->settings, began_us, err)) == RC_OK)
        return db_commit(in->st->db, err);
    db_rollback(in->st->db);
    return rc;
}

static enum rc_code read_accounts(const struct inventory *in, struct account_seen *seen,
                                  struct inventory_result *ret, struct rc_error *err) {
    for (int i = 0; i < LISTS; i++) {
        bool complete = false, believed = true;
        int64_t began_us = clock_now_us(in->clock);
        *ret = (struct inventory_result){ 0 };
        if (in->progress != NULL)
            *in->progress = 0;
        enum rc_code rc = list_accounts(in, seen, ret, &complete, err);
        if (rc == RC_OK && complete)
            rc = look_up_missing(in, seen, ret, &believed, err);
        if (rc != RC_OK)
            return rc;
        if (complete && believed)
            return end_accounts(in, began_us, seen, ret, err);
    }
    return incomplete(err, "accounts");
}

enum rc_code inventory_accounts(const struct inventory *in, struct inventory_result *ret,
                                struct rc_error *err) {
    struct account_seen seen = { 0 }; /* by any of the lists: what one brought is there */
    enum rc_code rc = inventory_is_same(in, err);
    if (rc == RC_OK)
        rc = read_accounts(in, &seen, ret, err);
    account_seen_done(&seen);
    return rc;
}

/* ---- teams ---- */

struct team_list {
    struct destination_team *list;
    size_t n, cap;
};

static enum rc_code list_teams(const struct inventory *in, struct arena *a, struct team_list *ret,
                               bool *ret_complete, struct rc_error *err) {
    struct tally t = { .declared = -1 };
    struct destination_page page = { 0 };
    enum rc_code rc = in->lane->destination->ops->list_begin(in->lane, DESTINATION_TEAMS, err);
    ret->n = 0;
    while (rc == RC_OK && !page.ends) {
        page = (struct destination_page){ 0 };
        if ((rc = stopping_asked(in->clock, err)) != RC_OK ||
            (rc = in->lane->destination->ops->list_next(in->lane, a, &page, err)) != RC_OK)
            break;
        tally_page(&t, &page);
        for (size_t i = 0; i < page.teams_n; i++) {
            tally_add(&t, page.teams[i].remote_id);
            if (ret->n == ret->cap) {
                ret->cap = ret->cap ? 2 * ret->cap : 256;
                ret->list = mem_realloc(ret->list, ret->cap * sizeof *ret->list);
            }
            ret->list[ret->n++] = page.teams[i];
        }
    }
    *ret_complete = tally_ends(&t) && rc == RC_OK;
    tally_done(&t);
    return rc;
}

/* What has become of a linked team there. One that is gone need not show at the accounts that were in it: they are
 * decided about anew. */
static enum rc_code write_link(const struct inventory *in, struct team_row *row,
                               const struct destination_team *there, struct rc_error *err) {
    struct team_row now = *row;
    now.was_deleted = there == NULL;
    if (there != NULL) {
        now.remote_name = there->name;
        now.external_id = there->external_id;
        now.members_n = there->members_n;
        now.may_recreate = now.stays_deleted = false;
    }
    if (now.was_deleted == row->was_deleted && text_equal(now.remote_name, row->remote_name) &&
        text_equal(now.external_id, row->external_id) && now.members_n == row->members_n)
        return RC_OK;
    bool is_news = now.was_deleted != row->was_deleted;
    *row = now;
    enum rc_code rc =
        team_link_save(in->st, in->platform->company_id, in->platform->destination_id, row, err);
    if (rc != RC_OK || !is_news)
        return rc;
    return account_mark_all(in->st, in->platform->company_id, in->platform->destination_id, err);
}

/* Linked teams that the list lacks, as the accounts that it lacks: asked for by their ids. */
static enum rc_code look_up_teams(const struct inventory *in, struct map *there, struct arena *a,
                                  bool *ret_believed, struct rc_error *err) {
    const struct destination_ops *ops = in->lane->destination->ops;
    struct team_row *rows;
    size_t n = 0;
    int64_t lies = 0;
    enum rc_code rc = team_link_linked(in->st, in->platform->company_id,
                                       in->platform->destination_id, a, &rows, &n, err);
    for (size_t i = 0; rc == RC_OK && i < n && lies < LIES_MOST; i++) {
        const struct text id = rows[i].remote_id;
        if (rows[i].was_deleted || map_find(there, id.ptr, id.len) != NULL)
            continue;
        struct destination_team *found = ARENA_NEW(a, struct destination_team, 1);
        rc = ops->team_find(in->lane, id, a, found, err);
        if (rc == RC_OK) {
            map_set(there, id.ptr, id.len, found);
            lies++;
        } else if (rc == RC_NOT_FOUND)
            rc = RC_OK;
    }
    *ret_believed = lies < LIES_MOST;
    if (lies > 0)
        log_warn("inventory=%s teams_lacked_but_there=%lld",
                 *ret_believed ? "lacking" : "incomplete", (long long)lies);
    return rc;
}

static enum rc_code write_links(const struct inventory *in, const struct map *there,
                                struct arena *a, struct map *linked, struct rc_error *err) {
    struct team_row *rows;
    size_t n;
    enum rc_code rc = db_begin(in->st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(in->st, in->lease, clock_now_us(in->clock), err)) == RC_OK)
        rc = team_link_linked(in->st, in->platform->company_id, in->platform->destination_id, a,
                              &rows, &n, err);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        map_set(linked, rows[i].remote_id.ptr, rows[i].remote_id.len, &rows[i]);
        rc = write_link(in, &rows[i], map_find(there, rows[i].remote_id.ptr, rows[i].remote_id.len),
                        err);
    }
    if (rc == RC_OK)
        return db_commit(in->st->db, err);
    db_rollback(in->st->db);
    return rc;
}

/* The teams of a list that is believed, by their ids. */
static enum rc_code read_teams(const struct inventory *in, struct team_list *teams,
                               struct map *there, struct arena *a, struct rc_error *err) {
    for (int i = 0; i < LISTS; i++) {
        bool complete = false, believed = true;
        enum rc_code rc = list_teams(in, a, teams, &complete, err);
        map_done(there);
        map_init(there);
        for (size_t k = 0; rc == RC_OK && k < teams->n; k++)
            map_set(there, teams->list[k].remote_id.ptr, teams->list[k].remote_id.len,
                    &teams->list[k]);
        if (rc == RC_OK && complete)
            rc = look_up_teams(in, there, a, &believed, err);
        if (rc != RC_OK || (complete && believed))
            return rc;
    }
    return incomplete(err, "teams");
}

enum rc_code inventory_teams(const struct inventory *in, struct arena *a,
                             struct deciding_foreign **ret_foreign, size_t *ret_n,
                             struct rc_error *err) {
    struct team_list teams = { 0 };
    struct map there, linked;
    map_init(&there);
    map_init(&linked);
    enum rc_code rc = read_teams(in, &teams, &there, a, err);
    if (rc == RC_OK && (rc = write_links(in, &there, a, &linked, err)) == RC_OK) {
        *ret_foreign = ARENA_NEW(a, struct deciding_foreign, there.n + 1);
        *ret_n = 0;
        for (size_t i = 0; i < there.n; i++) {
            const struct destination_team *t = there.entries[i].value;
            if (map_find(&linked, t->remote_id.ptr, t->remote_id.len) == NULL)
                (*ret_foreign)[(*ret_n)++] =
                    (struct deciding_foreign){ t->remote_id, t->external_id, t->name,
                                               t->members_n };
        }
    }
    map_done(&there);
    map_done(&linked);
    mem_free(teams.list);
    return rc;
}
