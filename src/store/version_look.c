/* Looking at what a run has staged: how much of it there is, and what. */
#include "store/version.h"

#include <stdlib.h>
#include <string.h>
#include "people/stored.h"

enum rc_code version_waits(struct store *st, int64_t company_id, int64_t user_id, bool *ret,
                           struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM run AS r JOIN version AS v ON v.company_id = r.company_id AND v.run_id = r.run_id"
        " JOIN \"user\" AS u ON u.company_id = v.company_id AND u.user_id = v.user_id"
        " WHERE r.company_id = $1 AND r.state IN ('held', 'previewed') AND v.user_id = $2"
        " AND v.base_run_id = u.run_id";
    int64_t n;
    enum rc_code rc = store_number(st, &n, err, sql, "ii", company_id, user_id);
    *ret = rc == RC_OK && n > 0;
    return rc;
}

static int field_index(struct text field) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (text_is(field, user_field_name((enum user_field)f)))
            return f;
    return text_is(field, "lifecycle") ? USER_FIELDS_N : -1;
}

static int by_custom_name(const void *x, const void *y) {
    return strcmp(((const struct run_custom *)x)->name, ((const struct run_custom *)y)->name);
}

/* Of those who were there already: people by class, however many fields of it they change; rows by
 * field. */
static enum rc_code count_changes(struct store *st, int64_t company_id, int64_t run_id,
                                  struct arena *a, struct version_tally *ret,
                                  struct rc_error *err) {
    static const char sql[] =
        "SELECT class, '', COUNT(*) FROM (SELECT class FROM change WHERE company_id = $1 AND run_id = $2"
        "  AND field <> '*' GROUP BY user_id, class) AS people GROUP BY class"
        " UNION ALL SELECT '', field, COUNT(*) FROM change"
        "  WHERE company_id = $1 AND run_id = $2 AND field <> '*' GROUP BY field";
    enum { CUSTOM_MOST = 2 * USER_CUSTOM_MAX }; /* of two mappings */
    struct run_custom *custom = NULL;
    struct db_statement *rows;
    bool row = false;
    enum rc_code rc = store_query(st, &rows, err, sql, "ii", company_id, run_id);
    while (rc == RC_OK && (rc = db_step(rows, &row, err)) == RC_OK && row) {
        enum change_class c = change_class_parse(db_text(rows, 0));
        int f = field_index(db_text(rows, 1));
        int64_t n = db_int(rows, 2);
        for (; c < CHANGE_CLASSES_N; c = change_class_wider(c))
            ret->classes[c] += n;
        if (f >= 0) {
            ret->fields[f] += n;
        } else if (db_text(rows, 1).state == TEXT_SET && ret->custom_n < CUSTOM_MOST) {
            if (custom == NULL)
                ret->custom = custom = ARENA_NEW(a, struct run_custom, CUSTOM_MOST);
            custom[ret->custom_n++] = (struct run_custom){ store_text(a, rows, 1).ptr, n };
        }
    }
    if (ret->custom_n > 1)
        qsort(custom, ret->custom_n, sizeof *custom, by_custom_name);
    return rc;
}

enum rc_code version_count(struct store *st, int64_t company_id, int64_t run_id, bool with_presence,
                           struct arena *a, struct version_tally *ret, struct rc_error *err) {
    /* Who arrives apart: a first import has nothing else, and grouping would sort them all. */
    static const char arrivals[] =
        "SELECT COUNT(CASE WHEN field = '*' AND class = 'joins' THEN 1 END),"
        " COUNT(CASE WHEN field = '*' THEN 1 END), COUNT(*) FROM change WHERE company_id = $1 AND run_id = $2";
    static const char presences[] =
        "SELECT presence, COUNT(*) FROM version WHERE company_id = $1 AND run_id = $2"
        " AND presence <> 'listed' GROUP BY presence";
    struct db_statement *rows;
    bool row = false;
    memset(ret, 0, sizeof *ret);
    enum rc_code rc = store_row(st, &rows, &row, err, arrivals, "ii", company_id, run_id);
    if (rc != RC_OK)
        return rc;
    ret->classes[CHANGE_JOINS] = db_int(rows, 0);
    ret->classes[CHANGE_OTHER] = db_int(rows, 1) - db_int(rows, 0);
    bool has_others = db_int(rows, 2) > db_int(rows, 1);
    db_reset(rows);
    if (has_others && (rc = count_changes(st, company_id, run_id, a, ret, err)) != RC_OK)
        return rc;
    if (!with_presence ||
        (rc = store_query(st, &rows, err, presences, "ii", company_id, run_id)) != RC_OK)
        return rc;
    while ((rc = db_step(rows, &row, err)) == RC_OK && row)
        *(presence_parse(db_text(rows, 0)) == PRESENCE_GONE ? &ret->gone : &ret->absent) =
            db_int(rows, 1);
    return rc;
}

