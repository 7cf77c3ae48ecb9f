/* Teams of the directory on a platform (store/account.h). */
#include "store/account.h"

#include <stdio.h>
#include "base/cleanup.h"
#include "base/map.h"
#include "json/json.h"
#include "people/stored.h"

enum { PEOPLE_AT_ONCE = 2000, PERSON_BYTES = 1 << 20, KEY_BYTES = USER_TEAM_KEY_BYTES + 32 };

static enum rc_code origin_parse(struct text t, enum team_origin *ret, struct rc_error *err) {
    if (t.state == TEXT_MISSING)
        *ret = TEAM_NOT_LINKED;
    else if (text_is(t, "ours"))
        *ret = TEAM_OURS;
    else if (text_is(t, "adopted"))
        *ret = TEAM_ADOPTED;
    else
        return rc_fail(err, RC_FATAL, "a team is linked in a way that there is not");
    return RC_OK;
}

/* ---- who is in a team beside their own ---- */

static const char *name_in(int64_t integration_id, struct text key, char ret[KEY_BYTES],
                           size_t *ret_len) {
    int n = snprintf(ret, KEY_BYTES, "%lld/%.*s", (long long)integration_id, TEXT_ARG(key));
    *ret_len = n < KEY_BYTES ? (size_t)n : KEY_BYTES - 1;
    return ret;
}

static enum rc_code note_secondary(struct json_reader *r, int64_t integration_id, struct text own,
                                   struct text person, struct arena *a, struct map *ret,
                                   struct rc_error *err) {
    char name[KEY_BYTES];
    struct text teams, key;
    size_t cursor = 0, len;
    json doc;
    if (json_parse_copy(r, person.ptr, person.len, &doc, err) != RC_OK ||
        json_text(doc, user_field_name(USER_SECONDARY_TEAMS), "stored user", &teams, err) != RC_OK)
        return rc_fail(err, RC_FATAL, "a stored user is damaged");
    while (user_teams_next(teams, &cursor, &key)) {
        if (text_equal(key, own))
            continue;
        name_in(integration_id, key, name, &len);
        int64_t *n = map_find(ret, name, len);
        if (n == NULL)
            map_set(ret, name, len, n = ARENA_NEW(a, int64_t, 1));
        ++*n;
    }
    return RC_OK;
}

/* Secondary teams have no column: everybody is read who may have some. ret: for how many (int64_t) each is stated
 * so. */
static enum rc_code find_secondary(struct store *st, int64_t company_id, int64_t destination_id,
                                   struct arena *a, struct map *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT u.user_id, u.integration_id, v.person, u.team FROM \"user\" AS u JOIN version AS v"
        " ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id"
        " WHERE u.company_id = $1 AND u.integration_id IN (SELECT integration_id FROM feed"
        "  WHERE company_id = $1 AND destination_id = $2) AND u.user_id > $3 AND u.has_left = 0"
        " AND v.person LIKE '%\"secondary\\_teams\":\"%' ESCAPE '\\' ORDER BY u.user_id LIMIT $4";
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(PERSON_BYTES);
    struct db_statement *rows;
    int64_t after = 0;
    size_t read;
    bool row;
    enum rc_code rc;
    do {
        read = 0;
        rc = store_query(st, &rows, err, sql, "iiii", company_id, destination_id, after,
                         (int64_t)PEOPLE_AT_ONCE);
        while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row) {
            read++;
            after = db_int(rows, 0);
            rc =
                note_secondary(r, db_int(rows, 1), db_text(rows, 3), db_text(rows, 2), a, ret, err);
        }
        if (rc == RC_OK)
            db_reset(rows);
    } while (rc == RC_OK && read == PEOPLE_AT_ONCE);
    return rc;
}

/* ---- the list ---- */

static enum rc_code team_read(const struct db_statement *row, struct arena *a, struct team_row *ret,
                              struct rc_error *err) {
    *ret = (struct team_row){
        .team_id = db_int(row, 0),
        .integration_id = db_int(row, 1),
        .key = store_text(a, row, 2),
        .name = store_text(a, row, 3),
        .is_stated = !db_is_null(row, 4),
        .remote_id = store_text(a, row, 5),
        .external_id = store_text(a, row, 7),
        .remote_name = store_text(a, row, 8),
        .members_n = db_is_null(row, 9) ? -1 : db_int(row, 9),
        .was_deleted = db_int(row, 10) != 0,
        .may_recreate = db_int(row, 11) == 1,
        .stays_deleted = db_int(row, 11) == 2,
        .sought = { store_text(a, row, 12), db_int(row, 13), store_text(a, row, 14),
                    db_int(row, 15) != 0 },
    };
    return origin_parse(db_text(row, 6), &ret->origin, err);
}

