/* Token, pace and repeating. Nothing here knows about employees. */
#include "source/personio_p.h"

#include <stdio.h>
#include <string.h>

#include "secret/secret.h"

enum {
    MALFORMED_MOST = 2
}; /* an answer in a wrong form is asked for again, but it is seldom a passing thing */

/* ---- one exchange ---- */

/* Sleeps until the pace lets us go. A pause of many minutes is handed to the caller. */
static enum rc_code wait_turn(struct personio *p, struct rc_error *err) {
    enum { SLICE_US = 500000 }; /* then it is asked whether the process is being stopped */
    int64_t wait_us;
    while ((wait_us = pace_wait_us(&p->pace, clock_monotonic_us(p->clock))) > 0) {
        if (clock_is_ending(p->clock))
            break;
        int64_t until_us = clock_now_us(p->clock) + wait_us;
        if (wait_us > PERSONIO_WAIT_MOST_S * INT64_C(1000000)) {
            rc_fail_as(err, RC_LIMITED, "personio.limited", "Personio asked us to wait for %lld s",
                       (long long)(wait_us / 1000000));
            if (err != NULL)
                err->retry_at_us = until_us;
            return RC_LIMITED;
        }
        if (p->pace.refusals > 0) /* our own pace is no news */
            p->base.waiting_until_us = until_us;
        clock_sleep_us(p->clock, wait_us < SLICE_US ? wait_us : SLICE_US);
    }
    p->base.waiting_until_us = 0;
    return clock_is_ending(p->clock)
               ? rc_fail_as(err, RC_RETRY, "stopping",
                            "rollcall is being stopped: nothing more is asked")
               : RC_OK;
}

/* Printable ASCII without blanks, so that it can stand in a header. */
static bool token_usable(const char *t, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (t[i] <= ' ' || t[i] > '~')
            return false;
    return len > 0 && len < PERSONIO_TOKEN_BYTES;
}

static void token_set(struct personio *p, const char *t, size_t len) {
    memcpy(p->token, t, len);
    p->token[len] = '\0';
}

/* What every answer tells beside its body. Where tokens are good for one call only, the next one
 * comes in this header. */
static void note_answer(struct personio *p, const struct http_response *r) {
    static const char bearer[] = "Bearer ";
    pace_answered(&p->pace, clock_monotonic_us(p->clock), r);
    if (r->date_us != 0) {
        p->base.remote_date_us = r->date_us;
        p->base.remote_seen_us = clock_now_us(p->clock);
    }
    if (strncmp(r->authorization, bearer, sizeof bearer - 1) == 0) {
        const char *t = r->authorization + sizeof bearer - 1;
        if (token_usable(t, strlen(t)) && strcmp(t, p->token) != 0)
            token_set(p, t, strlen(t));
    }
}

static bool is_json(const char *content_type) {
    size_t n = strlen(content_type);
    return strcmp(content_type, "application/json") == 0 ||
           (n > 5 && strcmp(content_type + n - 5, "+json") == 0);
}

/* One call and its answer, parsed. RC_OK for every status that says something about the call
 * itself; *ret_again: the same call may go well later. */
