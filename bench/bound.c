/* bound.c - what one thread can do with the same pages when it proves, compares and remembers
 * nothing. An importer that does all of that is measured against it by script/bench import.
 *
 *     bound fetch ORIGIN QUERY            fetches and parses every page, reads the values that are
 *     imported bound store ORIGIN QUERY DATABASE   and upserts one row a person, 10,000 rows a
 *     transaction
 *
 * The bearer token comes in ROLLCALL_BENCH_TOKEN. QUERY is the importer's own, without limit and
 * offset. The table has the columns in which rollcall keeps a person (version and "user" in one),
 * under the ascending id: no versions, no changes, no index. The last line is JSON: people, pages,
 * bytes, the seconds of the loop, and a sum over all values, which has to be the same however often
 * it runs. */
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

enum {
    READ_BYTES = 512 << 10,
    BODY_BYTES = 4 << 20,
    PAGE_PEOPLE = 100,
    TRANSACTION_ROWS = 10000,
    JSON_BYTES = 64 << 10,
};

_Noreturn static void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("bound: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *must_alloc(size_t n) {
    void *p = malloc(n);
    if (p == NULL)
        die("out of memory");
    return p;
}

/* ---- fetching ---- */

struct wire {
    CURL *easy;
    struct curl_slist *headers;
    const char *origin, *query;
    char *body;
    size_t len;
};

static size_t on_body(char *bytes, size_t one, size_t n, void *self) {
    struct wire *w = self;
    size_t len = one * n;
    if (len > BODY_BYTES - YYJSON_PADDING_SIZE - w->len)
        return 0;
    memcpy(w->body + w->len, bytes, len);
    w->len += len;
    return len;
}

static void wire_open(struct wire *w, const char *origin, const char *query) {
    char bearer[600];
    const char *token = getenv("ROLLCALL_BENCH_TOKEN");
    *w = (struct wire){ .easy = curl_easy_init(), .origin = origin, .query = query };
    if (w->easy == NULL || token == NULL)
        die("no libcurl, or no ROLLCALL_BENCH_TOKEN");
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", token);
    w->headers = curl_slist_append(curl_slist_append(NULL, "Accept: application/json"), bearer);
    w->body = must_alloc(BODY_BYTES);
    curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->headers);
    curl_easy_setopt(w->easy, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
    curl_easy_setopt(w->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(w->easy, CURLOPT_WRITEDATA, w);
    curl_easy_setopt(w->easy, CURLOPT_PROXY, "");
}

static void wire_fetch(struct wire *w, size_t offset) {
    char url[4000];
    long status = 0;
    snprintf(url, sizeof url, "%s/v1/company/employees?limit=%d&offset=%zu&%s", w->origin,
             PAGE_PEOPLE, offset, w->query);
    w->len = 0;
    curl_easy_setopt(w->easy, CURLOPT_URL, url);
    CURLcode why = curl_easy_perform(w->easy);
    curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
    if (why != CURLE_OK || status != 200)
        die("at row %zu: %s, status %ld", offset, curl_easy_strerror(why), status);
}

/* ---- one person ---- */

struct piece {
    const char *ptr; /* NULL: null */
    size_t len;
};

struct person {
    int64_t id, supervisor, department, office; /* 0: none */
    struct piece first_name, last_name, email, status, position, avatar, hire_date,
        termination_date, office_name;
};

static struct piece piece_of(yyjson_val *v) {
    return (struct piece){ yyjson_get_str(v), yyjson_get_len(v) };
}

static struct piece day_of(yyjson_val *v) {
    struct piece p = piece_of(v);
    return (struct piece){ p.ptr, p.len > 10 ? 10 : p.len };
}

static void read_unit(yyjson_val *v, int64_t *ret_id, struct piece *ret_name) {
    yyjson_val *inner = yyjson_obj_get(v, "attributes");
    *ret_id = yyjson_get_sint(yyjson_obj_get(inner, "id"));
    *ret_name = piece_of(yyjson_obj_get(inner, "name"));
}

static void read_value(struct person *p, const char *key, size_t len, yyjson_val *v) {
    struct piece unused;
#define IS(word) (len == sizeof word - 1 && memcmp(key, word, sizeof word - 1) == 0)
    if (IS("id"))
        p->id = yyjson_get_sint(v);
    else if (IS("first_name"))
        p->first_name = piece_of(v);
    else if (IS("last_name"))
        p->last_name = piece_of(v);
    else if (IS("email"))
        p->email = piece_of(v);
    else if (IS("status"))
        p->status = piece_of(v);
    else if (IS("position"))
        p->position = piece_of(v);
    else if (IS("supervisor"))
        p->supervisor = yyjson_get_sint(
            yyjson_obj_get(yyjson_obj_get(yyjson_obj_get(v, "attributes"), "id"), "value"));
    else if (IS("hire_date"))
        p->hire_date = day_of(v);
    else if (IS("termination_date"))
        p->termination_date = day_of(v);
    else if (IS("office"))
        read_unit(v, &p->office, &p->office_name);
    else if (IS("department"))
        read_unit(v, &p->department, &unused);
    else if (IS("profile_picture"))
        p->avatar = piece_of(v);
#undef IS
}

static void read_person(yyjson_val *row, struct person *ret) {
    yyjson_obj_iter it = yyjson_obj_iter_with(yyjson_obj_get(row, "attributes"));
    yyjson_val *key;
    memset(ret, 0, sizeof *ret);
    while ((key = yyjson_obj_iter_next(&it)) != NULL)
        read_value(ret, yyjson_get_str(key), yyjson_get_len(key),
                   yyjson_obj_get(yyjson_obj_iter_get_val(key), "value"));
}

static uint64_t sum_of(const struct person *p) {
    const struct piece *const all[] = { &p->first_name, &p->last_name,        &p->email,
                                        &p->status,     &p->position,         &p->avatar,
                                        &p->hire_date,  &p->termination_date, &p->office_name };
    uint64_t sum = (uint64_t)(p->id + 3 * p->supervisor + 5 * p->department + 7 * p->office);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->len > 0)
            sum += (i + 11) * (all[i]->len * 256 + (unsigned char)all[i]->ptr[all[i]->len - 1]);
    return sum;
}

