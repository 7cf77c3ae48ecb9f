/* Pace, repeating, and one call with its token. Nothing here knows about users and teams. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "secret/secret.h"

enum {
    MALFORMED_MOST = 2, /* a wrong form is asked for again, but it is seldom a passing thing */
    SAID_BYTES = 300,
};

/* ---- pace ---- */

static int64_t pace_ask(struct learnamp *p, bool *ret_refused) {
    pthread_mutex_lock(&p->pace_lock);
    int64_t wait_us = pace_wait_us(&p->pace, clock_monotonic_us(p->clock));
    *ret_refused = p->pace.refusals > 0;
    pthread_mutex_unlock(&p->pace_lock);
    return wait_us;
}

static void pace_tell(struct learnamp *p, const struct http_response *r) {
    pthread_mutex_lock(&p->pace_lock);
    if (r != NULL)
        pace_answered(&p->pace, clock_monotonic_us(p->clock), r);
    else
        pace_no_answer(&p->pace, clock_monotonic_us(p->clock));
    pthread_mutex_unlock(&p->pace_lock);
}

/* Sleeps until the pace lets us go. A pause of many minutes is handed to the caller. */
static enum rc_code wait_turn(struct learnamp *p, struct rc_error *err) {
    enum { SLICE_US = 500000, ENDING_MOST_US = 5000000 };
    int64_t wait_us;
    bool refused = false;
    while ((wait_us = pace_ask(p, &refused)) > 0) {
        int64_t until_us = clock_now_us(p->clock) + wait_us;
        if (wait_us > LEARNAMP_WAIT_MOST_S * INT64_C(1000000)) {
            rc_fail_as(err, RC_LIMITED, "destination.limited",
                       "Learn Amp asked us to wait for %lld s", (long long)(wait_us / 1000000));
            if (err != NULL)
                err->retry_at_us = until_us;
            return RC_LIMITED;
        }
        if (refused) /* our own pace is no news */
            p->base.waiting_until_us = until_us;
        /* What is under way goes on to its end while the process is being stopped, unless that takes
         * long. */
        if (clock_is_ending(p->clock) && wait_us > ENDING_MOST_US)
            return rc_fail_as(err, RC_RETRY, "stopping",
                              "rollcall is being stopped, and Learn Amp asked us to wait");
        clock_sleep_us(p->clock, wait_us < SLICE_US ? wait_us : SLICE_US);
    }
    p->base.waiting_until_us = 0;
    return RC_OK;
}

/* ---- one exchange ---- */

static void note_answer(struct learnamp *p, const struct http_response *r) {
    pace_tell(p, r);
    if (r->date_us != 0) {
        p->base.remote_date_us = r->date_us;
        p->base.remote_seen_us = clock_now_us(p->clock);
    }
}

static bool is_json(const char *content_type) {
    size_t n = strlen(content_type);
    return strcmp(content_type, "application/json") == 0 ||
           (n > 5 && strcmp(content_type + n - 5, "+json") == 0);
}

static int64_t number_of(const struct http_wanted *h) {
    int64_t n = 0;
    size_t len = strlen(h->value);
    if (len == 0 || len > 15)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (h->value[i] < '0' || h->value[i] > '9')
            return -1;
        n = n * 10 + (h->value[i] - '0');
    }
    return n;
}

/* What became of a call whose answer cannot be used, and whether the same call may follow. */
static enum rc_code spoiled(enum learnamp_kind kind, bool *ret_again) {
    *ret_again = kind != LEARNAMP_MAKES;
    return kind == LEARNAMP_READS ? RC_RETRY : RC_UNSURE;
}

static enum rc_code no_answer(struct learnamp *p, enum learnamp_kind kind, enum rc_code rc,
                              const struct rc_error *why, const char *what, bool *ret_again,
                              struct rc_error *err) {
    bool too_large = why->name != NULL && strcmp(why->name, "http.too-large") == 0;
    pace_tell(p, NULL);
    if (too_large && kind == LEARNAMP_READS)
        return rc_fail_as(err, RC_INVALID, "destination.answer", "%s: the answer is over %d MiB",
                          what, LEARNAMP_BODY_BYTES >> 20);
    if (err != NULL)
        *err = *why;
    *ret_again = rc == RC_RETRY || (rc == RC_UNSURE && kind == LEARNAMP_SETS && !too_large);
    return rc_context(err, rc, "%s", what);
}

