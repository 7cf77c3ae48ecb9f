/* Bytes to a request: method, path, query, headers and body reach /api/v1 or /webhooks of a real service
 * over a small database. Whatever they are, the answer is one that the contract knows, its body is JSON,
 * and without a token nothing is told.
 *
 *     GET /api/v1/companies/acme/people?limit=2     TOKEN, HOOK in path and headers stand for real ones
 *     Authorization: Bearer TOKEN
 *
 *     body
 *
 * Linked with --wrap: what the server would say of its connection is said by the input. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "server/server_p.h"
#include "store/company.h"
#include "store/hook.h"
#include "store/integration.h"
#include "store/keyring.h"
#include "store/token.h"
#include "tests/fuzz/must.h"

enum { HEADERS_MOST = 8, LINE_MOST = 4096 };

static struct {
    struct serve serve;
    struct secret_key *key;
    char directory[32], database[64], key_file[64];
    char token[TOKEN_TEXT_BYTES];
    const char *address, *hook_token;
    struct arena kept;
} world;

static struct input {
    char method[16], path[LINE_MOST], query[LINE_MOST];
    struct {
        char name[64], value[512];
    } headers[HEADERS_MOST];
    size_t headers_n;
} in;

const char *__wrap_server_header(const struct server_request *q, const char *name);
const char *__wrap_server_argument(const struct server_request *q, const char *name, unsigned nth);

const char *__wrap_server_header(const struct server_request *q, const char *name) {
    (void)q;
    for (size_t i = 0; i < in.headers_n; i++)
        if (strcasecmp(in.headers[i].name, name) == 0)
            return in.headers[i].value;
    return NULL;
}

/* As sent: what is decoded is the server's business. */
const char *__wrap_server_argument(const struct server_request *q, const char *name, unsigned nth) {
    size_t name_len = strlen(name);
    for (const char *at = q->query; *at != '\0'; at += strcspn(at, "&"), at += *at == '&')
        if (strncmp(at, name, name_len) == 0 && at[name_len] == '=' && nth-- == 0)
            return arena_str(q->arena, at + name_len + 1, strcspn(at + name_len + 1, "&"));
    return NULL;
}

/* An answer that comes later: the one that is owed now. */
static struct later {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t given;
    bool is_owed, is_there;
    struct server_answer answer;
} later = { .lock = PTHREAD_MUTEX_INITIALIZER, .given = PTHREAD_COND_INITIALIZER };

bool __wrap_server_later(const struct server_request *q);
void __wrap_server_later_answer(const struct server_request *q, const struct server_answer *a);

bool __wrap_server_later(const struct server_request *q) {
    (void)q;
    later.is_owed = true;
    later.is_there = false;
    return true;
}

void __wrap_server_later_answer(const struct server_request *q, const struct server_answer *a) {
    (void)q;
    pthread_mutex_lock(&later.lock);
    later.answer = *a;
    later.is_there = true;
    pthread_cond_signal(&later.given);
    pthread_mutex_unlock(&later.lock);
}

static void wait_for_later(struct server_answer *ret) {
    if (!later.is_owed)
        return;
    pthread_mutex_lock(&later.lock);
    while (!later.is_there)
        pthread_cond_wait(&later.given, &later.lock);
    *ret = later.answer;
    pthread_mutex_unlock(&later.lock);
    later.is_owed = false;
}

/* A stream wants a connection. */
enum rc_code __wrap_events_listen(struct events *e, const struct events_wish *wish,
                                  const struct server_request *q, struct server_stream **ret,
                                  struct rc_error *err);
enum rc_code __wrap_events_listen(struct events *e, const struct events_wish *wish,
                                  const struct server_request *q, struct server_stream **ret,
                                  struct rc_error *err) {
    (void)e, (void)wish, (void)q, (void)ret;
    return rc_fail_as(err, RC_LIMITED, "events.too-many", "no more streams");
}

/* ---- the world ---- */

static void remove_directory(void) {
    DIR *d = opendir(world.directory);
    char path[512];
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", world.directory, e->d_name);
        unlink(path);
    }
    if (d != NULL)
        closedir(d);
    rmdir(world.directory);
}

/* However this process ends (a find and a time limit end it at once), a child sees the end of a pipe, and removes
 * what it has made. Before there are threads. */
static void leave_nothing_behind(void) {
    int ends[2];
    char byte;
    MUST(pipe(ends) == 0);
    pid_t child = fork();
    MUST(child >= 0);
    if (child > 0) {
        close(ends[0]);
        return;
    }
    close(ends[1]);
    setsid(); /* what ends the others does not end it */
    while (read(ends[0], &byte, 1) != 0)
        ;
    remove_directory();
    _exit(0);
}

static void close_hints(void) {
    hints_close(world.serve.hints);
}

static void must(enum rc_code rc, const struct rc_error *err) {
    if (rc != RC_OK)
        fprintf(stderr, "%s\n", err->text);
    MUST(rc == RC_OK);
}

