#include "sandbox/personio/personio.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

static const char *const routes[ROUTE_COUNT] = { "v1.auth",
                                                 "v2.auth",
                                                 "v2.revoke",
                                                 "v1.employees.list",
                                                 "v1.employees.get",
                                                 "v1.attributes",
                                                 "v1.picture",
                                                 "webhooks.create",
                                                 "webhooks.list",
                                                 "webhooks.get",
                                                 "webhooks.update",
                                                 "webhooks.delete",
                                                 "webhooks.ping",
                                                 "webhooks.test-event",
                                                 "webhooks.events",
                                                 "webhooks.activity",
                                                 "webhooks.redelivery",
                                                 "other" };
static const struct switch_row switch_rows[SW_COUNT] = {
#define SWITCH(id, name, fallback, words, mark, text) { name, fallback, words, mark, text },
#include "sandbox/personio/switches.inc"
#undef SWITCH
};
static const char page[] = {
#include "personio.html.inc"
};
static const struct body_marks marks = {
    .value = "\"label\":\"",
    .list = "\"data\":",
    .rows = "\"data\":[",
    .object = "{\"type\":\"Employee\"}",
    .id = "\"attributes\":{\"id\":{",
    .id_at = sizeof "\"attributes\":{" - 1,
    .id_end = '}',
    .id_digits = 7,
    .success = "{\"success\":true",
    .failure = "{\"success\":false",
    .twice = { { "id", "\"attributes\":{",
                 "\"id\":{\"label\":\"ID\",\"value\":1,\"type\":\"integer\",\"universal_id\":\"id\"}," },
               { "data", "{", "\"data\":[]," },
               { "total_elements", "\"metadata\":{", "\"total_elements\":1," } },
};

/* ---- the company ---- */

void personio_changed(struct sandbox *sb) {
    render_prepare(sb);
    readers_rows(&sb->credentials, &personio_of(sb)->world, &sb->switches);
    cache_drop_all(&personio_of(sb)->cache);
    hooks_changed(&personio_of(sb)->hooks);
}

static void open_system(struct sandbox *sb) {
    cache_init(&personio_of(sb)->cache, sb->started.cache_bytes);
    hooks_open(&personio_of(sb)->hooks, sb);
}

static void begin(struct sandbox *sb) {
    struct world *w = &personio_of(sb)->world;
    world_init(w, sb->started.seed, sb->day);
    world_populate(w, sb->started.people_n);
    credentials_init(&sb->credentials, sb->started.seed, sizeof(struct reader), "papi-");
    struct credential *k = credential_add(&sb->credentials, "papi-sandbox");
    snprintf(k->client_secret, sizeof k->client_secret, "papi-sandbox-secret");
    reader_begin(k);
    hooks_begin(&personio_of(sb)->hooks);
}

static void end(struct sandbox *sb) {
    world_done(&personio_of(sb)->world);
    readers_done(&sb->credentials);
    credentials_done(&sb->credentials);
}

static void close_system(struct sandbox *sb) {
    hooks_close(&personio_of(sb)->hooks);
    render_done(&personio_of(sb)->render);
    cache_done(&personio_of(sb)->cache);
}

static void day_begins(struct sandbox *sb, date_days today) {
    uint32_t now_s = (uint32_t)(vclock_now_us(&sb->clock) / 1000000);
    hooks_day_begins(sb, today);
    if (world_day_begins(&personio_of(sb)->world, today, sw(sb, SW_SINCE_CALENDAR) ? now_s : 0) > 0)
        personio_changed(sb);
}

/* ---- errors ---- */

void answer_v1_error(struct call *c, int status, int code, const char *message) {
    struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b, "{\"success\":false,\"error\":{\"code\":%d,\"message\":", code);
    answer_quoted(&b, message, strlen(message));
    if (sw(c->sb, SW_ERRORS_EXTRA))
        buf_str(&b, ",\"errors\":[],\"error_data\":[],\"detailed_message\":null");
    buf_str(&b, "}}");
    answer_buf(c, status, "application/json", &b);
    buf_done(&b);
}

