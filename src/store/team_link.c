#include "store/team_link.h"

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

static enum rc_code word_parse(struct text t, enum team_word *ret, struct rc_error *err) {
    *ret = TEAM_WORD_NONE;
    if (t.state == TEXT_MISSING)
        return RC_OK;
    for (int i = TEAM_WORD_NONE + 1; i < TEAM_WORDS_N; i++)
        if (text_is(t, team_word_name((enum team_word)i))) {
            *ret = (enum team_word)i;
            return RC_OK;
        }
    return rc_fail(err, RC_FATAL, "something is said about a team that nobody can say");
}

/* ---- teams there that have the name ---- */

struct text team_candidates_write(const struct team_candidate *list, size_t n, struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 20);
    json_begin(&w, &b);
    json_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        json_object(&w, NULL);
        json_put_text(&w, "id", list[i].id);
        if (list[i].external_id.state == TEXT_SET)
            json_put_text(&w, "external_id", list[i].external_id);
        if (list[i].members_n >= 0)
            json_put_int(&w, "members", list[i].members_n);
        json_object_end(&w);
    }
    json_array_end(&w);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

enum rc_code team_candidates_read(struct text t, struct arena *a, struct team_candidate **ret,
                                  size_t *ret_n, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(PERSON_BYTES);
    json doc, key, v;
    *ret = ARENA_NEW(a, struct team_candidate, TEAM_CANDIDATES);
    *ret_n = 0;
    if (t.state != TEXT_SET)
        return RC_OK;
    enum rc_code rc = json_parse_copy(r, t.ptr, t.len, &doc, err);
    if (rc != RC_OK || json_type(doc) != JSON_ARRAY)
        return rc_fail(err, RC_FATAL, "what was found of a team is damaged");
    for (struct json_iter it = json_iter(doc);
         *ret_n < TEAM_CANDIDATES && json_next(&it, &key, &v);) {
        struct team_candidate *c = &(*ret)[*ret_n];
        if (json_text(v, "id", "candidate", &c->id, err) != RC_OK ||
            json_text(v, "external_id", "candidate", &c->external_id, err) != RC_OK)
            return rc_fail(err, RC_FATAL, "what was found of a team is damaged");
        c->id = text_copy(a, c->id);
        c->external_id = text_copy(a, c->external_id);
        if (!json_int(json_get(v, "members"), &c->members_n))
            c->members_n = -1;
        ++*ret_n;
    }
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
                    db_int(row, 15) != 0, store_text(a, row, 16), store_text(a, row, 17) },
        .chosen_id = store_text(a, row, 19),
        .refused = { store_text(a, row, 20), store_text(a, row, 21), store_text(a, row, 22) },
    };
    enum rc_code rc = word_parse(db_text(row, 18), &ret->word, err);
    return rc == RC_OK ? origin_parse(db_text(row, 6), &ret->origin, err) : rc;
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

#define LINK   "l.remote_id, l.origin, l.external_id, l.name, l.members, l.deleted, l.recreate"
#define SAID   ", s.word, s.chosen_id, s.refused_name, s.refused_id, s.refused_said"
#define SOUGHT ", q.name, q.found, q.one_id, q.is_foreign, q.candidates, q.missed_id" SAID
#define UNSOUGHT                                                                                   \
    ", NULL AS sought, NULL AS found, NULL AS one_id, NULL AS is_foreign, NULL AS candidates,"     \
    " NULL AS missed_id, NULL AS word, NULL AS chosen_id, NULL AS refused_name,"                   \
    " NULL AS refused_id, NULL AS refused_said"
#define NAMESAKE                                                                                   \
    " team_namesake AS q ON q.company_id = t.company_id AND q.destination_id = $2"                 \
    " AND q.team_id = t.team_id"
