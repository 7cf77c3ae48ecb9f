#include "tests/check.h"
#include <stdio.h>
#include <stdlib.h>
#include "base/buf.h"
#include "tests/source/personio_fake.h"

static void answer_json(const struct server_request *q, struct server_answer *ret, int status,
                        const char *body, size_t len) {
    ret->status = status;
    ret->content_type = "application/json";
    ret->body = arena_copy(q->arena, body, len);
    ret->body_bytes = len;
}

static void refuse(const struct server_request *q, struct server_answer *ret, int status,
                   const char *message) {
    const char *body = arena_printf(
        q->arena, "{\"success\":false,\"error\":{\"code\":0,\"message\":\"%s\"}}", message);
    answer_json(q, ret, status, body, strlen(body));
}

static void put_row(const struct fake *f, struct buf *b, size_t i) {
    if (f->rows != NULL)
        buf_str(b, f->rows[i]);
    else
        buf_printf(
            b,
            "{\"type\":\"Employee\",\"attributes\":{\"id\":{\"label\":\"ID\",\"value\":%zu},"
            "\"first_name\":{\"label\":\"Vorname\",\"value\":\"P%zu\",\"type\":\"standard\"},"
            "\"status\":{\"label\":\"Status\",\"value\":\"active\",\"type\":\"standard\"}}}",
            i + 1, i + 1);
}

static void on_list(struct fake *f, const struct server_request *q, struct server_answer *ret) {
    struct buf b;
    const char *limit_text = server_argument(q, "limit", 0);
    const char *offset_text = server_argument(q, "offset", 0);
    size_t limit = limit_text != NULL ? strtoull(limit_text, NULL, 10) : 50;
    size_t offset = offset_text != NULL ? strtoull(offset_text, NULL, 10) : 0;
    size_t end = f->people_n;
    snprintf(f->last_query, sizeof f->last_query, "%s", q->query);
    f->lists_n++;
    if (f->paging == FAKE_IGNORES_OFFSET)
        offset = 0;
    if (f->paging == FAKE_SHORT && limit > 3)
        limit = 3;
    if (f->paging == FAKE_ALL_AT_ONCE)
        limit = end;
    if (f->paging == FAKE_ENDLESS)
        end = SIZE_MAX;
    buf_init(&b, (size_t)16 << 20);
    buf_str(&b, "{\"success\":true,");
    if (f->metadata != NULL)
        buf_str(&b, f->metadata);
    else
        buf_printf(&b,
                   "\"metadata\":{\"total_elements\":%zu,\"current_page\":7,\"total_pages\":1},",
                   f->people_n);
    buf_str(&b, "\"data\":[");
    for (size_t i = offset; i < end && i - offset < limit; i++) {
        buf_str(&b, i > offset ? "," : "");
        put_row(f, &b, i);
    }
    buf_str(&b, "]}");
    answer_json(q, ret, 200, b.ptr, b.len);
    buf_done(&b);
}

static void on_get(struct fake *f, const struct server_request *q, struct server_answer *ret) {
    struct buf b;
    char id[64];
    f->gets_n++;
    snprintf(id, sizeof id, "\"id\":{\"label\":\"ID\",\"value\":%s", strrchr(q->path, '/') + 1);
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < f->people_n; i++) {
        buf_clear(&b);
        buf_str(&b, "{\"success\":true,\"data\":");
        put_row(f, &b, i);
        const char *hit = strstr(b.ptr, "\"id\":{"); /* the first: a supervisor's comes later */
        if (f->get_body == NULL && (hit == NULL || strncmp(hit, id, strlen(id)) != 0 ||
                                    strchr(",}", hit[strlen(id)]) == NULL))
            continue;
        buf_str(&b, "}");
        if (f->get_body != NULL)
            answer_json(q, ret, 200, f->get_body, strlen(f->get_body));
        else
            answer_json(q, ret, 200, b.ptr, b.len);
        buf_done(&b);
        return;
    }
    buf_done(&b);
    refuse(q, ret, 404, "Es ist ein Problem aufgetreten ");
}

