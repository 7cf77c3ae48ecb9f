/* /api/v1: who asks, what is asked, and how it is answered; what is done is in the other files. */
#include "server/api_p.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "store/idempotency.h"

#define ROOT "/api/v1"
enum {
    ANSWER_BYTES = 8 << 20,
    LARGE_ANSWER_BYTES = 32 << 20,
    TAG_BYTES = 2 * SECRET_DIGEST_BYTES + 1,
    PART_BYTES = 400
};

/* ---- errors ---- */

/* Names that no error of the floors below has. */
static enum rc_code refuse(struct rc_error *err, enum rc_code rc, const char *name,
                           const char *text) {
    return rc_fail_as(err, rc, name, "%s", text);
}

struct refusal {
    int status;
    const char *title, *name; /* name: where the error has none */
    const char *retry_after;  /* seconds; NULL: of 429 and 503 the usual ones */
};

static bool is_databases(const struct rc_error *err) {
    return err->name != NULL && strncmp(err->name, "db.", 3) == 0;
}

static struct refusal refusal_of(enum rc_code rc, const struct rc_error *err) {
    static const struct {
        const char *name;
        int status;
        const char *title, *retry_after;
    } special[] = {
        { "token.missing", 401, "Unauthorized" },
        { "token.unknown", 401, "Unauthorized" }, /* of who asks; of a path: see answer_error() */
        { "token.rights", 403, "Forbidden" },
        { "token.suspended", 403, "Forbidden" },
        { "request.method", 405, "Method Not Allowed" },
        { "events.too-many", 429, "Too Many Requests" },
        { "errand.too-many", 429, "Too Many Requests", "60" }, /* each takes as long as HR does */
        { "request.type", 415, "Unsupported Media Type" },
        { "idempotency.other", 422, "Unprocessable Content" },
        { "match.stale", 412, "Precondition Failed" },
        { "match.missing", 428, "Precondition Required" },
    };
    for (size_t i = 0; i < RC_LEN(special); i++)
        if (err->name != NULL && strcmp(err->name, special[i].name) == 0)
            return (struct refusal){ special[i].status, special[i].title, special[i].name,
                                     special[i].retry_after };
    /* Floors above name what they refuse: without a name, or with one of its own, it is the database that speaks. */
    bool is_named = err->name != NULL && *err->name != '\0';
    if ((!is_named && (rc == RC_CONFLICT || rc == RC_UNSURE)) || is_databases(err))
        rc = RC_RETRY;
    switch (rc) {
    case RC_INVALID: return (struct refusal){ 400, "Bad Request", "request.invalid" };
    case RC_NOT_FOUND: return (struct refusal){ 404, "Not Found", "not-found" };
    case RC_CONFLICT: return (struct refusal){ 409, "Conflict", "conflict" };
    case RC_RETRY:
    case RC_LIMITED: return (struct refusal){ 503, "Service Unavailable", "unavailable" };
    default: return (struct refusal){ 500, "Internal Server Error", "internal" };
    }
}

static void put_header(struct server_answer *ret, const char *name, const char *value) {
    ret->headers[ret->headers_n].name = name;
    ret->headers[ret->headers_n++].value = value;
}

/* Of what the database says about itself, who asks is told what it means for them. */
static const char *detail_of(int status, enum rc_code rc, const struct rc_error *err) {
    if (status != 503)
        return "this is a fault of ours; the log says more";
    if (rc == RC_UNSURE)
        return "the connection to the database was lost while this was written down: see whether it "
               "was before you ask again";
    return standing_says(err->name != NULL ? err->name : "");
}