static void make_world(void) {
    struct rc_error err = { 0 };
    struct store *st;
    struct company co;
    struct hook hook;
    struct token t = { .right = TOKEN_ADMINISTER,
                       .name = TEXT_LIT("fuzz"),
                       .made_by = TEXT_LIT("fuzz"),
                       .made_us = 1 };
    struct integration hr = { .key = TEXT_LIT("hr"),
                              .source = TEXT_LIT("personio"),
                              .settings = text_of("{\"base-url\":\"http://127.0.0.1:9\"}"),
                              .team_from = TEXT_LIT("department"),
                              .created_us = 1 };
    bool own = access("/dev/shm", W_OK) == 0;
    snprintf(world.directory, sizeof world.directory, "%s/fuzz_api.XXXXXX",
             own ? "/dev/shm" : "/tmp");
    MUST(mkdtemp(world.directory) != NULL);
    leave_nothing_behind();
    snprintf(world.database, sizeof world.database, "%s/db", world.directory);
    snprintf(world.key_file, sizeof world.key_file, "%s/key", world.directory);
    arena_init(&world.kept);
    must(secret_key_make(world.key_file, &err), &err);
    must(secret_key_open(world.key_file, &world.key, &err), &err);
    must(store_open(world.database, &st, &err), &err);
    must(company_add(st, "acme", "Acme", "Europe/Berlin", 1, &co.company_id, &err), &err);
    hr.company_id = co.company_id;
    must(keyring_open(st, world.key, &err), &err);
    must(integration_add(st, world.key, &hr, &err), &err);
    must(db_begin(st->db, &err), &err);
    must(token_add(st, &t, &world.kept, world.token, &err), &err);
    must(hook_make(st, world.key, hr.company_id, hr.integration_id, 1, &world.kept, &hook, &err),
         &err);
    world.address = arena_str(&world.kept, hook.address.ptr, hook.address.len);
    world.hook_token = arena_str(&world.kept, hook.token.ptr, hook.token.len);
    must(db_commit(st->db, &err), &err);
    store_close(st);
    world.serve.where = world.database;
    world.serve.clock = &clock_system;
    world.serve.key = world.key;
    pthread_mutex_init(&world.serve.mutex, NULL);
    const struct hints_options hints = { .where = world.database, .clock = &clock_system };
    must(hints_open(&hints, &world.serve.hints, &err), &err);
    log_set_level(LOG_LEVEL_ERROR);
    atexit(close_hints);
}

/* ---- the input ---- */

/* A line without its end, words replaced; *at moves behind it. */
static void take_line(const char **at, const char *end, char *ret, size_t most) {
    size_t n = 0;
    while (*at < end && **at != '\n' && n + TOKEN_TEXT_BYTES + 1 < most) {
        const char *word = NULL;
        size_t left = (size_t)(end - *at);
        if (left >= 5 && memcmp(*at, "TOKEN", 5) == 0)
            word = world.token, *at += 5;
        else if (left >= 4 && memcmp(*at, "HOOK", 4) == 0)
            word = n > 0 && ret[n - 1] == '/' ? world.address : world.hook_token, *at += 4;
        if (word != NULL)
            n += (size_t)snprintf(ret + n, most - n, "%s", word);
        else if (**at != '\0')
            ret[n++] = *(*at)++;
        else
            (*at)++;
    }
    while (*at < end && **at != '\n')
        (*at)++;
    *at += *at < end;
    ret[n] = '\0';
}

static void take_head(const char **at, const char *end) {
    static char line[LINE_MOST];
    take_line(at, end, line, sizeof line);
    char *path = strchr(line, ' ');
    if (path != NULL)
        *path++ = '\0';
    snprintf(in.method, sizeof in.method, "%.15s", line);
    snprintf(in.path, sizeof in.path, "%s", path != NULL ? path : "/");
    char *query = strchr(in.path, '?');
    snprintf(in.query, sizeof in.query, "%s", query != NULL ? query + 1 : "");
    if (query != NULL)
        *query = '\0';
    in.headers_n = 0;
    for (;;) {
        take_line(at, end, line, sizeof line);
        char *value = strchr(line, ':');
        if (value == NULL || in.headers_n == HEADERS_MOST)
            return;
        *value++ = '\0';
        value += strspn(value, " ");
        snprintf(in.headers[in.headers_n].name, sizeof in.headers[0].name, "%.63s", line);
        snprintf(in.headers[in.headers_n++].value, sizeof in.headers[0].value, "%.511s", value);
    }
}

static void check_answer(const struct server_answer *a, bool has_token, bool is_api) {
    static const int known[] = { 200, 201, 202, 204, 304, 400, 401, 403,
                                 404, 405, 409, 412, 415, 422, 428, 429 };
    struct json_reader *reader = json_reader_new(9 << 20);
    struct rc_error err = { 0 };
    bool found = false;
    json doc;
    for (size_t i = 0; i < RC_LEN(known); i++)
        found |= a->status == known[i];
    MUST(found);
    MUST(!is_api || has_token || a->status == 401);
    if (a->content_type == NULL)
        MUST(a->body_bytes == 0);
    else
        MUST(json_parse_copy(reader, a->body, a->body_bytes, &doc, &err) == RC_OK);
    json_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data, *end = at + size;
    struct server_answer a = { 0 };
    struct arena arena;
    if (world.key == NULL)
        make_world();
    take_head(&at, end);
    arena_init(&arena);
    struct server_request q = { .method = in.method,
                                .path = in.path,
                                .raw_path = in.path,
                                .query = in.query,
                                .body = at,
                                .body_bytes = (size_t)(end - at),
                                .arena = &arena };
    const char *by = __wrap_server_header(&q, "Authorization");
    bool has_token =
        by != NULL && strncmp(by, "Bearer ", 7) == 0 && strcmp(by + 7, world.token) == 0;
    if (q.body_bytes <= SERVE_BODY_BYTES && (api_is_path(in.path) || webhook_is_path(in.path))) {
        if (api_is_path(in.path))
            api_answer(&world.serve, &q, &a);
        else
            webhook_answer(&world.serve, &q, &a);
        wait_for_later(&a);
        check_answer(&a, has_token, api_is_path(in.path));
    }
    arena_done(&arena);
    return 0;
}