static enum rc_code once(struct personio *p, const struct http_request *q, const char *what,
                         struct buf *body, struct json_reader *reader, struct personio_answer *ret,
                         bool *ret_again, struct rc_error *err) {
    struct http_response r = { .body = body };
    struct rc_error why = { 0 };
    enum rc_code rc = http_send(p->http, q, &r, &why);
    *ret_again = rc == RC_RETRY;
    if (rc != RC_OK) {
        pace_no_answer(&p->pace, clock_monotonic_us(p->clock));
        if (why.name != NULL && strcmp(why.name, "http.too-large") == 0) {
            *ret_again = false;
            return rc_fail_as(err, RC_INVALID, "personio.answer", "%s: the answer is over %d MiB",
                              what, PERSONIO_BODY_BYTES >> 20);
        }
        if (err != NULL)
            *err = why;
        return rc_context(err, rc, "%s", what);
    }
    note_answer(p, &r);
    if (r.status == 408 || r.status == 425 || r.status == 429 || r.status >= 500) {
        *ret_again = true;
        return http_status_code(&r, p->clock, what, err);
    }
    *ret = (struct personio_answer){ .status = r.status, .any_body = ret->any_body };
    bool wants_json = r.status == 200 && !ret->any_body;
    memcpy(ret->content_type, r.content_type, sizeof ret->content_type);
    if (r.status >= 300 && r.status < 400)
        return rc_fail_as(
            err, RC_INVALID, "personio.answer",
            "%s: answered with a redirect (%d), which is not followed: is base-url right?", what,
            r.status);
    if (wants_json)
        *ret_again = true;
    if (!is_json(r.content_type)) {
        if (!wants_json)
            return RC_OK; /* the status is judged by the caller */
        pace_no_answer(&p->pace, clock_monotonic_us(p->clock));
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "%s: the answer is %s, not JSON: is a proxy or login page in between?",
                          what, r.content_type[0] != '\0' ? r.content_type : "of no type");
    }
    buf_room(body, JSON_PADDING);
    rc = json_parse(reader, body->ptr, body->len, &ret->root, &why);
    if (rc == RC_OK || !wants_json)
        return RC_OK;
    pace_no_answer(&p->pace, clock_monotonic_us(p->clock));
    return rc_fail_as(err, RC_INVALID, "personio.answer", "%s: the answer is broken JSON: %s", what,
                      why.text);
}

enum rc_code personio_exchange(struct personio *p, const struct http_request *q, const char *what,
                               struct buf *body, struct json_reader *reader,
                               struct personio_answer *ret, struct rc_error *err) {
    unsigned malformed = 0;
    for (unsigned tries = 1;; tries++) {
        bool again = false;
        enum rc_code rc = wait_turn(p, err);
        if (rc != RC_OK)
            return rc;
        rc = once(p, q, what, body, reader, ret, &again, err);
        if (rc == RC_OK)
            return rc;
        malformed += rc == RC_INVALID;
        if (q->changes && rc != RC_LIMITED) /* it may have been done: whoever asked looks first */
            again = false;
        if (!again || tries > p->retries || malformed > MALFORMED_MOST)
            return tries > 1 ? rc_context(err, rc, "after %u tries", tries) : rc;
    }
}

/* ---- token ---- */

static void auth_request(const struct personio *p, struct buf *url, struct buf *body) {
    struct json_writer w;
    buf_printf(url, "%s" PERSONIO_AUTH, p->base_url);
    json_begin(&w, body);
    json_object(&w, NULL);
    json_put_cstr(&w, "client_id", p->client_id);
    json_put_cstr(&w, "client_secret", p->client_secret);
    json_object_end(&w);
}

static enum rc_code token_take(struct personio *p, json root, struct rc_error *err) {
    const char *token, *scope;
    size_t token_len, scope_len;
    bool success = false;
    json data = json_get(root, "data");
    if (!json_bool(json_get(root, "success"), &success) || !success ||
        !json_str(json_get(data, "token"), &token, &token_len) || !token_usable(token, token_len))
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "signing in: the answer has no usable token");
    token_set(p, token, token_len);
    p->token_since_us = clock_monotonic_us(p->clock);
    mem_free(p->scope);
    p->scope = NULL;
    if (json_str(json_get(data, "scope"), &scope, &scope_len)) {
        p->scope = mem_zalloc(scope_len + 1);
        memcpy(p->scope, scope, scope_len);
    }
    return RC_OK;
}