/* What the database says about itself is for the log, and for nobody else. */
static void answer_error(const struct api_call *c, enum rc_code rc, const struct rc_error *err,
                         struct server_answer *ret) {
    struct refusal r = refusal_of(rc, err);
    const char *name = err->name != NULL && *err->name != '\0' ? err->name : r.name,
               *detail = err->text;
    if (r.status == 401 && c->who != NULL) /* a token in a path */
        r = (struct refusal){ 404, "Not Found", name };
    if (r.status >= 500) {
        char text[500];
        if (!serve_trouble(c->serve, rc, err)) /* else the log has it, once */
            log_error("code=%s name=%s reason=%s", rc_code_name(rc), name,
                      log_quote(err->text, text, sizeof text));
        name = r.name;
        detail = detail_of(r.status, rc, err);
    }
    problem_answer(c->q, r.status, r.title, name, detail, ret);
    if (r.status == 401)
        put_header(ret, "WWW-Authenticate", "Bearer realm=\"rollcall\"");
    if (r.status == 503 || r.status == 429)
        put_header(ret, "Retry-After", r.retry_after != NULL ? r.retry_after : "5");
}

/* ---- who asks ---- */

static enum rc_code read_token(struct api_call *c, struct rc_error *err) {
    const char *header = server_header(c->q, "Authorization"), *begins = "Bearer ";
    if (header == NULL || strncmp(header, begins, strlen(begins)) != 0)
        return refuse(err, RC_AUTH, "token.missing",
                      "this wants a token: Authorization: Bearer rollcall_...");
    enum rc_code rc =
        token_check(c->st, header + strlen(begins), c->now_us, c->arena, &c->token, err);
    if (rc == RC_OK)
        c->who = arena_printf(c->arena, "API token %.*s (%.*s)", TEXT_ARG(c->token.name),
                              TEXT_ARG(c->token.token_id));
    return rc;
}

/* ---- what is asked ---- */

/* One part between slashes, percent-decoded once; NULL: it is nothing that could be a name. */
static const char *decode(struct arena *a, const char *part, size_t len) {
    char *out = arena_alloc(a, len + 1);
    size_t n = 0;
    if (len == 0 || len > PART_BYTES)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        int byte = (unsigned char)part[i];
        if (byte == '%') {
            char hex[3] = { 0 }, *end;
            if (len - i < 3)
                return NULL;
            memcpy(hex, part + i + 1, 2);
            byte = (int)strtol(hex, &end, 16);
            if (*end != '\0' || hex[0] == '+' || hex[0] == '-' || hex[0] == ' ')
                return NULL;
            i += 2;
        }
        if (byte < ' ' || byte == 0x7f)
            return NULL;
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    return text_is_utf8(out, n) ? out : NULL;
}