static void on_auth(struct fake *f, const struct server_request *q, struct server_answer *ret) {
    f->auths_n++;
    snprintf(f->last_auth_body, sizeof f->last_auth_body, "%.*s", (int)q->body_bytes, q->body);
    if (q->query[0] != '\0' ||
        strstr(f->last_auth_body, "\"client_secret\":\"right-secret\"") == NULL) {
        refuse(q, ret, 403, "Wrong credentials");
        return;
    }
    f->token_n++;
    const char *body = arena_printf(
        q->arena,
        "{\"success\":true,\"data\":{\"token\":\"papi-%0*u\",\"expires_in\":86400%s%s%s}}",
        f->token_length, f->token_n, f->scope != NULL ? ",\"scope\":\"" : "",
        f->scope != NULL ? f->scope : "", f->scope != NULL ? "\"" : "");
    answer_json(q, ret, 200, body, strlen(body));
}

/* A data call needs the newest token; with one-time tokens each good one is used up and followed by
 * the next. */
static bool let_in(struct fake *f, const struct server_request *q, struct server_answer *ret) {
    const char *have = server_header(q, "Authorization");
    const char *want = arena_printf(q->arena, "Bearer papi-%0*u", f->token_length, f->token_n);
    if (have == NULL || f->token_n == 0 || strcmp(have, want) != 0 || f->denies_all) {
        refuse(q, ret, 403, "Provided authorization is not valid");
        return false;
    }
    if (f->one_time_tokens)
        f->token_n++;
    ret->headers[ret->headers_n].name = "Authorization";
    ret->headers[ret->headers_n++].value =
        arena_printf(q->arena, "Bearer papi-%0*u", f->token_length, f->token_n);
    return true;
}

static void handle(void *self, const struct server_request *q, struct server_answer *ret) {
    struct fake *f = self;
    const char *app = server_header(q, "X-Personio-App-ID");
    static const char people[] = "/v1/company/employees";
    f->calls_n++;
    f->bare_n += app == NULL || strcmp(app, "ROLLCALL") != 0 ||
                 server_header(q, "X-Personio-Partner-ID") != NULL;
    if (f->fault.path != NULL && strncmp(q->path, f->fault.path, strlen(f->fault.path)) == 0) {
        unsigned n = f->fault_calls_n++;
        if (n >= f->fault.after && (f->fault.times == 0 || n < f->fault.after + f->fault.times)) {
            *ret = f->fault.answer;
            if (ret->body != NULL && ret->body_bytes == 0)
                ret->body_bytes = strlen(ret->body);
            f->faults_n++;
            return;
        }
    }
    if (strcmp(q->path, "/v1/auth") == 0 && strcmp(q->method, "POST") == 0) {
        on_auth(f, q, ret);
    } else if (!let_in(f, q, ret)) {
        return;
    } else if (strcmp(q->path, people) == 0) {
        on_list(f, q, ret);
    } else if (strcmp(q->path, "/v1/company/employees/attributes") == 0) {
        f->catalogues_n++;
        const char *body = arena_printf(q->arena, "{\"success\":true,\"data\":%s}",
                                        f->catalogue != NULL ? f->catalogue : "[]");
        answer_json(q, ret, 200, body, strlen(body));
    } else if (strncmp(q->path, people, sizeof people - 1) == 0) {
        on_get(f, q, ret);
    } else {
        ret->status = 404;
        ret->content_type = "text/html";
        ret->body = "<html>no such page</html>";
        ret->body_bytes = strlen(ret->body);
    }
}

void fake_open(struct fake *f) {
    struct rc_error err = { 0 };
    struct server_options o = { .threads = 1 };
    if (f->token_length == 0)
        f->token_length = 8;
    if (server_open(&o, handle, f, &f->server, &err) != RC_OK)
        fail_msg("%s", err.text);
    snprintf(f->url, sizeof f->url, "http://127.0.0.1:%u", server_port(f->server));
}

void fake_close(struct fake *f) {
    server_close(f->server);
}
