/* control.c - the control API: what tests and people use to see and change the company behind the
 * API's back. What it offers is told in docs/sandbox.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "sandbox/sandbox.h"

void control_refused(struct call *c, enum rc_code rc, const struct rc_error *err) {
    struct buf b;
    buf_init(&b, 4096);
    buf_str(&b, "{\"error\":");
    answer_quoted(&b, err->text, strlen(err->text));
    buf_char(&b, '}');
    answer_buf(c, rc == RC_NOT_FOUND ? 404 : 400, "application/json", &b);
    buf_done(&b);
}

bool control_is(const struct call *c, const char *method, const char *path, const char *want) {
    size_t len = strlen(want);
    return strcmp(c->q->method, method) == 0 && strncmp(path, want, len) == 0 &&
           (path[len] == '\0' || (len > 0 && want[len - 1] == '/'));
}

uint64_t control_number(const struct call *c, const char *name, uint64_t fallback) {
    const char *text = server_argument(c->q, name, 0);
    return text == NULL ? fallback : strtoull(text, NULL, 10);
}

struct text control_text(struct arena *a, json value) {
    struct buf digits;
    const char *text;
    size_t len;
    if (json_str(value, &text, &len))
        return text_from(text, len);
    if (json_type(value) == JSON_NULL)
        return TEXT_NONE;
    buf_init(&digits, 4096);
    json_dump(value, &digits);
    text = arena_str(a, digits.ptr ? digits.ptr : "", digits.len);
    buf_done(&digits);
    return text_of(text);
}

/* ---- clock, switches, credentials, faults ---- */

static void answer_clock(struct call *c) {
    char now[32], today[DATE_TEXT_BYTES];
    answer_json(c, 200, "{\"now\":\"%s\",\"today\":\"%s\"}",
                date_format_instant(vclock_now_us(&c->sb->clock), now),
                date_format(vclock_today(&c->sb->clock), today));
}

static void set_clock(struct call *c, json body) {
    const char *text;
    size_t len;
    int64_t now_us = vclock_now_us(&c->sb->clock), days = 0, seconds = 0;
    struct rc_error err;
    if (json_str(json_get(body, "now"), &text, &len) &&
        date_parse_instant(text, len, &now_us, &err) != RC_OK) {
        control_refused(c, RC_INVALID, &err);
        return;
    }
    json_int(json_get(body, "add_days"), &days);
    json_int(json_get(body, "add_seconds"), &seconds);
    if (days < -40000 || days > 40000 || seconds < -4000000000 || seconds > 4000000000) {
        rc_fail(&err, RC_INVALID, "add_days, add_seconds: too far");
        control_refused(c, RC_INVALID, &err);
        return;
    }
    vclock_set(&c->sb->clock, now_us + days * INT64_C(86400000000) + seconds * 1000000);
    answer_clock(c);
}

static void set_switches(struct call *c, json body) {
    struct rc_error err;
    struct switches changed = c->sb->switches;
    json name, value;
    const char *text;
    size_t len;
    for (struct json_iter it = json_iter(body); json_next(&it, &name, &value);) {
        enum rc_code rc =
            json_str(name, &text, &len)
                ? switches_set(&changed, text, value, &err)
                : rc_fail(&err, RC_INVALID, "switches: an object of names and values");
        if (rc != RC_OK) {
            control_refused(c, rc, &err);
            return;
        }
    }
    c->sb->switches = changed;
    c->sb->system->changed(c->sb);
    answer_json(c, 200, "{}");
}

static void write_credential(struct call *c, const struct credential *k, struct json_writer *w) {
    json_object(w, NULL);
    json_put_cstr(w, "client_id", k->client_id);
    json_put_cstr(w, "scopes", k->scopes);
    c->sb->system->credential_write(k, w);
    json_object_end(w);
}

static void list_credentials(struct call *c) {
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "credentials");
    for (size_t i = 0; i < c->sb->credentials.n; i++)
        write_credential(c, c->sb->credentials.all[i], &o.w);
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* POST makes or changes; PATCH changes (client_id in the body or in the path). */
static void set_credential(struct call *c, const char *id, json body) {
    const struct system *system = c->sb->system;
    struct rc_error err;
    struct json_answer o;
    size_t len;
    bool may_add = strcmp(c->q->method, "POST") == 0;
    if (*id == '\0' && !json_str(json_get(body, "client_id"), &id, &len)) {
        rc_fail(&err, RC_INVALID, "client_id is missing");
        control_refused(c, RC_INVALID, &err);
        return;
    }
    struct credential *k = credential_find(&c->sb->credentials, id);
    if (k == NULL && may_add && (k = credential_add(&c->sb->credentials, id)) != NULL)
        system->credential_begin(k);
    if (k == NULL) {
        rc_fail(&err, RC_NOT_FOUND, "there is no credential '%s', or there are too many", id);
        control_refused(c, RC_NOT_FOUND, &err);
        return;
    }
    enum rc_code rc = system->credential_set(k, body, &err); /* all of it or nothing */
    if (rc != RC_OK) {
        control_refused(c, rc, &err);
        return;
    }
    credential_set(k, body);
    system->changed(c->sb);
    answer_begin(&o);
    write_credential(c, k, &o.w);
    answer_end(&o, c, 200);
}