/* Every refusal of the v2 token endpoint, in its own problem shape. */
void answer_v2_auth_error(struct call *c, const char *error, const char *fragment, const char *meta,
                          const char *why) {
    char now[32];
    bool as_type = strstr(fragment, "content_type") != NULL;
    answer_json(c, (int)sw(c->sb, SW_AUTH_V2_STATUS),
                "{\"timestamp\":\"%s\",\"trace_id\":\"5f0c2d1e-0000-4000-8000-00000000a11c\","
                "\"error\":\"%s\","
                "\"error_description\":\"%s\",\"%s\":\"https://developer.personio.de/reference/"
                "errors#credentials.oauth2.%s\","
                "\"meta\":%s}",
                date_format_instant(vclock_now_us(&c->sb->clock), now), error, why,
                as_type ? "type" : "error_uri", fragment, meta);
    c->ret->content_type = "application/problem+json";
}

/* ---- routes ---- */

static bool is_number(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return len > 0 && len < 19;
}

/* What follows /v2/webhooks: nothing, an id, or an id and what is wanted of it. */
static enum route hook_route_of(const char *method, const char *path, const char **ret_rest) {
    static const struct {
        const char *method, *tail;
        enum route route;
    } rows[] = {
        { "GET", "", ROUTE_HOOK_GET },
        { "PATCH", "", ROUTE_HOOK_UPDATE },
        { "DELETE", "", ROUTE_HOOK_DELETE },
        { "POST", "/ping", ROUTE_HOOK_PING },
        { "POST", "/test-event", ROUTE_HOOK_TEST },
        { "GET", "/events", ROUTE_HOOK_EVENTS },
        { "GET", "/activity", ROUTE_HOOK_ACTIVITY },
        { "POST", "/redelivery", ROUTE_HOOK_REDELIVER },
    };
    if (*path == '\0')
        return strcmp(method, "POST") == 0  ? ROUTE_HOOK_CREATE
               : strcmp(method, "GET") == 0 ? ROUTE_HOOK_LIST
                                            : ROUTE_OTHER;
    if (*path != '/' || path[1] == '\0')
        return ROUTE_OTHER;
    *ret_rest = path + 1;
    const char *tail = path + 1 + strcspn(path + 1, "/");
    for (size_t i = 0; i < RC_LEN(rows); i++)
        if (strcmp(rows[i].method, method) == 0 && strcmp(rows[i].tail, tail) == 0)
            return rows[i].route;
    return ROUTE_OTHER;
}