/* 429, 5xx and the like. A change answered with 5xx may have been made all the same. */
static enum rc_code later(struct learnamp *p, enum learnamp_kind kind,
                          const struct http_response *r, const char *what, bool *ret_again,
                          struct rc_error *err) {
    enum rc_code rc = http_status_code(r, p->clock, what, err);
    *ret_again = true;
    if (r->status == 429 || r->status == 425)
        return rc;
    rc = spoiled(kind, ret_again);
    if (err != NULL)
        err->code = rc;
    return rc;
}

static enum rc_code malformed(struct learnamp *p, enum learnamp_kind kind, const char *what,
                              const char *how, bool *ret_again, struct rc_error *err) {
    enum rc_code rc = spoiled(kind, ret_again);
    pace_tell(p, NULL);
    return rc_fail_as(err, rc == RC_RETRY ? RC_INVALID : rc, "destination.answer",
                      "%s: the answer is %s: is a proxy or login page in between?", what, how);
}

/* One request and its answer, parsed. RC_OK for every status that says something about the request
 * itself; *ret_again: the same request may go well later. */
static enum rc_code once(struct learnamp_lane *l, const struct http_request *q,
                         enum learnamp_kind kind, const char *what, struct learnamp_answer *ret,
                         bool *ret_again, struct rc_error *err) {
    struct learnamp *p = learnamp_of(l);
    struct http_wanted wanted[] = { { .name = "Total" }, { .name = "Total-Pages" } };
    struct http_response r = { .body = &l->body, .wanted = wanted, .wanted_n = RC_LEN(wanted) };
    struct rc_error why = { 0 };
    enum rc_code rc = http_send(l->http, q, &r, &why);
    *ret_again = false;
    if (rc != RC_OK)
        return no_answer(p, kind, rc, &why, what, ret_again, err);
    note_answer(p, &r);
    if (r.status == 408 || r.status == 425 || r.status == 429 || r.status >= 500)
        return later(p, kind, &r, what, ret_again, err);
    ret->status = r.status;
    ret->root = NULL;
    ret->total = number_of(&wanted[0]);
    ret->total_pages = number_of(&wanted[1]);
    if (r.status >= 300 && r.status < 400)
        return rc_fail_as(
            err, RC_INVALID, "destination.answer",
            "%s: answered with a redirect (%d), which is not followed: is base-url right?", what,
            r.status);
    bool must_read = learnamp_is_good(ret) && r.status != 204;
    if (!is_json(r.content_type))
        return must_read ? malformed(p, kind, what, "not JSON", ret_again, err) : RC_OK;
    if (buf_room(&l->body, JSON_PADDING) == NULL)
        rc_die("learnamp: no room behind an answer");
    rc = json_parse(l->reader, l->body.ptr, l->body.len, &ret->root, NULL);
    if (rc != RC_OK)
        ret->root = NULL;
    return rc == RC_OK || !must_read ? RC_OK
                                     : malformed(p, kind, what, "broken JSON", ret_again, err);
}

enum rc_code learnamp_exchange(struct learnamp_lane *l, const struct http_request *q,
                               enum learnamp_kind kind, const char *what,
                               struct learnamp_answer *ret, struct rc_error *err) {
    struct learnamp *p = learnamp_of(l);
    unsigned malformed_n = 0;
    bool unsure = false;
    *ret = (struct learnamp_answer){ .total = -1, .total_pages = -1 };
    for (unsigned tries = 1;; tries++) {
        struct rc_error why = { 0 };
        bool again = false;
        enum rc_code rc = wait_turn(p, &why);
        if (rc == RC_OK)
            rc = once(l, q, kind, what, ret, &again, &why);
        ret->again = unsure;
        if (rc == RC_OK)
            return rc;
        unsure = unsure || rc == RC_UNSURE;
        malformed_n += why.name != NULL && strcmp(why.name, "destination.answer") == 0;
        if (again && tries <= p->retries && malformed_n <= MALFORMED_MOST)
            continue;
        if (unsure) /* whatever the last try says, an earlier one may have done it */
            rc = why.code = RC_UNSURE;
        if (err != NULL)
            *err = why;
        return tries > 1 ? rc_context(err, rc, "after %u tries", tries) : rc;
    }
}