static enum rc_code state_secondary(struct store *st, int64_t company_id, int64_t destination_id,
                                    struct arena *a, struct team_row *list, size_t n,
                                    struct rc_error *err) {
    struct map stated;
    char name[KEY_BYTES];
    size_t len, in_doubt = 0;
    enum rc_code rc;
    for (size_t i = 0; i < n; i++)
        in_doubt += !list[i].is_stated;
    if (in_doubt == 0)
        return RC_OK;
    map_init(&stated);
    rc = find_secondary(st, company_id, destination_id, a, &stated, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        name_in(list[i].integration_id, list[i].key, name, &len);
        list[i].is_stated = list[i].is_stated || map_find(&stated, name, len) != NULL;
    }
    map_done(&stated);
    return rc;
}

#define LINK     "l.remote_id, l.origin, l.external_id, l.name, l.members, l.deleted, l.recreate"
#define SOUGHT   ", q.name, q.found, q.one_id, q.is_foreign"
#define UNSOUGHT ", NULL AS sought, NULL AS found, NULL AS one_id, NULL AS is_foreign"
#define NAMESAKE                                                                                   \
    " team_namesake AS q ON q.company_id = t.company_id AND q.destination_id = $2"                 \
    " AND q.team_id = t.team_id"
#define FED                                                                                        \
    " FROM team AS t JOIN feed AS f ON f.company_id = t.company_id"                                \
    " AND f.integration_id = t.integration_id AND f.destination_id = $2"

static enum rc_code read_list(struct store *st, const char *sql, int64_t company_id,
                              int64_t destination_id, struct arena *a, struct team_row **ret,
                              size_t *ret_n, struct rc_error *err) {
    static const char count[] = "SELECT COUNT(*)" FED " WHERE t.company_id = $1";
    struct db_statement *rows;
    int64_t total;
    bool row = false;
    enum rc_code rc = store_number(st, &total, err, count, "ii", company_id, destination_id);
    *ret_n = 0;
    if (rc != RC_OK ||
        (rc = store_query(st, &rows, err, sql, "ii", company_id, destination_id)) != RC_OK)
        return rc;
    *ret = ARENA_NEW(a, struct team_row, (size_t)total + 1);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && *ret_n < (size_t)total)
        if ((rc = team_read(rows, a, &(*ret)[(*ret_n)++], err)) != RC_OK)
            break;
    db_reset(rows);
    return rc;
}

enum rc_code team_link_list(struct store *st, int64_t company_id, int64_t destination_id,
                            struct arena *a, struct team_row **ret, size_t *ret_n,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT t.team_id, t.integration_id, t.key, t.name, s.team, " LINK SOUGHT FED
        " LEFT JOIN (SELECT DISTINCT integration_id, team FROM \"user\" WHERE company_id = $1"
        "  AND team IS NOT NULL AND has_left = 0) AS s ON s.integration_id = t.integration_id AND s.team = t.key"
        " LEFT JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id LEFT JOIN" NAMESAKE
        " WHERE t.company_id = $1 ORDER BY t.team_id";
    enum rc_code rc = read_list(st, sql, company_id, destination_id, a, ret, ret_n, err);
    return rc != RC_OK ? rc : state_secondary(st, company_id, destination_id, a, *ret, *ret_n, err);
}

enum rc_code team_link_linked(struct store *st, int64_t company_id, int64_t destination_id,
                              struct arena *a, struct team_row **ret, size_t *ret_n,
                              struct rc_error *err) {
    static const char sql[] =
        "SELECT t.team_id, t.integration_id, t.key, t.name, NULL AS stated, " LINK UNSOUGHT FED
        " JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id WHERE t.company_id = $1 ORDER BY t.team_id";
    return read_list(st, sql, company_id, destination_id, a, ret, ret_n, err);
}

static enum rc_code count_stated(struct store *st, int64_t company_id, struct team_lost *t,
                                 struct rc_error *err) {
    static const char sql[] = "SELECT COUNT(*) FROM \"user\" WHERE company_id = $1"
                              " AND integration_id = $2 AND team = $3 AND has_left = 0";
    return store_number(st, &t->people_n, err, sql, "iit", company_id, t->is.integration_id,
                        t->is.key);
}

