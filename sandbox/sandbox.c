#include "sandbox/sandbox.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

const char *const route_names[ROUTE_COUNT] = { "v1.auth",          "v2.auth",
                                               "v2.revoke",        "v1.employees.list",
                                               "v1.employees.get", "v1.attributes",
                                               "v1.picture",       "other" };

void sandbox_changed(struct sandbox *sb) {
    render_prepare(sb);
    credentials_rows(&sb->credentials, &sb->world, &sb->switches);
    cache_drop_all(&sb->cache);
}

static void begin(struct sandbox *sb) {
    atomic_store(&sb->day, vclock_today(&sb->clock));
    world_init(&sb->world, sb->seed, sb->day);
    world_populate(&sb->world, sb->people_n);
    switches_init(&sb->switches);
    credentials_init(&sb->credentials, sb->seed);
    sandbox_changed(sb);
}

void sandbox_open(struct sandbox *sb, size_t people_n, uint64_t seed, size_t cache_bytes) {
    pthread_rwlock_init(&sb->lock, NULL);
    sb->people_n = people_n;
    sb->seed = seed;
    rates_init(&sb->rates);
    requests_init(&sb->log);
    faults_init(&sb->faults);
    cache_init(&sb->cache, cache_bytes);
    begin(sb);
}

void sandbox_reset(struct sandbox *sb) {
    world_done(&sb->world);
    credentials_done(&sb->credentials);
    faults_clear(&sb->faults);
    requests_clear(&sb->log);
    rates_clear(&sb->rates);
    vclock_set(&sb->clock, sb->start_us != 0 ? sb->start_us : clock_now_us(&clock_system));
    begin(sb);
}

void sandbox_close(struct sandbox *sb) {
    world_done(&sb->world);
    credentials_done(&sb->credentials);
    render_done(&sb->render);
    cache_done(&sb->cache);
    requests_done(&sb->log);
    faults_done(&sb->faults);
    replay_close(sb->replay);
    vclock_done(&sb->clock);
    pthread_rwlock_destroy(&sb->lock);
}

/* Statuses follow the calendar: the first request of a day brings them up to date. */
static void follow_calendar(struct sandbox *sb) {
    date_days today = vclock_today(&sb->clock);
    if (atomic_load(&sb->day) == today)
        return;
    pthread_rwlock_wrlock(&sb->lock);
    if (atomic_load(&sb->day) != today) {
        atomic_store(&sb->day, today);
        uint32_t now_s = (uint32_t)(vclock_now_us(&sb->clock) / 1000000);
        if (world_day_begins(&sb->world, today, sw(sb, SW_SINCE_CALENDAR) ? now_s : 0) > 0)
            sandbox_changed(sb);
    }
    pthread_rwlock_unlock(&sb->lock);
}

/* ---- routes ---- */

static bool is_number(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return len > 0 && len < 19;
}

static enum route route_of(const char *method, const char *path, const char **ret_rest) {
    static const char employees[] = "/v1/company/employees";
    bool get = strcmp(method, "GET") == 0, post = strcmp(method, "POST") == 0;
    *ret_rest = "";
    if (post && strcmp(path, "/v1/auth") == 0)
        return ROUTE_V1_AUTH;
    if (post && strcmp(path, "/v2/auth/token") == 0)
        return ROUTE_V2_AUTH;
    if (post && strcmp(path, "/v2/auth/revoke") == 0)
        return ROUTE_V2_REVOKE;
    if (!get || strncmp(path, employees, sizeof employees - 1) != 0)
        return ROUTE_OTHER;
    const char *rest = path + sizeof employees - 1;
    if (*rest == '\0')
        return ROUTE_LIST;
    if (*rest != '/')
        return ROUTE_OTHER;
    *ret_rest = ++rest;
    if (strcmp(rest, "attributes") == 0 || strcmp(rest, "custom-attributes") == 0)
        return ROUTE_ATTRIBUTES;
    size_t id_n = strcspn(rest, "/");
    if (!is_number(rest, id_n))
        return ROUTE_OTHER;
    if (rest[id_n] == '\0')
        return ROUTE_GET;
    return strncmp(rest + id_n, "/profile-picture", 16) == 0 &&
                   (rest[id_n + 16] == '\0' || rest[id_n + 16] == '/')
               ? ROUTE_PICTURE
               : ROUTE_OTHER;
}

static unsigned owner_of(const struct call *c) {
    return c->has_token ? c->token.credential->number + 1 : 0;
}

static void answer_limited(struct call *c, int64_t wait_us) {
    char text[64];
    int64_t wait_s = (wait_us + 999999) / 1000000;
    answer_v1_error(c, 429, 0, "Too many requests");
    if (sw(c->sb, SW_RATE_RETRY_AFTER) == 1) {
        snprintf(text, sizeof text, "%lld", (long long)wait_s);
        answer_header(c, "Retry-After", text);
    } else if (sw(c->sb, SW_RATE_RETRY_AFTER) == 2) {
        answer_header(c, "Retry-After",
                      requests_http_date(clock_now_us(&clock_system) + wait_s * 1000000, text));
    }
}