/* ---- what was answered ---- */

struct text learnamp_said(const struct learnamp_answer *answer, struct arena *a) {
    const char *s;
    size_t n;
    struct text clean;
    if (json_str(json_get(answer->root, "error"), &s, &n) &&
        text_clean(a, s, n, LEARNAMP_TEXT_BYTES, &clean, NULL) == RC_OK &&
        clean.state == TEXT_SET) {
        clean.len = clean.len > SAID_BYTES ? text_first_bytes(clean, SAID_BYTES / 4) : clean.len;
        return text_copy(a, clean); /* the answer goes with the lane's next call */
    }
    return text_of(arena_printf(a, "answered %d, without a reason", answer->status));
}

/* "Access to this resource requires scope "users:update"." */
static bool scope_wanted(const struct learnamp_answer *answer, char ret[64]) {
    const char *s, *from;
    size_t n;
    if (!json_str(json_get(answer->root, "error"), &s, &n) ||
        (from = memmem(s, n, "scope", 5)) == NULL)
        return false;
    size_t left = n - (size_t)(from - s), len = 0;
    ret[0] = '\0';
    from = memchr(from, '"', left);
    if (from == NULL)
        return true;
    for (from++; from < s + n && len < 63 &&
                 strchr("abcdefghijklmnopqrstuvwxyz_:", *from) != NULL && *from != '\0';
         from++)
        ret[len++] = *from;
    ret[len] = '\0';
    return true;
}

/* {"error": "..."}, or no body at all: Learn Amp itself speaks, not a proxy or a wrong path. */
static bool is_refusal(const struct learnamp_lane *l, const struct learnamp_answer *answer) {
    const char *s;
    size_t n;
    return json_str(json_get(answer->root, "error"), &s, &n) ||
           json_type(json_get(answer->root, "fullErrors")) == JSON_OBJECT ||
           (answer->status == 422 && l->body.len == 0);
}

static enum rc_code judge(const struct learnamp_lane *l, const struct learnamp_call *c,
                          const struct learnamp_answer *answer, struct rc_error *err) {
    char scope[64] = "";
    bool refusal = is_refusal(l, answer);
    if (learnamp_is_good(answer) && (answer->status != 204 || c->kind != LEARNAMP_READS))
        return RC_OK;
    if ((answer->status == 401 || answer->status == 403) && scope_wanted(answer, scope))
        return rc_fail_as(err, RC_AUTH, "destination.scope",
                          "%s: the key lacks the scope %s. Tick it in " LEARNAMP_WHERE, c->what,
                          scope[0] != '\0' ? scope : c->scope);
    switch (answer->status) {
    case 401:
        return rc_fail_as(err, RC_AUTH, "destination.credentials",
                          "%s: Learn Amp refused (401) although the token is new: is the key still "
                          "there, and does it belong to somebody who may do this?",
                          c->what);
    case 403:
        if (refusal)
            return RC_OK;
        return rc_fail_as(err, RC_AUTH, "destination.scope",
                          "%s: refused (403), but not in Learn Amp's form: is a proxy in between? "
                          "It needs the scope %s",
                          c->what, c->scope);
    case 400:
    case 404:
    case 409:
    case 410:
    case 422:
        if (refusal)
            return RC_OK;
        break;
    default: break;
    }
    return rc_fail_as(err, RC_INVALID, "destination.answer",
                      "%s: answered %d%s: is base-url right?", c->what, answer->status,
                      refusal ? "" : ", and not in Learn Amp's form");
}