/* Of a list of teams those that are stated, and for how many. */
static enum rc_code keep_stated(struct store *st, int64_t company_id, int64_t destination_id,
                                const struct team_row *rows, size_t n, struct arena *a,
                                struct team_lost **ret, size_t *ret_n, struct rc_error *err) {
    struct map stated;
    char name[KEY_BYTES];
    size_t len;
    *ret = ARENA_NEW(a, struct team_lost, n);
    map_init(&stated);
    enum rc_code rc = find_secondary(st, company_id, destination_id, a, &stated, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct team_lost t = { rows[i], 0 };
        rc = count_stated(st, company_id, &t, err);
        name_in(t.is.integration_id, t.is.key, name, &len);
        const int64_t *more = map_find(&stated, name, len);
        t.people_n += more != NULL ? *more : 0;
        if (t.people_n > 0)
            (*ret)[(*ret_n)++] = t;
    }
    map_done(&stated);
    return rc;
}

static enum rc_code list_stated(struct store *st, const char *sql, int64_t company_id,
                                int64_t destination_id, struct arena *a, struct team_lost **ret,
                                size_t *ret_n, struct rc_error *err) {
    struct team_row *rows;
    size_t n;
    enum rc_code rc = read_list(st, sql, company_id, destination_id, a, &rows, &n, err);
    *ret_n = 0;
    if (rc != RC_OK || n == 0)
        return rc;
    return keep_stated(st, company_id, destination_id, rows, n, a, ret, ret_n, err);
}

enum rc_code team_link_lost(struct store *st, int64_t company_id, int64_t destination_id,
                            struct arena *a, struct team_lost **ret, size_t *ret_n,
                            struct rc_error *err) {
    static const char sql[] =
        "SELECT t.team_id, t.integration_id, t.key, t.name, NULL AS stated, " LINK UNSOUGHT FED
        " JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id AND l.deleted = 1 AND l.recreate = 0"
        " WHERE t.company_id = $1 ORDER BY t.team_id";
    return list_stated(st, sql, company_id, destination_id, a, ret, ret_n, err);
}

enum rc_code team_link_waiting(struct store *st, int64_t company_id, int64_t destination_id,
                               struct arena *a, struct team_lost **ret, size_t *ret_n,
                               struct rc_error *err) {
    static const char sql[] =
        "SELECT t.team_id, t.integration_id, t.key, t.name, NULL AS stated, " LINK SOUGHT FED
        " JOIN" NAMESAKE " AND q.name = t.name"
        " LEFT JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id WHERE t.company_id = $1 ORDER BY t.team_id";
    return list_stated(st, sql, company_id, destination_id, a, ret, ret_n, err);
}
#undef FED
#undef NAMESAKE
#undef UNSOUGHT
#undef SOUGHT
#undef LINK

enum rc_code team_link_sought(struct store *st, int64_t company_id, int64_t destination_id,
                              int64_t team_id, const struct team_sought *t, struct rc_error *err) {
    static const char drop[] =
        "DELETE FROM team_namesake WHERE company_id = $1 AND destination_id = $2 AND team_id = $3";
    static const char save[] =
        "INSERT INTO team_namesake (company_id, destination_id, team_id, name, found, one_id,"
        " is_foreign) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (company_id, destination_id, team_id) DO UPDATE SET name = excluded.name,"
        " found = excluded.found, one_id = excluded.one_id, is_foreign = excluded.is_foreign";
    if (t->name.state != TEXT_SET)
        return store_run(st, NULL, err, drop, "iii", company_id, destination_id, team_id);
    return store_run(st, NULL, err, save, "iiititi", company_id, destination_id, team_id, t->name,
                     t->found, t->id, (int64_t)t->is_foreign);
}

enum rc_code team_link_save(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct team_row *t, struct rc_error *err) {
    static const char unlink[] =
        "DELETE FROM team_link WHERE company_id = $1 AND destination_id = $2 AND team_id = $3";
    static const char save[] =
        "INSERT INTO team_link (company_id, destination_id, team_id, remote_id, origin, external_id,"
        " name, members, deleted, recreate) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (company_id, destination_id, team_id) DO UPDATE SET"
        " remote_id = excluded.remote_id, origin = excluded.origin,"
        " external_id = excluded.external_id, name = excluded.name, members = excluded.members,"
        " deleted = excluded.deleted, recreate = excluded.recreate";
    if (t->remote_id.state != TEXT_SET || t->origin == TEAM_NOT_LINKED)
        return store_run(st, NULL, err, unlink, "iii", company_id, destination_id, t->team_id);
    return store_run(st, NULL, err, save, "iiitsttiii", company_id, destination_id, t->team_id,
                     t->remote_id, t->origin == TEAM_OURS ? "ours" : "adopted", t->external_id,
                     t->remote_name, t->members_n, (int64_t)t->was_deleted,
                     (int64_t)(t->may_recreate    ? 1
                               : t->stays_deleted ? 2
                                                  : 0));
}