static void add_fault(struct call *c, json body) {
    struct rc_error err;
    uint64_t number = 0;
    enum rc_code rc = faults_add(&c->sb->faults, c->sb->system->routes, c->sb->system->routes_n,
                                 body, clock_monotonic_us(&clock_system), &number, &err);
    if (rc != RC_OK)
        control_refused(c, rc, &err);
    else
        answer_json(c, 200, "{\"number\":%llu}", (unsigned long long)number);
}

static void expire_tokens(struct call *c, json body) {
    const char *id = NULL;
    size_t len;
    bool revoked = false;
    json_str(json_get(body, "client_id"), &id, &len);
    json_bool(json_get(body, "revoked"), &revoked);
    answer_json(c, 200, "{\"expired\":%zu}", tokens_expire(&c->sb->credentials, id, revoked));
}

/* ---- usage ---- */

static int64_t cpu_us(const struct timeval *t) {
    return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

static void usage(struct call *c, bool clear) {
    struct sandbox *sb = c->sb;
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    int64_t cpu = cpu_us(&r.ru_utime) + cpu_us(&r.ru_stime);
    if (clear) {
        sb->cpu_base_us = cpu;
        sb->rows_base = atomic_load(&sb->rows_served);
    }
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_put_real(&o.w, "cpu_s", (double)(cpu - sb->cpu_base_us) / 1e6);
    json_put_int(&o.w, "people_served", (int64_t)(atomic_load(&sb->rows_served) - sb->rows_base));
    json_put_int(&o.w, "max_rss_kb", r.ru_maxrss);
    sb->system->usage_write(sb, &o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* ---- dispatch ---- */

static void with_buf(struct call *c, void (*write)(struct call *c, struct buf *b)) {
    struct buf b;
    buf_init(&b, ANSWER_BYTES_MAX);
    write(c, &b);
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}
static void write_switches(struct call *c, struct buf *b) {
    switches_write(&c->sb->switches, b);
}
static void write_faults(struct call *c, struct buf *b) {
    faults_write(&c->sb->faults, b);
}
static void write_counters(struct call *c, struct buf *b) {
    requests_counters_write(&c->sb->log, b);
}
static void write_requests(struct call *c, struct buf *b) {
    requests_write(&c->sb->log, control_number(c, "from", 0),
                   control_number(c, "limit", UINT64_MAX), b);
}

static bool reading(struct call *c, const char *path) {
    if (control_is(c, "GET", path, "switches"))
        with_buf(c, write_switches);
    else if (control_is(c, "GET", path, "faults"))
        with_buf(c, write_faults);
    else if (control_is(c, "GET", path, "requests"))
        with_buf(c, write_requests);
    else if (control_is(c, "GET", path, "counters"))
        with_buf(c, write_counters);
    else if (control_is(c, "GET", path, "clock"))
        answer_clock(c);
    else if (control_is(c, "GET", path, "credentials"))
        list_credentials(c);
    else if (control_is(c, "GET", path, "usage") || control_is(c, "DELETE", path, "usage"))
        usage(c, *c->q->method == 'D');
    else
        return false;
    return true;
}

static bool writing(struct call *c, const char *path, json body) {
    struct sandbox *sb = c->sb;
    if (control_is(c, "POST", path, "clock"))
        set_clock(c, body);
    else if (control_is(c, "POST", path, "switches"))
        set_switches(c, body);
    else if (control_is(c, "POST", path, "credentials") ||
             control_is(c, "PATCH", path, "credentials"))
        set_credential(c, "", body);
    else if (control_is(c, "PATCH", path, "credentials/"))
        set_credential(c, path + strlen("credentials/"), body);
    else if (control_is(c, "POST", path, "faults"))
        add_fault(c, body);
    else if (control_is(c, "POST", path, "expire-tokens"))
        expire_tokens(c, body);
    else if (control_is(c, "DELETE", path, "faults") || control_is(c, "DELETE", path, "requests") ||
             control_is(c, "DELETE", path, "counters") ||
             control_is(c, "DELETE", path, "switches") || control_is(c, "POST", path, "reset")) {
        if (*path == 'f')
            faults_clear(&sb->faults);
        else if (strcmp(path, "reset") == 0)
            sandbox_reset(sb);
        else if (*path == 's') {
            switches_init(&sb->switches, sb->system->switches, sb->system->switches_n);
            sb->system->changed(sb);
        } else
            requests_clear(&sb->log);
        answer_json(c, 200, "{}");
    } else
        return false;
    return true;
}

void control_handle(struct call *c, const char *path) {
    struct rc_error err;
    json body = NULL;
    const struct system *system = c->sb->system;
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    if (c->q->body_bytes > 0 &&
        json_parse_copy(reader, c->q->body, c->q->body_bytes, &body, &err) != RC_OK) {
        control_refused(c, RC_INVALID, &err);
        return;
    }
    if (strcmp(c->q->method, "GET") == 0 || system->control_reads(c, path))
        pthread_rwlock_rdlock(&c->sb->lock);
    else
        pthread_rwlock_wrlock(&c->sb->lock);
    if (!reading(c, path) && !writing(c, path, body) && !system->control(c, path, body))
        answer_json(c, 404,
                    "{\"error\":\"the control API has no such path; see docs/sandbox.md\"}");
    pthread_rwlock_unlock(&c->sb->lock);
}
