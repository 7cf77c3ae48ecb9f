#include "sandbox/sandbox.h"
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

const struct system *const sandbox_systems[] = { &personio_system, &learnamp_system, NULL };

static void begin(struct sandbox *sb) {
    atomic_store(&sb->day, vclock_today(&sb->clock));
    switches_init(&sb->switches, sb->system->switches, sb->system->switches_n);
    sb->system->begin(sb);
    sb->system->changed(sb);
}

struct sandbox *sandbox_open(const struct system *system, const struct options *o) {
    struct sandbox *sb = mem_zalloc(system->bytes);
    sb->system = system;
    sb->started = *o;
    pthread_rwlock_init(&sb->lock, NULL);
    vclock_init(&sb->clock);
    if (o->now_us != 0)
        vclock_set(&sb->clock, o->now_us);
    rates_init(&sb->rates);
    requests_init(&sb->log, system->noted_names);
    faults_init(&sb->faults, system->faults);
    system->open(sb);
    begin(sb);
    return sb;
}

void sandbox_reset(struct sandbox *sb) {
    sb->system->end(sb);
    faults_clear(&sb->faults);
    requests_clear(&sb->log);
    rates_clear(&sb->rates);
    vclock_set(&sb->clock,
               sb->started.now_us != 0 ? sb->started.now_us : clock_now_us(&clock_system));
    begin(sb);
}

void sandbox_close(struct sandbox *sb) {
    sb->system->end(sb);
    sb->system->close(sb);
    requests_done(&sb->log);
    faults_done(&sb->faults);
    replay_close(sb->replay);
    vclock_done(&sb->clock);
    pthread_rwlock_destroy(&sb->lock);
    mem_free(sb);
}

/* What depends on the calendar: the first request of a day brings it up to date. */
static void follow_calendar(struct sandbox *sb) {
    date_days today = vclock_today(&sb->clock);
    if (atomic_load(&sb->day) == today)
        return;
    pthread_rwlock_wrlock(&sb->lock);
    if (atomic_load(&sb->day) != today) {
        atomic_store(&sb->day, today);
        sb->system->day_begins(sb, today);
    }
    pthread_rwlock_unlock(&sb->lock);
}

/* ---- limits ---- */

static void answer_limited(struct call *c, int64_t wait_us) {
    char text[64];
    int64_t wait_s = (wait_us + 999999) / 1000000, form = sw(c->sb, c->sb->system->sw_retry_after);
    c->sb->system->error(c, 429, "Too many requests");
    if (form == 1) {
        snprintf(text, sizeof text, "%lld", (long long)wait_s);
        answer_header(c, "Retry-After", text);
    } else if (form == 2) {
        answer_header(c, "Retry-After",
                      requests_http_date(clock_now_us(&clock_system) + wait_s * 1000000, text));
    }
}

bool sandbox_take(struct call *c, const struct rate_limit *l, double *ret_left) {
    int64_t wait_us;
    double left;
    bool good = rate_take(&c->sb->rates, l, clock_monotonic_us(&clock_system), &wait_us, &left);
    if (!good)
        answer_limited(c, wait_us);
    if (ret_left != NULL)
        *ret_left = left;
    return good;
}

/* ---- one request ---- */

static void log_request(const struct call *c, int64_t began_us) {
    const struct server_request *q = c->q;
    const struct system *system = c->sb->system;
    const char *bearer = server_header(q, "Authorization");
    struct request_entry e = { .at_us = vclock_now_us(&c->sb->clock),
                               .route = system->routes[c->route] };
    size_t bearer_n = bearer == NULL ? 0 : strlen(bearer);
    snprintf(e.method, sizeof e.method, "%s", q->method);
    snprintf(e.path, sizeof e.path, "%s", q->raw_path);
    snprintf(e.query, sizeof e.query, "%s", q->query);
    snprintf(e.token_tail, sizeof e.token_tail, "%s", bearer_n >= 6 ? bearer + bearer_n - 6 : "");
    snprintf(e.fault, sizeof e.fault, "%s", c->fault ? fault_kind_name(c->fault->kind) : "");
    e.status = (int16_t)c->ret->status;
    e.us = (uint32_t)(clock_monotonic_us(&clock_system) - began_us);
    for (size_t i = 0; i < RC_LEN(e.noted); i++)
        e.noted[i] =
            system->noted_headers[i] != NULL && server_header(q, system->noted_headers[i]) != NULL;
    bool is_secret = system->secret_routes >> c->route & 1;
    requests_add(&c->sb->log, c->route, &e, is_secret ? NULL : q->body,
                 is_secret ? 0 : q->body_bytes);
}

static void play(struct call *c) {
    struct sandbox *sb = c->sb;
    int64_t began_us = clock_monotonic_us(&clock_system);
    struct fault fault = { 0 };
    char date[64];
    if (faults_pick(&sb->faults, sb->system->routes[c->route], began_us, &fault))
        c->fault = &fault;
    if (sb->system->writes(c))
        pthread_rwlock_wrlock(&sb->lock);
    else
        pthread_rwlock_rdlock(&sb->lock);
    if (c->fault == NULL || !fault_before(c, c->fault)) {
        if (!replay_answer(sb->replay, c))
            sb->system->serve(c);
        if (c->fault != NULL)
            fault_after(c, c->fault);
    }
    if (sw(sb, sb->system->sw_date_header))
        answer_header(c, "Date", requests_http_date(vclock_now_us(&sb->clock), date));
    pthread_rwlock_unlock(&sb->lock);
    log_request(c, began_us);
}

static void show_page(struct call *c) {
    c->ret->status = 200;
    c->ret->content_type = "text/html; charset=utf-8";
    c->ret->body = c->sb->system->page;
    c->ret->body_bytes = c->sb->system->page_bytes;
    c->ret->body_static = true;
    answer_header(c, "Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                  "connect-src 'self'");
}

void sandbox_handle(void *self, const struct server_request *q, struct server_answer *ret) {
    struct call c = { .sb = self, .q = q, .ret = ret, .rest = "" };
    follow_calendar(c.sb);
    if (strncmp(q->path, "/_control/", 10) == 0) {
        control_handle(&c, q->path + 10);
    } else if (strcmp(q->path, "/") == 0) {
        show_page(&c);
    } else {
        c.sb->system->find_route(&c);
        play(&c);
    }
}