struct text version_name_of(struct json_reader *r, struct arena *a, struct text person) {
    struct user u;
    json doc;
    if (person.state != TEXT_SET ||
        json_parse_copy(r, person.ptr, person.len, &doc, NULL) != RC_OK ||
        stored_user_read(doc, a, &u, NULL) != RC_OK)
        return (struct text){ 0 };
    struct text first = u.fields[USER_FIRST_NAME], last = u.fields[USER_LAST_NAME];
    if (first.state != TEXT_SET || last.state != TEXT_SET)
        return text_copy(a, first.state == TEXT_SET ? first : last);
    return text_of(arena_printf(a, "%.*s %.*s", TEXT_ARG(first), TEXT_ARG(last)));
}

enum rc_code version_changes(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                             struct arena *a, struct version_change_row **ret, size_t *ret_n,
                             struct rc_error *err) {
    static const char sql[] =
        "SELECT c.user_id, v.source_id, v.person, c.field, c.old_value, c.new_value, c.rule, c.class"
        " FROM change AS c JOIN version AS v ON v.company_id = c.company_id AND v.run_id = c.run_id AND v.user_id = c.user_id"
        " WHERE c.company_id = $1 AND c.run_id = $2 ORDER BY CASE c.class WHEN 'unannounced' THEN 0 WHEN 'leavers' THEN 1"
        " WHEN 'joins' THEN 2 WHEN 'other' THEN 4 ELSE 3 END, c.class, c.user_id, c.field LIMIT $3";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    enum rc_code rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, (int64_t)most);
    if (rc != RC_OK)
        return rc;
    size_t cap = 64;
    struct version_change_row *list = ARENA_NEW(a, struct version_change_row, cap);
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most) {
        if (n == cap) {
            struct version_change_row *more = ARENA_NEW(a, struct version_change_row, cap * 2);
            memcpy(more, list, cap * sizeof *list);
            list = more;
            cap *= 2;
        }
        list[n++] =
            (struct version_change_row){ .user_id = db_int(rows, 0),
                                         .source_id = store_text(a, rows, 1),
                                         .name = version_name_of(reader, a, db_text(rows, 2)),
                                         .field = store_text(a, rows, 3),
                                         .old = store_text(a, rows, 4),
                                         .new = store_text(a, rows, 5),
                                         .rule = store_text(a, rows, 6),
                                         .class = change_class_parse(db_text(rows, 7)) };
    }
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code version_left_outs(struct store *st, int64_t company_id, int64_t run_id, size_t most,
                               struct arena *a, struct version_left_out **ret, size_t *ret_n,
                               struct rc_error *err) {
    static const char count[] =
        "SELECT COUNT(*) FROM version WHERE company_id = $1 AND run_id = $2 AND left_out = 1";
    static const char sql[] =
        "SELECT user_id, source_id, person FROM version WHERE company_id = $1 AND run_id = $2 AND left_out = 1"
        " ORDER BY user_id LIMIT $3";
    struct db_statement *rows;
    bool row = false;
    size_t n = 0;
    int64_t total;
    enum rc_code rc = store_number(st, &total, err, count, "ii", company_id, run_id);
    if (rc != RC_OK ||
        (rc = store_query(st, &rows, err, sql, "iii", company_id, run_id, (int64_t)most)) != RC_OK)
        return rc;
    most = (uint64_t)total < most ? (size_t)total : most;
    struct version_left_out *list = ARENA_NEW(a, struct version_left_out, most + 1);
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    while ((rc = db_step(rows, &row, err)) == RC_OK && row && n < most)
        list[n++] = (struct version_left_out){ db_int(rows, 0), store_text(a, rows, 1),
                                               version_name_of(reader, a, db_text(rows, 2)) };
    db_reset(rows);
    *ret = list;
    *ret_n = n;
    return rc;
}

enum rc_code version_compare(struct store *st, int64_t company_id, int64_t first_run,
                             int64_t second_run, struct version_difference *ret,
                             struct rc_error *err) {
    static const char only[] =
        "SELECT COUNT(*) FROM version AS a WHERE a.company_id = $1 AND a.run_id = $2 AND NOT EXISTS"
        " (SELECT 1 FROM version AS b WHERE b.company_id = a.company_id AND b.run_id = $3"
        "  AND b.source_id = a.source_id)";
    static const char otherwise[] =
        "SELECT COUNT(*) FROM version AS a JOIN version AS b ON b.company_id = a.company_id"
        " AND b.run_id = $3 AND b.source_id = a.source_id WHERE a.company_id = $1 AND a.run_id = $2"
        " AND (a.person <> b.person OR a.presence <> b.presence)";
    enum rc_code rc =
        store_number(st, &ret->only_first, err, only, "iii", company_id, first_run, second_run);
    if (rc == RC_OK)
        rc = store_number(st, &ret->only_second, err, only, "iii", company_id, second_run,
                          first_run);
    return rc != RC_OK ? rc
                       : store_number(st, &ret->otherwise, err, otherwise, "iii", company_id,
                                      first_run, second_run);
}
