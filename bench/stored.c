/* stored.c - what one thread needs to read the rows of everybody stored and to parse both JSON texts
 * of each, and nothing else: what looking at everybody through another mapping is measured against.
 *
 *     stored DATABASE
 *
 * SQLite and yyjson alone, nothing of ours: the query of store/directory.c with all its columns, in
 * pages of 1,000 people, with the cache that rollcall gives SQLite; the texts are parsed in
 * place, over memory that is used again. The last line is JSON: people, members of all documents,
 * and a sum over their texts, so that nothing is left out as unused. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

enum { PAGE_PEOPLE = 1000, TEXT_BYTES = 1 << 20 };

static const char sql[] =
    "SELECT u.user_id, u.integration_id, u.run_id, u.source_id, u.presence, u.read_at,"
    " u.employee_digest, u.user_digest, u.problems, u.has_left, v.employee, v.person"
    " FROM \"user\" AS u JOIN version AS v"
    " ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id"
    " WHERE u.company_id = $1 AND ($2 = 0 OR u.integration_id = $2) AND u.user_id > $3"
    " ORDER BY u.user_id LIMIT $4";
enum { USER_ID = 0, EMPLOYEE = 10, PERSON = 11 };

struct stored {
    sqlite3 *db;
    char *bytes;  /* of one document */
    char *values; /* what the parser makes of it */
    size_t values_bytes;
    int64_t people, members;
    uint64_t sum;
};

_Noreturn static void die(const char *what) {
    fprintf(stderr, "stored: %s\n", what);
    exit(1);
}

static void *must_alloc(size_t n) {
    void *p = malloc(n);
    if (p == NULL)
        die("out of memory");
    return p;
}

static void parse(struct stored *s, sqlite3_stmt *row, int column) {
    const void *text = sqlite3_column_text(row, column);
    size_t len = (size_t)sqlite3_column_bytes(row, column);
    yyjson_read_err why;
    yyjson_alc memory;
    if (text == NULL || len + YYJSON_PADDING_SIZE > TEXT_BYTES)
        die("a text is missing, or too long");
    memcpy(s->bytes, text, len);
    memset(s->bytes + len, 0, YYJSON_PADDING_SIZE);
    yyjson_alc_pool_init(&memory, s->values, s->values_bytes);
    yyjson_doc *doc = yyjson_read_opts(s->bytes, len, YYJSON_READ_INSITU, &memory, &why);
    if (doc == NULL)
        die(why.msg);
    s->members += (int64_t)yyjson_obj_size(yyjson_doc_get_root(doc));
    s->sum += len;
}

/* The last user id of the page; 0: there was none. */
static int64_t read_page(struct stored *s, sqlite3_stmt *rows, int64_t company_id,
                         int64_t integration_id, int64_t after) {
    int64_t last = 0;
    int code;
    sqlite3_reset(rows);
    sqlite3_bind_int64(rows, 1, company_id);
    sqlite3_bind_int64(rows, 2, integration_id);
    sqlite3_bind_int64(rows, 3, after);
    sqlite3_bind_int64(rows, 4, PAGE_PEOPLE);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        last = sqlite3_column_int64(rows, USER_ID);
        for (int i = 1; i < EMPLOYEE; i++) /* read, as a program does that wants to know */
            s->sum += sqlite3_column_type(rows, i) == SQLITE_INTEGER
                          ? (uint64_t)sqlite3_column_int64(rows, i)
                          : (uint64_t)sqlite3_column_bytes(rows, i);
        parse(s, rows, EMPLOYEE);
        parse(s, rows, PERSON);
        s->people++;
    }
    if (code != SQLITE_DONE)
        die(sqlite3_errmsg(s->db));
    return last;
}

static sqlite3_stmt *prepare(struct stored *s, const char *text) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(s->db, text, -1, &statement, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(s->db));
    return statement;
}

int main(int argc, char **argv) {
    struct stored s = { .values_bytes = yyjson_read_max_memory_usage(TEXT_BYTES, 0) };
    int64_t company_id, integration_id, last = 0;
    if (argc != 2) {
        fputs("usage: stored DATABASE\n", stderr);
        return 2;
    }
    s.bytes = must_alloc(TEXT_BYTES);
    s.values = must_alloc(s.values_bytes);
    if (sqlite3_open_v2(argv[1], &s.db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(s.db, "PRAGMA cache_size = -16000; PRAGMA mmap_size = 0", NULL, NULL, NULL) !=
            SQLITE_OK)
        die(sqlite3_errmsg(s.db));
    sqlite3_stmt *which = prepare(&s, "SELECT company_id, integration_id FROM integration"),
                 *rows = prepare(&s, sql);
    if (sqlite3_step(which) != SQLITE_ROW)
        die("there is no integration");
    company_id = sqlite3_column_int64(which, 0);
    integration_id = sqlite3_column_int64(which, 1);
    sqlite3_finalize(which);
    do
        last = read_page(&s, rows, company_id, integration_id, last);
    while (last > 0);
    sqlite3_finalize(rows);
    sqlite3_close(s.db);
    free(s.bytes);
    free(s.values);
    printf("{\"people\":%lld,\"members\":%lld,\"sum\":%llu}\n", (long long)s.people,
           (long long)s.members, (unsigned long long)s.sum);
    return 0;
}