enum rc_code personio_authorise(struct personio *p, struct personio_answer *ret,
                                struct rc_error *err) {
    struct buf url, body;
    struct personio_answer answer = { 0 };
    buf_init(&url, 2000);
    buf_init(&body, 4000);
    auth_request(p, &url, &body);
    struct http_request q = {
        .method = "POST",
        .url = url.ptr,
        .headers = { { "Accept", "application/json" },
                     { "Content-Type", "application/json" },
                     { "X-Personio-App-ID", "ROLLCALL" } },
        .headers_n = 3,
        .body = body.ptr,
        .body_bytes = body.len,
        .changes = false, /* asking again gives the same token */
    };
    p->token[0] = '\0';
    enum rc_code rc =
        personio_exchange(p, &q, "signing in", &p->auth_body, p->auth_reader, &answer, err);
    if (rc == RC_OK && (answer.status == 401 || answer.status == 403))
        rc = rc_fail_as(
            err, RC_AUTH, "personio.credentials",
            answer.root != NULL
                ? "Personio refused client-id and client-secret (%d): copy both again from "
                  "Marketplace > Connected integrations, or make a new credential there"
                : "signing in: refused (%d), but not in Personio's form: is base-url right, is a "
                  "proxy in between?",
            answer.status);
    else if (rc == RC_OK && answer.status == 200)
        rc = token_take(p, answer.root, err);
    else if (rc == RC_OK)
        rc = rc_fail_as(err, RC_INVALID, "personio.answer",
                        "signing in: answered %d: is base-url right?", answer.status);
    secret_wipe(body.ptr, body.len);
    buf_done(&body);
    buf_done(&url);
    if (rc == RC_OK && ret != NULL)
        *ret = answer;
    return rc;
}

/* ---- calls ---- */

bool personio_is_refusal(json root) {
    bool success = true;
    return json_bool(json_get(root, "success"), &success) && !success &&
           json_type(json_get(root, "error")) == JSON_OBJECT;
}

static enum rc_code judge(const struct personio_answer *a, const char *what, struct rc_error *err) {
    bool success = false;
    if (a->status == 200 && json_bool(json_get(a->root, "success"), &success) && success)
        return RC_OK;
    if (a->status == 200)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "%s: the answer does not say \"success\": true", what);
    if (a->status == 404 && personio_is_refusal(a->root))
        return rc_fail_as(err, RC_NOT_FOUND, "personio.unknown", "%s: Personio does not know it",
                          what);
    if (a->status == 404)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "%s: answered 404, but not in Personio's form: is base-url right?", what);
    return rc_fail_as(err, RC_INVALID, "personio.answer", "%s: answered %d", what, a->status);
}

enum rc_code personio_call(struct personio *p, const char *path, const char *query,
                           const char *right, struct buf *body, struct json_reader *reader,
                           struct personio_answer *ret, struct rc_error *err) {
    struct buf url;
    char bearer[PERSONIO_TOKEN_BYTES + 8], what[200];
    enum rc_code rc = RC_OK;
    *ret = (struct personio_answer){ 0 };
    buf_init(&url, 2 * PERSONIO_QUERY_BYTES);
    buf_printf(&url, "%s%s%s%s", p->base_url, path, query[0] != '\0' ? "?" : "", query);
    snprintf(what, sizeof what, "GET %s", path);
    for (unsigned refused = 0;; refused++) {
        if (p->token[0] == '\0')
            rc = personio_authorise(p, NULL, err);
        if (rc != RC_OK)
            break;
        snprintf(bearer, sizeof bearer, "Bearer %s", p->token);
        struct http_request q = {
            .method = "GET",
            .url = url.ptr,
            .headers = { { "Accept", "application/json" },
                         { "Authorization", bearer },
                         { "X-Personio-App-ID", "ROLLCALL" } },
            .headers_n = 3,
        };
        rc = personio_exchange(p, &q, what, body, reader, ret, err);
        if (rc != RC_OK || (ret->status != 401 && ret->status != 403)) {
            rc = rc == RC_OK ? judge(ret, what, err) : rc;
            break;
        }
        p->token[0] = '\0'; /* expired, perhaps: a new one, and once more */
        if (refused == 1) {
            rc = rc_fail_as(
                err, RC_AUTH, "personio.right",
                "%s: Personio refused (%d) although the token is new. Missing right: %s. "
                "Tick it in " PERSONIO_WHERE,
                what, ret->status, right);
            break;
        }
    }
    secret_wipe(bearer, sizeof bearer);
    buf_done(&url);
    return rc;
}