static enum route route_of(const char *method, const char *path, const char **ret_rest) {
    static const char employees[] = "/v1/company/employees";
    bool get = strcmp(method, "GET") == 0, post = strcmp(method, "POST") == 0;
    *ret_rest = "";
    if (strncmp(path, "/v2/webhooks", 12) == 0)
        return hook_route_of(method, path + 12, ret_rest);
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

/* ---- limits ---- docs/wire-personio.md, limits: employees 300 a minute and 15 a second; /v1/auth
 * 60 a minute, then 60 s of nothing; /v2/auth/token 150 a minute, then one a second for 60 s; all v1
 * calls of an address 2000 a minute. */

enum bucket { BUCKET_EMPLOYEES, BUCKET_SECOND, BUCKET_ADDRESS, BUCKET_AUTH_V1, BUCKET_AUTH_V2 };

static unsigned owner_of(const struct call *c) {
    return c->has_token ? c->token.credential->number + 1 : 0;
}

static bool take(struct call *c, enum bucket bucket, enum switch_id per_minute, double burst) {
    static const enum rate_manner manners[] = {
        [BUCKET_AUTH_V1] = RATE_SILENT_MINUTE, [BUCKET_AUTH_V2] = RATE_ONE_A_SECOND
    };
    double left, minute = (double)sw(c->sb, per_minute) * (bucket == BUCKET_SECOND ? 60 : 1);
    char text[32];
    const struct rate_limit limit = {
        .owner = bucket == BUCKET_EMPLOYEES || bucket == BUCKET_SECOND ? owner_of(c) : 0,
        .bucket = bucket,
        .per_minute = minute,
        .burst = burst > 0 ? burst : minute,
        .manner = manners[bucket],
    };
    bool good = sandbox_take(c, &limit, &left);
    if (bucket == BUCKET_EMPLOYEES && sw(c->sb, SW_RATE_HEADERS)) {
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
    if (!c->sb->started.limits)
        return true;
    switch (c->route) {
    case ROUTE_V1_AUTH:
        return take(c, BUCKET_ADDRESS, SW_RATE_ADDRESS, 0) &&
               take(c, BUCKET_AUTH_V1, SW_RATE_AUTH, 0);
    case ROUTE_V2_AUTH: return take(c, BUCKET_AUTH_V2, SW_RATE_AUTH2, 0);
    case ROUTE_LIST:
        return take(c, BUCKET_ADDRESS, SW_RATE_ADDRESS, 0) &&
               take(c, BUCKET_SECOND, SW_RATE_BURST, (double)sw(c->sb, SW_RATE_BURST)) &&
               take(c, BUCKET_EMPLOYEES, SW_RATE_MINUTE, 0);
    case ROUTE_GET:
    case ROUTE_ATTRIBUTES:
    case ROUTE_PICTURE: return take(c, BUCKET_ADDRESS, SW_RATE_ADDRESS, 0);
    default: return true;
    }
}

static void serve(struct call *c) {
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
    if (c->route >= ROUTE_HOOK_CREATE && c->route <= ROUTE_HOOK_REDELIVER) {
        hooks_serve(c);
        return;
    }
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

static void error(struct call *c, int status, const char *text) {
    answer_v1_error(c, status, status == 429 ? 0 : status, text);
}

static void find_route(struct call *c) {
    struct world *w = &personio_of(c->sb)->world;
    int64_t now_us = clock_monotonic_us(&clock_system), next_us = atomic_load(&w->shadows_next_us);
    c->route = route_of(c->q->method, c->q->path, &c->rest);
    if (next_us == 0 || now_us < next_us)
        return;
    pthread_rwlock_wrlock(&c->sb->lock); /* what was edited a while ago shows from now on */
    if (world_shadows_end(w, now_us) > 0)
        personio_changed(c->sb);
    pthread_rwlock_unlock(&c->sb->lock);
}

static bool writes(const struct call *c) {
    (void)c;
    return false;
}

/* ---- control ---- */

static bool control_reads(const struct call *c, const char *path) {
    return control_is(c, "POST", path, "prepare");
}

static bool control(struct call *c, const char *path, json body) {
    int64_t lag_ms = sw(c->sb, SW_HOOK_LAG);
    if (strcmp(c->q->method, "GET") != 0 && !control_reads(c, path))
        personio_of(c->sb)->world.keep_until_us =
            lag_ms <= 0 ? 0 : clock_monotonic_us(&clock_system) + lag_ms * 1000;
    return control_prepare(c, path, body) || control_people(c, path, body) ||
           control_life(c, path, body) || control_hooks(c, path, body);
}

static void credential_write(const struct credential *k, struct json_writer *w) {
    json_put_int(w, "sees_people", (int64_t)reader_of(k)->rows_n);
    json_array(w, "attributes");
    for (unsigned a = 0; a < ATTR_COUNT; a++)
        if (reader_of(k)->attrs & ATTR_BIT(a))
            json_put_cstr(w, NULL, attr_rows[a].key);
    json_array_end(w);
}

static void usage_write(struct sandbox *sb, struct json_writer *w) {
    const struct cache_stats s = cache_stats(&personio_of(sb)->cache);
    json_put_int(w, "pages", (int64_t)s.pages_n);
    json_put_int(w, "page_bytes", (int64_t)s.bytes);
    json_put_int(w, "page_hits", (int64_t)s.hits);
    json_put_int(w, "page_misses", (int64_t)s.misses);
}

const struct system personio_system = {
    .name = "personio",
    .bytes = sizeof(struct personio),
    .routes = routes,
    .routes_n = ROUTE_COUNT,
    .secret_routes = 1u << ROUTE_V1_AUTH | 1u << ROUTE_V2_AUTH | 1u << ROUTE_V2_REVOKE,
    .switches = switch_rows,
    .switches_n = SW_COUNT,
    .sw_retry_after = SW_RATE_RETRY_AFTER,
    .sw_date_header = SW_DATE_HEADER,
    .faults = FAULT_OF_PERSONIO,
    .marks = &marks,
    .noted_headers = { "X-Personio-App-ID", "X-Personio-Partner-ID" },
    .noted_names = { "app_id", "partner_id" },
    .page = page,
    .page_bytes = sizeof page,
    .open = open_system,
    .begin = begin,
    .end = end,
    .close = close_system,
    .changed = personio_changed,
    .day_begins = day_begins,
    .find_route = find_route,
    .writes = writes,
    .serve = serve,
    .error = error,
    .control = control,
    .control_reads = control_reads,
    .credential_begin = reader_begin,
    .credential_set = reader_set,
    .credential_write = credential_write,
    .usage_write = usage_write,
};
