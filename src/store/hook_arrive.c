/* hook_arrive.c - what webhooks bring becomes rows.
 *
 * The rows lie by their digests, each in another page: 30 of them would be 370 KB of SQLite's log before anybody is
 * told that they are durable. So on SQLite they are appended to webhook_arrived, which has no index and
 * is made durable with a page or two, and become rows a moment later, some thousand at a time (hook_event_fold()).
 * Both are transactions of one file: what was appended is there until it has become rows, whatever happens. On
 * PostgreSQL they become rows at once. What is the same event, and what there is no room for, is one event with a
 * number before the database sees it. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "store/hook_event.h"

/* Events of one integration and digest. */
struct sum {
    const struct hook_event *first; /* in the order in which they came */
    int64_t first_us, last_us, times;
    size_t place; /* of the first one */
};

static int by_event(const void *a, const void *b) {
    const struct sum *x = a, *y = b;
    if (x->first->company_id != y->first->company_id)
        return x->first->company_id < y->first->company_id ? -1 : 1;
    if (x->first->integration_id != y->first->integration_id)
        return x->first->integration_id < y->first->integration_id ? -1 : 1;
    int order = strcmp(x->first->digest, y->first->digest);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static bool are_of_one(const struct sum *x, const struct sum *y) {
    return x->first->company_id == y->first->company_id &&
           x->first->integration_id == y->first->integration_id;
}

static void add_to(struct sum *to, const struct sum *s) {
    to->times += s->times;
    to->first_us = s->first_us < to->first_us ? s->first_us : to->first_us;
    to->last_us = s->last_us > to->last_us ? s->last_us : to->last_us;
}

/* Of what is the same; in place, ordered by integration. */
static size_t merge(struct sum *list, size_t n) {
    size_t sums_n = 0;
    qsort(list, n, sizeof *list, by_event);
    for (size_t i = 0; i < n; i++) {
        struct sum *last = sums_n > 0 ? &list[sums_n - 1] : NULL;
        if (last != NULL && are_of_one(last, &list[i]) &&
            strcmp(last->first->digest, list[i].first->digest) == 0)
            add_to(last, &list[i]);
        else
            list[sums_n++] = list[i];
    }
    return sums_n;
}

static struct sum *sums_of(const struct hook_event *const *events, size_t n, size_t *ret_n) {
    struct sum *list = mem_alloc((n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct sum){ events[i], events[i]->arrived_us, events[i]->arrived_us, 1, i };
    *ret_n = merge(list, n);
    return list;
}

/* Of one integration, from the first on. */
static size_t run_of(const struct sum *list, size_t n) {
    size_t run = 1;
    while (run < n && are_of_one(list, &list[run]))
        run++;
    return run;
}

/* ---- room ---- */

static struct hook_room *place_of(struct hook_rooms *rooms, const struct hook_event *e) {
    return &rooms->of[(uint64_t)(e->company_id ^ e->integration_id) % HOOK_ROOMS];
}

static bool is_of(const struct hook_room *r, const struct hook_event *e) {
    return r->company_id == e->company_id && r->integration_id == e->integration_id;
}

static enum rc_code room_of(struct store *st, const struct hook_event *e, struct hook_rooms *rooms,
                            struct hook_room **ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM webhook_event WHERE company_id = $1"
        " AND integration_id = $2 LIMIT $3) AS kept";
    struct hook_room *r = *ret = place_of(rooms, e);
    if (is_of(r, e) && r->groups_left > 0)
        return RC_OK;
    *r = (struct hook_room){ e->company_id, e->integration_id, 0, HOOK_ROOM_GROUPS };
    return store_number(st, &r->used_n, err, sql, "iii", e->company_id, e->integration_id,
                        (int64_t)HOOK_EVENTS_KEPT);
}

/* ---- rows ---- */

static const char rest_digest[] = "more";

/* *ret_is_new: there had been no row. Two plain statements: one that does both, and tells, costs SQLite a table
 * and a journal of its own each time, and takes four times as long. */
static enum rc_code add_one(struct store *st, const struct sum *s, bool is_rest, bool *ret_is_new,
                            struct rc_error *err) {
    static const char insert[] =
        "INSERT INTO webhook_event (company_id, integration_id, digest, name, source_id, occurred_at,"
        " arrived_at, last_at, times, state, wanted_at)"
        " VALUES ($1, $2, $3, $4, $5, NULLIF(CAST($6 AS BIGINT), 0), $7, $8, $9, 'new', 0)"
        " ON CONFLICT (company_id, integration_id, digest) DO NOTHING";
    static const char update[] =
        "UPDATE webhook_event SET times = times + $1, last_at = $2,"
        " arrived_at = CASE WHEN CAST($3 AS BIGINT) = 1 THEN $2 ELSE arrived_at END,"
        " tries = CASE WHEN CAST($3 AS BIGINT) = 1 THEN 0 ELSE tries END,"
        " run_id = CASE WHEN CAST($3 AS BIGINT) = 1 THEN NULL ELSE run_id END,"
        " state = CASE WHEN CAST($3 AS BIGINT) = 1 THEN 'new' ELSE state END"
        " WHERE company_id = $4 AND integration_id = $5 AND digest = $6";
    const struct hook_event *e = s->first;
    const char *digest = is_rest ? rest_digest : e->digest;
    int64_t inserted = 0, updated = 0, repeats = is_rest || e->repeats;
    enum rc_code rc = RC_OK;
    /* A row that another process takes away in between is made anew. */
    while (rc == RC_OK && inserted + updated == 0) {
        rc = store_run(st, &inserted, err, insert, "iisttiiii", e->company_id, e->integration_id,
                       digest, is_rest ? TEXT_NONE : e->name, is_rest ? TEXT_NONE : e->source_id,
                       e->occurred_us, repeats ? s->last_us : s->first_us, s->last_us, s->times);
        if (rc == RC_OK && inserted == 0)
            rc = store_run(st, &updated, err, update, "iiiiis", s->times, s->last_us, repeats,
                           e->company_id, e->integration_id, digest);
    }
    *ret_is_new = inserted > 0;
    return rc;
}

static void add_rest(struct sum *rest, const struct sum *s) {
    if (rest->first == NULL)
        *rest = *s;
    else
        add_to(rest, s);
}

/* Of one integration: as many as there is room for, and the rest as one. */
static enum rc_code add_some(struct store *st, const struct sum *list, size_t n,
                             struct hook_rooms *rooms, int64_t *known, struct rc_error *err) {
    struct hook_room *room;
    struct sum rest = { 0 };
    bool is_new = false;
    enum rc_code rc = room_of(st, list[0].first, rooms, &room, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (room->used_n >= HOOK_EVENTS_KEPT) {
            add_rest(&rest, &list[i]);
            continue;
        }
        rc = add_one(st, &list[i], false, &is_new, err);
        room->used_n += is_new;
        *known += list[i].times - is_new;
    }
    if (rc != RC_OK || rest.first == NULL)
        return rc;
    rc = add_one(st, &rest, true, &is_new, err);
    *known += rest.times - is_new;
    return rc;
}

/* In a transaction. */
static enum rc_code add_all(struct store *st, const struct sum *list, size_t n,
                            struct hook_rooms *rooms, int64_t *known, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < HOOK_ROOMS; i++)
        rooms->of[i].groups_left--;
    for (size_t i = 0, run; i < n && rc == RC_OK; i += run) {
        run = run_of(list + i, n - i);
        rc = add_some(st, list + i, run, rooms, known, err);
    }
    if (rc != RC_OK)
        *rooms = (struct hook_rooms){ 0 };
    return rc;
}

static enum rc_code add(struct store *st, const struct sum *list, size_t n,
                        struct hook_rooms *rooms, int64_t *known, struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc == RC_OK && (rc = add_all(st, list, n, rooms, known, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code hook_event_add(struct store *st, const struct hook_event *const *events, size_t n,
                            int64_t *ret_known, struct rc_error *err) {
    struct hook_rooms rooms = { 0 };
    int64_t known = 0;
    size_t sums_n;
    struct sum *list = sums_of(events, n, &sums_n);
    enum rc_code rc = add(st, list, sums_n, &rooms, &known, err);
    mem_free(list);
    if (rc == RC_OK && ret_known != NULL)
        *ret_known = known;
    return rc;
}

/* ---- appended first ---- */

static bool appends(const struct store *st) {
    return strcmp(db_kind(st->db), "sqlite") == 0;
}

static enum rc_code append_one(struct db_append *ap, const struct sum *s, bool is_rest,
                               struct rc_error *err) {
    const struct hook_event *e = s->first;
    const char *digest = is_rest ? rest_digest : e->digest;
    db_append_int(ap, e->company_id);
    db_append_int(ap, e->integration_id);
    db_append_text(ap, digest, strlen(digest));
    db_append_int(ap, is_rest || e->repeats);
    db_append_value(ap, is_rest ? TEXT_NONE : e->name);
    db_append_value(ap, is_rest ? TEXT_NONE : e->source_id);
    db_append_int(ap, e->occurred_us);
    db_append_int(ap, s->first_us);
    db_append_int(ap, s->last_us);
    db_append_int(ap, s->times);
    return db_append_row(ap, err);
}

/* Where it was full a moment ago, it is the rest at once. */
static enum rc_code append_some(struct db_append *ap, const struct sum *list, size_t n,
                                struct hook_rooms *rooms, int64_t *rows_n, struct rc_error *err) {
    const struct hook_room *room = place_of(rooms, list[0].first);
    bool is_full = is_of(room, list[0].first) && room->used_n >= HOOK_EVENTS_KEPT;
    struct sum rest = { 0 };
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (is_full) {
            add_rest(&rest, &list[i]);
            continue;
        }
        rc = append_one(ap, &list[i], false, err);
        ++*rows_n;
    }
    if (rc != RC_OK || rest.first == NULL)
        return rc;
    ++*rows_n;
    return append_one(ap, &rest, true, err);
}

/* In a transaction. */
static enum rc_code append_all(struct store *st, const struct sum *list, size_t n,
                               struct hook_rooms *rooms, int64_t *rows_n, struct rc_error *err) {
    static const char *const columns[] = { "company_id",  "integration_id", "digest",
                                           "repeats",     "name",           "source_id",
                                           "occurred_at", "first_at",       "last_at",
                                           "times" };
    struct db_append *ap;
    enum rc_code rc = db_append_open(st->db, "webhook_arrived", columns, "iitittiiii", &ap, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0, run; i < n && rc == RC_OK; i += run) {
        run = run_of(list + i, n - i);
        rc = append_some(ap, list + i, run, rooms, rows_n, err);
    }
    return db_append_end(ap, rc, err);
}

static enum rc_code append(struct store *st, const struct sum *list, size_t n,
                           struct hook_rooms *rooms, int64_t *rows_n, struct rc_error *err) {
    enum rc_code rc = db_begin(st->db, err);
    if (rc == RC_OK && (rc = append_all(st, list, n, rooms, rows_n, err)) == RC_OK)
        return db_commit(st->db, err);
    db_rollback(st->db);
    return rc;
}

enum rc_code hook_event_take(struct store *st, const struct hook_event *const *events, size_t n,
                             struct hook_rooms *rooms, int64_t *ret_rows, int64_t *ret_known,
                             struct rc_error *err) {
    int64_t known = 0, rows_n = 0;
    size_t sums_n;
    struct sum *list = sums_of(events, n, &sums_n);
    enum rc_code rc = appends(st) ? append(st, list, sums_n, rooms, &rows_n, err)
                                  : add(st, list, sums_n, rooms, &known, err);
    mem_free(list);
    if (rc != RC_OK)
        return rc;
    *ret_rows = rows_n;
    *ret_known = known;
    return RC_OK;
}

/* ---- and then rows ---- */

enum { FOLD_MOST = 8192 }; /* at a time */

static enum rc_code read_arrived(struct store *st, struct arena *a, struct sum *list, size_t *ret_n,
                                 int64_t *ret_last, struct rc_error *err) {
    static const char sql[] =
        "SELECT company_id, integration_id, digest, repeats, name, source_id, occurred_at, first_at,"
        " last_at, times, rowid FROM webhook_arrived ORDER BY rowid LIMIT 8192";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "");
    while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row && n < FOLD_MOST) {
        struct hook_event *e = arena_zalloc(a, sizeof *e);
        struct text digest = db_text(rows, 2);
        *e = (struct hook_event){ .company_id = db_int(rows, 0),
                                  .integration_id = db_int(rows, 1),
                                  .repeats = db_int(rows, 3) != 0,
                                  .name = store_text(a, rows, 4),
                                  .source_id = store_text(a, rows, 5),
                                  .occurred_us = db_int(rows, 6) };
        if (digest.len < sizeof e->digest)
            memcpy(e->digest, digest.ptr, digest.len);
        list[n] = (struct sum){ e, db_int(rows, 7), db_int(rows, 8), db_int(rows, 9), n };
        *ret_last = db_int(rows, 10);
        n++;
    }
    if (rc == RC_OK)
        db_reset(rows);
    *ret_n = n;
    return rc;
}

/* In a transaction. */
static enum rc_code fold_some(struct store *st, struct hook_rooms *rooms, int64_t *known,
                              size_t *ret_n, struct rc_error *err) {
    static const char sql[] = "DELETE FROM webhook_arrived WHERE rowid <= $1";
    struct sum *list = mem_alloc(FOLD_MOST * sizeof *list);
    struct arena a;
    int64_t last = 0;
    *ret_n = 0;
    arena_init(&a);
    enum rc_code rc = read_arrived(st, &a, list, ret_n, &last, err);
    if (rc == RC_OK && *ret_n > 0)
        rc = add_all(st, list, merge(list, *ret_n), rooms, known, err);
    if (rc == RC_OK && *ret_n > 0)
        rc = store_run(st, NULL, err, sql, "i", last);
    arena_done(&a);
    mem_free(list);
    return rc;
}

/* Looked at before anything is locked. */
static enum rc_code any_arrived(struct store *st, bool *ret, struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_arrived LIMIT 1) AS one";
    int64_t n = 0;
    enum rc_code rc = appends(st) ? store_number(st, &n, err, sql, "") : RC_OK;
    *ret = n > 0;
    return rc;
}

/* By whoever had to fold before looking: on another thread than the one that counts. */
static _Atomic int64_t known_aside;

int64_t hook_event_known_aside(void) {
    return atomic_exchange(&known_aside, 0);
}

enum rc_code hook_event_fold(struct store *st, struct hook_rooms *rooms, int64_t *ret_known,
                             struct rc_error *err) {
    struct hook_rooms none = { 0 };
    bool any = false;
    enum rc_code rc;
    if (ret_known != NULL)
        *ret_known = 0;
    while ((rc = any_arrived(st, &any, err)) == RC_OK && any) {
        bool mine = false;
        int64_t known = 0;
        size_t n = 0;
        if ((rc = store_join(st, &mine, err)) != RC_OK)
            return rc;
        rc = fold_some(st, rooms != NULL ? rooms : &none, &known, &n, err);
        if ((rc = store_leave(st, mine, rc, err)) != RC_OK)
            return rc;
        if (ret_known != NULL)
            *ret_known += known;
        else
            atomic_fetch_add(&known_aside, known);
    }
    return rc;
}

void hook_events_copy(struct store *st) {
    if (appends(st))
        (void)db_exec(st->db, "PRAGMA wal_checkpoint(PASSIVE)", NULL);
}