static bool take(struct call *c, enum rate_kind kind, enum switch_id per_minute, double burst) {
    int64_t wait_us;
    double left, minute = (double)sw(c->sb, per_minute) * (kind == RATE_SECOND ? 60 : 1);
    char text[32];
    unsigned owner = kind == RATE_EMPLOYEES || kind == RATE_SECOND ? owner_of(c) : 0;
    bool good = rate_take(&c->sb->rates, owner, kind, minute, burst > 0 ? burst : minute,
                          clock_monotonic_us(&clock_system), &wait_us, &left);
    if (!good)
        answer_limited(c, wait_us);
    if (kind == RATE_EMPLOYEES && sw(c->sb, SW_RATE_HEADERS)) {
        snprintf(text, sizeof text, "%.3f", minute / 60);
        answer_header(c, "x-ratelimit-replenish-rate", text);
        snprintf(text, sizeof text, "%.0f", minute);
        answer_header(c, "x-ratelimit-burst-capacity", text);
        answer_header(c, "x-ratelimit-requested-tokens", "1");
        snprintf(text, sizeof text, "%.0f", left);
        answer_header(c, "x-ratelimit-remaining", text);
    }
    return good;
}

static bool within_limits(struct call *c) {
    if (!c->sb->limits)
        return true;
    switch (c->route) {
    case ROUTE_V1_AUTH:
        return take(c, RATE_ADDRESS, SW_RATE_ADDRESS, 0) && take(c, RATE_AUTH_V1, SW_RATE_AUTH, 0);
    case ROUTE_V2_AUTH: return take(c, RATE_AUTH_V2, SW_RATE_AUTH2, 0);
    case ROUTE_LIST:
        return take(c, RATE_ADDRESS, SW_RATE_ADDRESS, 0) &&
               take(c, RATE_SECOND, SW_RATE_BURST, (double)sw(c->sb, SW_RATE_BURST)) &&
               take(c, RATE_EMPLOYEES, SW_RATE_MINUTE, 0);
    case ROUTE_GET:
    case ROUTE_ATTRIBUTES:
    case ROUTE_PICTURE: return take(c, RATE_ADDRESS, SW_RATE_ADDRESS, 0);
    default: return true;
    }
}

static void serve(struct call *c) {
    if (replay_answer(c->sb->replay, c))
        return;
    bool needs_token = c->route >= ROUTE_LIST && c->route <= ROUTE_PICTURE;
    if (c->sb->replay != NULL &&
        needs_token) { /* invented people among recorded ones would mislead */
        answer_v1_error(c, 404, 404, "The transcript has no answer to this request");
        return;
    }
    if (needs_token && !auth_check(c))
        return;
    if (!within_limits(c))
        return;
    switch (c->route) {
    case ROUTE_V1_AUTH: auth_v1(c); break;
    case ROUTE_V2_AUTH: auth_v2(c); break;
    case ROUTE_V2_REVOKE: auth_revoke(c); break;
    case ROUTE_LIST: employees_list(c); break;
    case ROUTE_GET: employees_get(c); break;
    case ROUTE_ATTRIBUTES: employees_attributes(c); break;
    case ROUTE_PICTURE: picture_get(c); break;
    default:
        answer_v1_error(c, 404, 404, "personio.core.api.exceptions.api.not.found.http.exception");
        break;
    }
    if (c->ret->status >= 400) /* the token is echoed on success only */
        for (size_t i = 0; i < c->ret->headers_n; i++)
            if (strcmp(c->ret->headers[i].name, "Authorization") == 0)
                c->ret->headers[i] = c->ret->headers[--c->ret->headers_n];
}

static void log_request(const struct call *c, int64_t began_us, const char *fault) {
    const struct server_request *q = c->q;
    const char *bearer = server_header(q, "Authorization");
    struct request_entry e = { .at_us = vclock_now_us(&c->sb->clock),
                               .route = route_names[c->route] };
    size_t bearer_n = bearer == NULL ? 0 : strlen(bearer);
    snprintf(e.method, sizeof e.method, "%s", q->method);
    snprintf(e.path, sizeof e.path, "%s", q->raw_path);
    snprintf(e.query, sizeof e.query, "%s", q->query);
    snprintf(e.token_tail, sizeof e.token_tail, "%s", bearer_n >= 6 ? bearer + bearer_n - 6 : "");
    snprintf(e.fault, sizeof e.fault, "%s", fault);
    e.status = (int16_t)c->ret->status;
    e.us = (uint32_t)(clock_monotonic_us(&clock_system) - began_us);
    e.has_app_id = server_header(q, "X-Personio-App-ID") != NULL;
    e.has_partner_id = server_header(q, "X-Personio-Partner-ID") != NULL;
    requests_add(&c->sb->log, c->route, &e);
}

static void personio(struct call *c) {
    int64_t began_us = clock_monotonic_us(&clock_system);
    struct fault fault = { 0 };
    char date[64];
    bool faulty = faults_pick(&c->sb->faults, route_names[c->route], began_us, &fault);
    pthread_rwlock_rdlock(&c->sb->lock);
    if (!faulty || !fault_before(c, &fault)) {
        serve(c);
        if (faulty)
            fault_after(c, &fault);
    }
    if (sw(c->sb, SW_DATE_HEADER))
        answer_header(c, "Date", requests_http_date(vclock_now_us(&c->sb->clock), date));
    pthread_rwlock_unlock(&c->sb->lock);
    log_request(c, began_us, faulty ? fault_kind_name(fault.kind) : "");
}

void sandbox_handle(void *self, const struct server_request *q, struct server_answer *ret) {
    struct call c = { .sb = self, .q = q, .ret = ret, .route = ROUTE_OTHER, .rest = "" };
    follow_calendar(c.sb);
    if (strncmp(q->path, "/_control/", 10) == 0) {
        control_handle(&c, q->path + 10);
    } else if (strcmp(q->path, "/") == 0) {
        page_show(&c);
    } else {
        c.route = route_of(q->method, q->path, &c.rest);
        personio(&c);
    }
}