/* ---- its two JSON texts ---- */

struct out {
    char *to;
    char bytes[JSON_BYTES];
};

static void put(struct out *o, const char *s, size_t n) {
    memcpy(o->to, s, n);
    o->to += n;
}
#define PUT(o, literal) put(o, literal, sizeof literal - 1)

/* A key with what stands around it, and its value, escaped. */
static void put_piece(struct out *o, const char *key, struct piece p) {
    put(o, key, strlen(key));
    if (p.ptr == NULL || p.len == 0) {
        PUT(o, "null");
        return;
    }
    if ((size_t)(o->bytes + sizeof o->bytes - o->to) < 6 * p.len + 1000)
        die("a person with more than %d bytes", JSON_BYTES);
    *o->to++ = '"';
    for (size_t i = 0; i < p.len; i++) {
        unsigned char c = (unsigned char)p.ptr[i];
        if (c < ' ') {
            o->to += sprintf(o->to, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            *o->to++ = '\\';
        *o->to++ = (char)c;
    }
    *o->to++ = '"';
}

static struct piece number(char buffer[32], const char *before, int64_t n) {
    int len = n == 0 ? 0 : snprintf(buffer, 32, "%s%lld", before, (long long)n);
    return (struct piece){ n == 0 ? NULL : buffer, (size_t)len };
}

static struct piece finish(struct out *o) {
    PUT(o, "}");
    return (struct piece){ o->bytes, (size_t)(o->to - o->bytes) };
}

static struct piece employee_json(struct out *o, const struct person *p, struct piece source_id,
                                  struct piece manager) {
    char digits[32];
    o->to = o->bytes;
    put_piece(o, "{\"source_id\":", source_id);
    put_piece(o, ",\"first_name\":", p->first_name);
    put_piece(o, ",\"last_name\":", p->last_name);
    put_piece(o, ",\"email\":", p->email);
    put_piece(o, ",\"status\":", p->status);
    put_piece(o, ",\"job_title\":", p->position);
    put_piece(o, ",\"supervisor\":", manager);
    put_piece(o, ",\"department\":{\"id\":", number(digits, "", p->department));
    put_piece(o, "},\"office\":{\"id\":", number(digits, "", p->office));
    put_piece(o, ",\"name\":", p->office_name);
    put_piece(o, "},\"hire_date\":", p->hire_date);
    put_piece(o, ",\"termination_date\":", p->termination_date);
    put_piece(o, ",\"avatar\":", p->avatar);
    return finish(o);
}

static struct piece person_json(struct out *o, const struct person *p, struct piece team,
                                struct piece manager) {
    o->to = o->bytes;
    put_piece(o, "{\"first_name\":", p->first_name);
    put_piece(o, ",\"last_name\":", p->last_name);
    put_piece(o, ",\"email\":", p->email);
    put_piece(o, ",\"job_title\":", p->position);
    put_piece(o, ",\"avatar\":", p->avatar);
    put_piece(o, ",\"primary_location\":", p->office_name);
    put_piece(o, ",\"primary_team\":", team);
    put_piece(o, ",\"manager\":", manager);
    put_piece(o, ",\"hire_date\":", p->hire_date);
    put_piece(o, ",\"leave_date\":", p->termination_date);
    put_piece(o, ",\"status\":", p->status);
    return finish(o);
}

/* ---- storing ---- */

static const char schema[] = "CREATE TABLE IF NOT EXISTS person (user_id INTEGER PRIMARY KEY, "
                             "company_id BIGINT NOT NULL, run_id BIGINT NOT NULL,"
                             " base_run_id BIGINT, integration_id BIGINT NOT NULL, source_id TEXT "
                             "NOT NULL, read_at BIGINT NOT NULL,"
                             " presence TEXT NOT NULL, employee TEXT NOT NULL, person TEXT NOT "
                             "NULL, employee_digest BLOB NOT NULL,"
                             " user_digest BLOB NOT NULL, email TEXT, manager TEXT, team TEXT, "
                             "problems BIGINT NOT NULL, has_left BIGINT NOT NULL,"
                             " left_out BIGINT NOT NULL)";

static const char upsert[] =
    "INSERT INTO person VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (user_id) DO "
    "UPDATE SET"
    " run_id = excluded.run_id, base_run_id = excluded.base_run_id, read_at = excluded.read_at, "
    "presence = excluded.presence,"
    " employee = excluded.employee, person = excluded.person, employee_digest = "
    "excluded.employee_digest,"
    " user_digest = excluded.user_digest, email = excluded.email, manager = excluded.manager, team "
    "= excluded.team,"
    " problems = excluded.problems, has_left = excluded.has_left, left_out = excluded.left_out";

struct table {
    sqlite3 *conn; /* NULL: nothing is stored */
    sqlite3_stmt *upsert;
    size_t rows; /* of the open transaction */
    struct out employee, person;
};

static void run(struct table *t, const char *sql) {
    if (sqlite3_exec(t->conn, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("%s: %s", sql, sqlite3_errmsg(t->conn));
}

static void table_open(struct table *t, const char *path) {
    if (sqlite3_open(path, &t->conn) != SQLITE_OK)
        die("%s: %s", path, sqlite3_errmsg(t->conn));
    run(t, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    run(t, schema);
    if (sqlite3_prepare_v3(t->conn, upsert, -1, SQLITE_PREPARE_PERSISTENT, &t->upsert, NULL) !=
        SQLITE_OK)
        die("%s", sqlite3_errmsg(t->conn));
    run(t, "BEGIN IMMEDIATE");
}

static void bind_piece(struct table *t, int n, struct piece p) {
    if (p.len == 0)
        sqlite3_bind_null(t->upsert, n);
    else
        sqlite3_bind_text(t->upsert, n, p.ptr, (int)p.len, SQLITE_STATIC);
}

static void table_put(struct table *t, const struct person *p) {
    static const unsigned char digest[16];
    char id_digits[32], manager_digits[32], team_key[32];
    struct piece source_id = number(id_digits, "", p->id),
                 manager = number(manager_digits, "", p->supervisor);
    struct piece team = number(team_key, "department:", p->department);
    const int64_t numbers[] = { p->id, 1, 1 };
    for (int i = 0; i < 3; i++)
        sqlite3_bind_int64(t->upsert, i + 1, numbers[i]);
    sqlite3_bind_null(t->upsert, 4);
    sqlite3_bind_int64(t->upsert, 5, 1);
    bind_piece(t, 6, source_id);
    sqlite3_bind_int64(t->upsert, 7, (int64_t)time(NULL) * 1000000);
    bind_piece(t, 8, (struct piece){ "listed", 6 });
    bind_piece(t, 9, employee_json(&t->employee, p, source_id, manager));
    bind_piece(t, 10, person_json(&t->person, p, team, manager));
    sqlite3_bind_blob(t->upsert, 11, digest, sizeof digest, SQLITE_STATIC);
    sqlite3_bind_blob(t->upsert, 12, digest, sizeof digest, SQLITE_STATIC);
    bind_piece(t, 13, p->email);
    bind_piece(t, 14, manager);
    bind_piece(t, 15, team);
    for (int i = 16; i <= 18; i++)
        sqlite3_bind_int64(t->upsert, i, 0);
    if (sqlite3_step(t->upsert) != SQLITE_DONE)
        die("%s", sqlite3_errmsg(t->conn));
    sqlite3_reset(t->upsert);
    if (++t->rows == TRANSACTION_ROWS) {
        run(t, "COMMIT; BEGIN IMMEDIATE");
        t->rows = 0;
    }
}

static void table_close(struct table *t) {
    if (t->conn == NULL)
        return;
    run(t, "COMMIT");
    sqlite3_finalize(t->upsert);
    sqlite3_close(t->conn); /* checkpoints: all lies in the database */
}

/* ---- the loop ---- */

struct totals {
    size_t people, pages, bytes;
    uint64_t sum;
};

/* Returns how many people the page had. */
static size_t take_page(struct wire *w, yyjson_alc *pool, struct table *t, struct totals *ret) {
    yyjson_read_err why;
    yyjson_val *row;
    struct person p;
    memset(w->body + w->len, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *doc = yyjson_read_opts(w->body, w->len, YYJSON_READ_INSITU, pool, &why);
    if (doc == NULL)
        die("row %zu: %s", ret->people, why.msg);
    yyjson_arr_iter it = yyjson_arr_iter_with(yyjson_obj_get(yyjson_doc_get_root(doc), "data"));
    size_t n = it.max;
    while ((row = yyjson_arr_iter_next(&it)) != NULL) {
        read_person(row, &p);
        ret->sum += sum_of(&p);
        if (t->conn != NULL)
            table_put(t, &p);
    }
    yyjson_doc_free(doc);
    ret->people += n;
    ret->pages++;
    ret->bytes += w->len;
    return n;
}

int main(int argc, char **argv) {
    static struct table table;
    struct totals all = { 0 };
    struct wire wire;
    yyjson_alc pool;
    bool stores = argc == 5 && strcmp(argv[1], "store") == 0;
    if (argc == 2 && strcmp(argv[1], "nothing") == 0)
        return 0; /* what a process costs by itself */
    if (!stores && !(argc == 4 && strcmp(argv[1], "fetch") == 0))
        die("usage: bound fetch ORIGIN QUERY | bound store ORIGIN QUERY DATABASE");
    double began_s = now_s();
    size_t pool_bytes = yyjson_read_max_memory_usage(BODY_BYTES, YYJSON_READ_INSITU);
    if (!yyjson_alc_pool_init(&pool, must_alloc(pool_bytes), pool_bytes))
        die("the pool is too small");
    wire_open(&wire, argv[2], argv[3]);
    if (stores)
        table_open(&table, argv[4]);
    do
        wire_fetch(&wire, all.people);
    while (take_page(&wire, &pool, &table, &all) > 0);
    table_close(&table);
    curl_slist_free_all(wire.headers);
    curl_easy_cleanup(wire.easy);
    printf("{\"people\":%zu,\"pages\":%zu,\"bytes\":%zu,\"seconds\":%.6f,\"sum\":%llu}\n",
           all.people, all.pages, all.bytes, now_s() - began_s, (unsigned long long)all.sum);
    return 0;
}