static bool matches(const char *pattern, const char *path, struct arena *a,
                    const char *ret_parts[API_PARTS]) {
    size_t parts = 0;
    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        size_t len = strcspn(path, "/");
        if (parts == API_PARTS || (ret_parts[parts++] = decode(a, path, len)) == NULL)
            return false;
        path += len;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

/* NULL: there is nothing at this address; *ret_other: there is, for another method. */
static const struct api_route *find_route(struct api_call *c, bool *ret_other) {
    const char *path = c->q->raw_path + strlen(ROOT);
    path = *path != '\0' ? path : "/";
    for (size_t i = 0; i < api_routes_n; i++) {
        const struct api_route *r = &api_routes[i];
        const char *parts[API_PARTS] = { NULL };
        if (!matches(r->path, path, c->arena, parts))
            continue;
        if (strcmp(r->method, c->q->method) == 0) {
            memcpy(c->parts, parts, sizeof parts);
            return r;
        }
        *ret_other = true;
    }
    return NULL;
}

static bool is_among(const char *const *names, const char *name, size_t len) {
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

static enum rc_code check_arguments(const struct api_call *c, const struct api_route *r,
                                    struct rc_error *err) {
    for (const char *at = c->q->query; *at != '\0';) {
        size_t len = strcspn(at, "&"), name = strcspn(at, "=&");
        if (len > 0 && !is_among(r->arguments, at, name))
            return rc_fail_as(err, RC_INVALID, "request.argument",
                              "the query has an argument that is not known here: %.*s",
                              name < 40 ? (int)name : 40, at);
        at += len + (at[len] == '&');
    }
    return RC_OK;
}

static enum rc_code unknown_member(const struct api_route *r, struct text name,
                                   struct rc_error *err) {
    const char *best = r->members[0];
    for (size_t i = 1; best != NULL && r->members[i] != NULL; i++)
        if (text_slips(name, r->members[i]) < text_slips(name, best))
            best = r->members[i];
    bool near = best != NULL && text_slips(name, best) <= 2;
    return rc_fail_as(err, RC_INVALID, "request.body",
                      "the body has a member that is not known here: %.*s%s%s%s", TEXT_ARG(name),
                      near ? "; did you mean \"" : "", near ? best : "", near ? "\"?" : "");
}

/* Nothing is an empty object. */
static enum rc_code read_body(struct api_call *c, const struct api_route *r,
                              struct json_reader *reader, struct rc_error *err) {
    const char *type = server_header(c->q, "Content-Type");
    struct json_iter it;
    json key, value;
    if (c->q->body_bytes == 0)
        return RC_OK;
    if (r->members == NULL)
        return refuse(err, RC_INVALID, "request.body", "there is nothing to say in a body here");
    if (type == NULL || strncmp(type, "application/json", 16) != 0 ||
        strchr("; \t", type[16]) == NULL) /* or its end */
        return refuse(err, RC_INVALID, "request.type",
                      "a body is JSON: Content-Type: application/json");
    enum rc_code rc = json_parse_copy(reader, c->q->body, c->q->body_bytes, &c->body, err);
    if (rc != RC_OK)
        return refuse(err, RC_INVALID, "request.body",
                      arena_printf(c->arena, "the body: %s", err->text));
    if (json_type(c->body) != JSON_OBJECT)
        return refuse(err, RC_INVALID, "request.body", "the body is not an object");
    it = json_iter(c->body);
    while (json_next(&it, &key, &value)) {
        const char *name;
        size_t len;
        if (json_str(key, &name, &len) && !is_among(r->members, name, len))
            return unknown_member(r, text_from(name, len < 40 ? len : 40), err);
    }
    return RC_OK;
}

/* ---- the answer ---- */

static bool is_same_tag(const struct server_request *q, const char *tag) {
    const char *known = server_header(q, "If-None-Match");
    return known != NULL && strcmp(known, tag) == 0;
}

static void answer_json(const struct api_call *c, const struct buf *b, struct server_answer *ret) {
    *ret = (struct server_answer){ .status = c->status,
                                   .content_type = "application/json",
                                   .body = arena_copy(c->arena, b->ptr, b->len),
                                   .body_bytes = b->len };
    put_header(ret, "Cache-Control", "no-store");
    if (c->status == 204)
        ret->content_type = NULL, ret->body_bytes = 0;
    if (!c->tagged)
        return;
    uint8_t hash[SECRET_HASH_BYTES];
    char digits[TAG_BYTES];
    secret_hash(b->ptr, b->len, hash);
    for (size_t i = 0; i < SECRET_DIGEST_BYTES; i++)
        snprintf(digits + 2 * i, 3, "%02x", hash[i]);
    const char *tag = c->version != NULL ? arena_printf(c->arena, "\"%s.%s\"", c->version, digits)
                                         : arena_printf(c->arena, "\"%s\"", digits);
    put_header(ret, "ETag", tag);
    if (is_same_tag(c->q, tag)) {
        ret->status = 304;
        ret->content_type = NULL;
        ret->body_bytes = 0;
    }
}

static void answer_stream(struct api_call *c, struct server_answer *ret) {
    *ret = (struct server_answer){ .status = 200,
                                   .content_type = "text/event-stream",
                                   .stream = c->stream };
    put_header(ret, "Cache-Control", "no-store");
    put_header(ret, "X-Accel-Buffering",
               "no"); /* a proxy that collects answers would hold it back */
}

/* What is shown besides the settings (when it was listed, when it is due) moves by itself, and keeps nobody
 * from changing them: only the first half of the tag counts. */
enum rc_code api_match(const struct api_call *c, const char *version, struct rc_error *err) {
    const char *given = server_header(c->q, "If-Match");
    size_t n = strlen(version);
    if (given == NULL)
        return refuse(err, RC_INVALID, "match.missing",
                      "this changes settings: send the ETag of what you have seen as If-Match");
    if (*given == '"' && strncmp(given + 1, version, n) == 0 &&
        (given[n + 1] == '.' || given[n + 1] == '"'))
        return RC_OK;
    return refuse(err, RC_CONFLICT, "match.stale",
                  "the settings have changed since you looked: get them again, and change those");
}

/* ---- what is done ---- */

static enum rc_code act(struct api_call *c, const struct api_route *r, struct rc_error *err,
                        struct server_answer *ret) {
    struct idempotency once = { 0 };
    struct buf b;
    enum rc_code rc = api_once_begin(c, r, &once, err);
    if (rc != RC_OK)
        return rc;
    if (once.status != 0) {
        *ret = (struct server_answer){ .status = once.status,
                                       .content_type = "application/json",
                                       .body = once.body.ptr,
                                       .body_bytes = once.body.len };
        put_header(ret, "Idempotency-Replayed", "true");
        return RC_OK;
    }
    /* That it is too much is found out when it has been done. */
    buf_init(&b, r->large ? LARGE_ANSWER_BYTES : ANSWER_BYTES);
    json_begin(&c->w, &b);
    json_object(&c->w, NULL);
    /* what is sealed or opened, is so with the key that counts by now */
    c->key = atomic_load(&c->serve->key);
    rc = strcmp(r->method, "GET") != 0 ? serve_key(c->serve, c->st, &c->key, err) : RC_OK;
    if (rc == RC_OK)
        rc = r->handler(c, err);
    json_object_end(&c->w);
    if (rc == RC_OK && b.full)
        rc = refuse(err, RC_INVALID, "request.argument", "this is too much for one answer");
    if (rc == RC_OK && c->stream != NULL)
        answer_stream(c, ret);
    else if (rc == RC_OK)
        answer_json(c, &b, ret);
    api_once_end(c, &once, rc, ret);
    buf_done(&b);
    return rc;
}

/* ---- one request ---- */

static enum rc_code find_company(struct api_call *c, const struct api_route *r,
                                 struct rc_error *err) {
    if (strncmp(r->path, API_COMPANY, strlen(API_COMPANY)) != 0)
        return RC_OK;
    enum rc_code rc = company_find(c->st, c->parts[0], c->arena, &c->company, err);
    bool is_foreign =
        rc == RC_OK && c->token.company_id != 0 && c->token.company_id != c->company.company_id;
    if (is_foreign || rc == RC_NOT_FOUND)
        return refuse(err, RC_NOT_FOUND, "company.unknown", "there is no such company");
    return rc;
}

static enum rc_code answer(struct api_call *c, struct json_reader *reader, struct rc_error *err,
                           struct server_answer *ret) {
    bool other = false;
    enum rc_code rc = read_token(c, err);
    if (rc != RC_OK)
        return rc;
    const struct api_route *r = find_route(c, &other);
    c->route = r;
    if (r == NULL)
        return other ? refuse(err, RC_INVALID, "request.method",
                              "this address knows other methods, but not this one")
                     : refuse(err, RC_NOT_FOUND, "not-found", "there is nothing at this address");
    if ((rc = find_company(c, r, err)) != RC_OK)
        return rc;
    if (c->token.right < r->right || (r->installation && c->token.company_id != 0))
        return rc_fail_as(err, RC_AUTH, "token.rights", "this wants a token %swith the right to %s",
                          r->installation ? "of the installation " : "",
                          token_right_name(r->right));
    if (c->company.suspended_us != 0 && c->token.company_id != 0 && strcmp(r->method, "GET") != 0)
        return refuse(
            err, RC_AUTH, "token.suspended",
            "the company is suspended by whoever runs this installation: it can be looked "
            "at, and nothing is done for it");
    if ((rc = check_arguments(c, r, err)) != RC_OK || (rc = read_body(c, r, reader, err)) != RC_OK)
        return rc;
    return act(c, r, err, ret);
}

bool api_is_path(const char *path) {
    size_t n = strlen(ROOT);
    return strncmp(path, ROOT, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* With a database that does not answer there is room: it is said once the body is there. */
static bool may_ask(struct serve *s, const struct server_request *q, const struct api_route *r) {
    struct api_call c = { .q = q, .arena = q->arena, .now_us = clock_now_us(s->clock) };
    struct rc_error err = { 0 };
    enum rc_code rc = serve_borrow(s, &c.st, &err);
    if (rc == RC_OK)
        rc = read_token(&c, &err);
    serve_give_back(s, c.st, rc);
    return rc != RC_AUTH && rc != RC_NOT_FOUND && (rc != RC_OK || c.token.right >= r->right);
}

bool api_takes_large(struct serve *s, const struct server_request *q) {
    const char *parts[API_PARTS];
    for (size_t i = 0; i < api_routes_n; i++)
        if (api_routes[i].large && strcmp(api_routes[i].method, q->method) == 0 &&
            matches(api_routes[i].path, q->raw_path + strlen(ROOT), q->arena, parts))
            return may_ask(s, q, &api_routes[i]);
    return false;
}

/* What the log says about a request bears its number, and so does the answer. */
static const char *begin_request(const struct server_request *q) {
    uint64_t number;
    secret_random(&number, sizeof number);
    const char *id = arena_printf(q->arena, "%016llx", (unsigned long long)number);
    log_about("request=%s", id);
    return id;
}

void api_refuse_body(const struct server_request *q, int status, struct server_answer *ret) {
    const char *id = begin_request(q);
    if (status == 429) {
        problem_answer(q, status, "Too Many Requests", "request.no-room",
                       "too many large bodies are being read: again in a moment", ret);
        put_header(ret, "Retry-After", "5");
    } else
        problem_answer(q, status, "Content Too Large", "request.too-large",
                       "the body is too large, or too large for who sends it", ret);
    put_header(ret, "Request-Id", id);
    log_info("method=%s path=- status=%d", q->method, status);
    log_about_nothing();
}

void api_answer(struct serve *s, const struct server_request *q, struct server_answer *ret) {
    struct api_call c = { .serve = s, .q = q, .arena = q->arena, .status = 200 };
    struct rc_error err = { 0 };
    int64_t began = clock_now_us(s->clock);
    RC_CLEANUP(json_reader_freep)
    struct json_reader *reader =
        json_reader_new(q->body_bytes > SERVE_BODY_BYTES ? SERVE_LARGE_BYTES : SERVE_BODY_BYTES);
    const char *id = begin_request(q);
    c.now_us = began;
    enum rc_code rc = serve_borrow(s, &c.st, &err);
    if (rc == RC_OK) {
        c.show = (struct show){ c.st, s->clock, q->arena, s->kept };
        rc = answer(&c, reader, &err, ret);
        db_rollback(c.st->db); /* harmless when nothing is open */
    }
    if (rc != RC_OK)
        answer_error(&c, rc, &err, ret);
    serve_give_back(s, c.st, rc);
    struct workers *w = atomic_load(&s->workers);
    if (rc == RC_OK && ret->status == 202 && w != NULL)
        workers_hint(w);
    put_header(ret, "Request-Id", id);
    /* As the contract writes it: what was sent may name a person, or hold a token. */
    log_info("method=%s path=%s company=%.*s status=%d ms=%lld token=%.*s",
             c.route != NULL ? c.route->method : "-", c.route != NULL ? c.route->path : "-",
             TEXT_ARG(c.company.key), ret->status,
             (long long)((clock_now_us(s->clock) - began) / 1000), TEXT_ARG(c.token.token_id));
    log_about_nothing();
}