/* ---- a call ---- */

/* A token is a few dozen bytes, its room some thousand, and every call has one. */
static void wipe_used(char *secret) {
    secret_wipe(secret, strlen(secret));
}

enum rc_code learnamp_call(struct learnamp_lane *l, const struct learnamp_call *c,
                           struct learnamp_answer *ret, struct rc_error *err) {
    struct learnamp *p = learnamp_of(l);
    char token[LEARNAMP_TOKEN_BYTES], bearer[LEARNAMP_TOKEN_BYTES + 8];
    uint64_t stale = 0, number = 0;
    enum rc_code rc;
    *ret = (struct learnamp_answer){ .total = -1, .total_pages = -1 };
    token[0] = bearer[0] = '\0';
    for (unsigned refused = 0;; refused++) {
        wipe_used(token);
        wipe_used(bearer);
        rc = learnamp_token(l, stale, token, &number, err);
        if (rc != RC_OK)
            break;
        strcpy(stpcpy(bearer, "Bearer "), token);
        buf_clear(&l->url);
        buf_str(&l->url, p->base_url);
        buf_str(&l->url, c->path);
        if (l->url.full)
            rc_die("learnamp: a URL is too long");
        struct http_request q = {
            .method = c->method,
            .url = l->url.ptr,
            .headers = { { "Accept", "application/json" },
                         { "Authorization", bearer },
                         { "Content-Type", "application/json" } },
            .headers_n = c->send != NULL ? 3 : 2,
            .body = c->send != NULL             ? c->send->ptr
                    : c->kind == LEARNAMP_READS ? NULL
                                                : "",
            .body_bytes = c->send != NULL ? c->send->len : 0,
            .changes = c->kind != LEARNAMP_READS,
        };
        rc = learnamp_exchange(l, &q, c->kind, c->what, ret, err);
        if (rc != RC_OK)
            break;
        if (ret->status == 401 && refused == 0) { /* expired, perhaps: a new one, and once more */
            stale = number;
            continue;
        }
        rc = judge(l, c, ret, err);
        if (rc != RC_OK && ret->again)
            rc = RC_UNSURE;
        break;
    }
    if (rc == RC_UNSURE && err != NULL)
        err->code = rc;
    wipe_used(token);
    wipe_used(bearer);
    return rc;
}

/* ---- what the platform can do ---- */

/* Anything but an announcement in its own form means the documented API, which has no such call. */
enum rc_code learnamp_caps(struct learnamp_lane *l, unsigned *ret, struct rc_error *err) {
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = { { "avatar", LEARNAMP_AVATAR },
                  { "leaveDate", LEARNAMP_LEAVE_DATE },
                  { "invite", LEARNAMP_INVITE } };
    struct learnamp *p = learnamp_of(l);
    struct learnamp_answer answer;
    unsigned caps = p->caps;
    if ((caps & LEARNAMP_CAPS_KNOWN) != 0) {
        *ret = caps;
        return RC_OK;
    }
    const struct learnamp_call call = { LEARNAMP_READS,         "GET",    "/v1/capabilities",
                                        "GET /v1/capabilities", "public", NULL };
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    bool no_such_call = answer.status == 404 || answer.status == 405 || answer.status == 406 ||
                        answer.status == 410; /* in whatever form */
    if (rc == RC_INVALID && no_such_call)
        rc = RC_OK;
    if (rc != RC_OK && !(rc == RC_AUTH && answer.status == 403))
        return rc;
    caps = LEARNAMP_CAPS_KNOWN;
    struct json_iter it = json_iter(
        learnamp_is_good(&answer) && rc == RC_OK ? json_get(answer.root, "capabilities") : NULL);
    for (json none, one; json_next(&it, &none, &one);) {
        const char *s;
        size_t n;
        for (size_t i = 0; json_str(one, &s, &n) && i < RC_LEN(words); i++)
            caps |= text_is(text_from(s, n), words[i].word) ? words[i].bit : 0;
    }
    p->caps = caps;
    *ret = caps;
    return RC_OK;
}