#define WORD                                                                                       \
    " LEFT JOIN team_word AS s ON s.company_id = t.company_id AND s.destination_id = $2"           \
    " AND s.team_id = t.team_id"
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
        "SELECT t.team_id, t.integration_id, t.key, t.name, w.team, " LINK SOUGHT FED
        " LEFT JOIN (SELECT DISTINCT integration_id, team FROM \"user\" WHERE company_id = $1"
        "  AND team IS NOT NULL AND has_left = 0) AS w ON w.integration_id = t.integration_id AND w.team = t.key"
        " LEFT JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id LEFT JOIN" NAMESAKE WORD
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
        " LEFT JOIN" NAMESAKE " AND q.name = t.name" WORD
        " LEFT JOIN team_link AS l ON l.company_id = t.company_id AND l.destination_id = $2"
        "  AND l.team_id = t.team_id WHERE t.company_id = $1"
        " AND (q.team_id IS NOT NULL OR s.team_id IS NOT NULL) ORDER BY t.team_id";
    return list_stated(st, sql, company_id, destination_id, a, ret, ret_n, err);
}
#undef FED
#undef NAMESAKE
#undef WORD
#undef SAID
#undef UNSOUGHT
#undef SOUGHT
#undef LINK

enum rc_code team_link_sought(struct store *st, int64_t company_id, int64_t destination_id,
                              int64_t team_id, const struct team_sought *t, struct rc_error *err) {
    static const char drop[] =
        "DELETE FROM team_namesake WHERE company_id = $1 AND destination_id = $2 AND team_id = $3";
    static const char save[] =
        "INSERT INTO team_namesake (company_id, destination_id, team_id, name, found, one_id,"
        " is_foreign, candidates, missed_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (company_id, destination_id, team_id) DO UPDATE SET name = excluded.name,"
        " found = excluded.found, one_id = excluded.one_id, is_foreign = excluded.is_foreign,"
        " candidates = excluded.candidates, missed_id = excluded.missed_id";
    if (t->name.state != TEXT_SET)
        return store_run(st, NULL, err, drop, "iii", company_id, destination_id, team_id);
    return store_run(st, NULL, err, save, "iiitititt", company_id, destination_id, team_id, t->name,
                     t->found, t->id, (int64_t)t->is_foreign, t->candidates, t->missed_id);
}

enum rc_code team_link_word(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct team_row *t, struct rc_error *err) {
    static const char drop[] =
        "DELETE FROM team_word WHERE company_id = $1 AND destination_id = $2 AND team_id = $3";
    static const char save[] =
        "INSERT INTO team_word (company_id, destination_id, team_id, word, chosen_id, refused_name,"
        " refused_id, refused_said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (company_id, destination_id, team_id) DO UPDATE SET word = excluded.word,"
        " chosen_id = excluded.chosen_id, refused_name = excluded.refused_name,"
        " refused_id = excluded.refused_id, refused_said = excluded.refused_said";
    if (t->word == TEAM_WORD_NONE && t->refused.name.state != TEXT_SET)
        return store_run(st, NULL, err, drop, "iii", company_id, destination_id, t->team_id);
    return store_run(st, NULL, err, save, "iiittttt", company_id, destination_id, t->team_id,
                     text_of(team_word_name(t->word)), t->chosen_id, t->refused.name, t->refused.id,
                     t->refused.said);
}

enum rc_code team_link_retry(struct store *st, int64_t company_id, int64_t destination_id,
                             struct rc_error *err) {
    static const char drop[] =
        "DELETE FROM team_word WHERE company_id = $1 AND destination_id = $2 AND word IS NULL";
    static const char clear[] =
        "UPDATE team_word SET refused_name = NULL, refused_id = NULL, refused_said = NULL"
        " WHERE company_id = $1 AND destination_id = $2 AND refused_name IS NOT NULL";
    enum rc_code rc = store_run(st, NULL, err, drop, "ii", company_id, destination_id);
    return rc != RC_OK ? rc : store_run(st, NULL, err, clear, "ii", company_id, destination_id);
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
