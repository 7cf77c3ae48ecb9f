/* hooks_api.c - the management API of webhooks: /v2/webhooks and what stands below it.
 * Source: docs/wire-personio.md, webhooks: management, and conventions of v2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sandbox/personio/personio.h"

/* ---- answers ---- */

void hooks_problem(struct call *c, int status, const char *title, const char *detail) {
    static const struct {
        int status;
        const char *fragment;
    } kinds[] = { { 400, "common.bad_request" },  { 401, "common.unauthorized" },
                  { 403, "common.forbidden" },    { 404, "common.requested_resource_not_found" },
                  { 409, "common.conflict" },     { 422, "common.unprocessable_entity" },
                  { 429, "common.rate_limited" }, { 500, "common.internal_server_error" } };
    const char *fragment = "common.bad_request";
    char now[32];
    struct buf b;
    for (size_t i = 0; i < RC_LEN(kinds); i++)
        if (kinds[i].status == status)
            fragment = kinds[i].fragment;
    buf_init(&b, 8192);
    buf_printf(&b,
               "{\"personio_trace_id\":\"7c1f-19aa\",\"timestamp\":\"%.19s+00:00\",\"errors\":[{"
               "\"title\":\"%s\",\"detail\":",
               date_format_instant(vclock_now_us(&c->sb->clock), now), title);
    answer_quoted(&b, detail, strlen(detail));
    buf_printf(&b,
               ",\"type\":\"https://developer.personio.de/reference/errors#%s\",\"_meta\":{}}]}",
               fragment);
    answer_buf(c, status, "application/problem+json", &b);
    buf_done(&b);
}

void hooks_unknown(struct call *c) {
    hooks_problem(c, 404, "Resource not found", "There is no resource for the specified id.");
}

static void answer_hook(struct call *c, int status, const struct hook *k) {
    struct json_answer o;
    answer_begin(&o);
    hook_write(c->sb, k, false, &o.w);
    answer_end(&o, c, status);
}

static bool may(struct call *c) {
    bool reads = strcmp(c->q->method, "GET") == 0;
    const char *header = server_header(c->q, "Authorization");
    const char *right = reads ? "personio:webhooks:read" : "personio:webhooks:write";
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0 ||
        token_check(&c->sb->credentials, header + 7, vclock_now_us(&c->sb->clock), &c->token) !=
            TOKEN_GOOD) {
        if (sw(c->sb, SW_HOOK_UNAUTHORIZED))
            answer_text(c, 401, NULL, "");
        else
            hooks_problem(c, 401, "Unauthorized", "Unauthorized Request");
        return false;
    }
    c->has_token = true;
    if (scopes_have(c->token.credential->scopes, right) && scopes_have(c->token.scopes, right))
        return true;
    hooks_problem(c, 403, "Forbidden", "Insufficient access scope");
    return false;
}

/* ---- lists ---- */

bool hooks_paging(struct call *c, struct hooks_page *ret) {
    const char *limit = server_argument(c->q, "limit", 0),
               *cursor = server_argument(c->q, "cursor", 0);
    char *end = NULL;
    *ret = (struct hooks_page){ 100, 0 };
    if (limit != NULL) {
        ret->limit = strtoull(limit, &end, 10);
        if (*limit < '0' || *limit > '9' || *end != '\0' || ret->limit < 1 || ret->limit > 200) {
            hooks_problem(c, 400, "Bad request", "Provided value for limit is not valid");
            return false;
        }
    }
    if (cursor != NULL) {
        end = NULL;
        if (strncmp(cursor, "cur_", 4) == 0)
            ret->from = strtoull(cursor + 4, &end, 16);
        if (end == NULL || *end != '\0' || end == cursor + 4) {
            hooks_problem(c, 400, "Bad request", "Provided request parameters are invalid.");
            return false;
        }
    }
    return true;
}

/* Filters are repeated in the link, so that it can be followed as it is. */
static void write_next(const struct call *c, struct buf *b, const char *path, uint64_t next) {
    buf_printf(b, "%s%s?cursor=cur_%llx", c->sb->origin, path, (unsigned long long)next);
    for (const char *at = c->q->query; *at != '\0';) {
        size_t len = strcspn(at, "&");
        if (len > 0 && strncmp(at, "cursor=", 7) != 0) {
            buf_char(b, '&');
            buf_append(b, at, len);
        }
        at += len + (at[len] == '&');
    }
}

void hooks_list_end(struct call *c, struct json_answer *o, const char *path, uint64_t next) {
    struct buf link;
    json_array_end(&o->w);
    json_object(&o->w, "_meta");
    json_object(&o->w, "links");
    json_object(&o->w, "self");
    json_put_cstr(&o->w, "href", arena_printf(c->q->arena, "%s%s", c->sb->origin, path));
    json_object_end(&o->w);
    if (next != 0) {
        buf_init(&link, 8192);
        write_next(c, &link, path, next);
        json_object(&o->w, "next");
        json_put_str(&o->w, "href", link.ptr, link.len);
        json_object_end(&o->w);
        buf_done(&link);
    }
    json_object_end(&o->w);
    json_object_end(&o->w);
    json_object_end(&o->w);
    answer_end(o, c, 200);
}

static bool listed(const struct call *c, const struct hook *k, const char *events,
                   const char *status) {
    char name[64];
    const char *word = !k->enabled                            ? "DISABLED"
                       : sw(c->sb, SW_HOOK_ENABLED_WORD) != 0 ? "ACTIVE"
                                                              : "ENABLED";
    if (k->number == 0 || (status != NULL && strcmp(status, word) != 0))
        return false;
    if (events == NULL)
        return true;
    for (const char *at = events; *at != '\0';) { /* any of them */
        size_t len = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", len < sizeof name ? (int)len : 0, at);
        if (hook_wants(k, name))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

static void list(struct call *c) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    const char *events = server_argument(c->q, "enabled_events", 0),
               *status = server_argument(c->q, "status", 0);
    struct hooks_page page;
    struct json_answer o;
    uint64_t next = 0, put_n = 0;
    if (!hooks_paging(c, &page))
        return;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "_data");
    for (uint64_t i = page.from; i < HOOKS_MAX; i++) {
        if (!listed(c, &h->all[i], events, status))
            continue;
        if (put_n++ == page.limit) {
            next = i;
            break;
        }
        hook_write(c->sb, &h->all[i], false, &o.w);
    }
    hooks_list_end(c, &o, "/v2/webhooks", next);
}

/* ---- one webhook ---- */

static bool url_is_taken(struct call *c, const struct hook *k) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    for (size_t i = 0; i < HOOKS_MAX && sw(c->sb, SW_HOOK_SAME_URL) == 0; i++)
        if (h->all[i].number != 0 && h->all[i].number != k->number &&
            strcmp(h->all[i].url, k->url) == 0) {
            hooks_problem(c, 409, "Conflict", "A webhook with this url exists already.");
            return true;
        }
    return false;
}

/* False: refused; *k is as it was. */
static bool set(struct call *c, struct hook *k, json body) {
    struct rc_error err;
    struct hook *changed = mem_alloc(sizeof *changed);
    *changed = *k;
    bool good = hook_set(c->sb, changed, body, false, &err) == RC_OK;
    if (!good)
        hooks_problem(c, (int)sw(c->sb, SW_HOOK_INVALID), "Unprocessable Entity", err.text);
    else if ((good = !url_is_taken(c, changed)))
        *k = *changed;
    mem_free(changed);
    return good;
}

static void create(struct call *c, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct hook *k = hooks_by_number(h, 0);
    if (k == NULL) {
        hooks_problem(c, 409, "Conflict", "There are too many webhooks.");
        return;
    }
    if (!set(c, k, body))
        return;
    k->number = ++h->hooks_n;
    hooks_uuid(h, k->id);
    answer_hook(c, 201, k);
}

static void ping(struct call *c, struct hook *k) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    hooks_note(h, "ping", vclock_now_us(&c->sb->clock), UINT32_C(1) << hooks_place(h, k), "{}",
               true);
    if (sw(c->sb, SW_HOOK_PING) != 0)
        answer_text(c, 200, NULL, "");
    else
        answer_json(c, 200, "{}");
}

static void test_event(struct call *c, struct hook *k, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    const char *name = "";
    size_t len;
    json data = json_get(body, "payload");
    struct buf payload;
    json_str(json_get(body, "event_name"), &name, &len);
    if (!hook_wants(k, name)) {
        hooks_problem(c, 400, "Bad request", "The event is not enabled for this webhook.");
        return;
    }
    if (json_type(data) != JSON_OBJECT) { /* beside the name, then */
        const char *key = strncmp(name, "employment.", 11) == 0 ? "employment" : "person";
        data = json_type(json_get(body, key)) == JSON_OBJECT ? body : NULL;
    }
    if (data == NULL) {
        hooks_problem(c, 400, "Bad request", "Payload data is missing.");
        return;
    }
    buf_init(&payload, 16384);
    if (data == body) {
        struct json_writer w;
        json_begin(&w, &payload);
        json_object(&w, NULL);
        json_put_value(&w, "person", json_get(body, "person"));
        json_put_value(&w, "employment", json_get(body, "employment"));
        json_object_end(&w);
    } else {
        json_dump(data, &payload);
    }
    buf_char(&payload, '\0');
    if (payload.full)
        hooks_problem(c, 400, "Bad request", "Payload data is too long.");
    else {
        hooks_note(h, name, vclock_now_us(&c->sb->clock), UINT32_C(1) << hooks_place(h, k),
                   payload.ptr, true);
        answer_json(c, 200, "{}");
    }
    buf_done(&payload);
}

static void one(struct call *c, const char *id, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct hook *k = hooks_find(h, id);
    if (k == NULL) {
        hooks_unknown(c);
        return;
    }
    switch (c->route) {
    case ROUTE_HOOK_GET: answer_hook(c, 200, k); break;
    case ROUTE_HOOK_UPDATE:
        if (set(c, k, body))
            answer_hook(c, 200, k);
        break;
    case ROUTE_HOOK_DELETE:
        hooks_forget(h, k);
        answer_text(c, (int)sw(c->sb, SW_HOOK_DELETE), NULL, "");
        break;
    case ROUTE_HOOK_PING: ping(c, k); break;
    case ROUTE_HOOK_TEST: test_event(c, k, body); break;
    case ROUTE_HOOK_EVENTS: hooks_list_events(c, id); break;
    case ROUTE_HOOK_ACTIVITY: hooks_list_activity(c, id); break;
    default: hooks_redeliver(c, id, body); break;
    }
}

void hooks_serve(struct call *c) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct rc_error err;
    json body = NULL;
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 18);
    if (!may(c))
        return;
    bool needs_body = c->route == ROUTE_HOOK_CREATE || c->route == ROUTE_HOOK_UPDATE ||
                      c->route == ROUTE_HOOK_TEST || c->route == ROUTE_HOOK_REDELIVER;
    if (needs_body && json_parse_copy(reader, c->q->body == NULL ? "" : c->q->body,
                                      c->q->body_bytes, &body, &err) != RC_OK) {
        hooks_problem(c, 400, "Bad request", "The body is not JSON.");
        return;
    }
    char id[UUID_BYTES];
    snprintf(id, sizeof id, "%.*s", (int)strcspn(c->rest, "/"), c->rest);
    pthread_mutex_lock(&h->lock);
    if (c->route == ROUTE_HOOK_LIST)
        list(c);
    else if (c->route == ROUTE_HOOK_CREATE)
        create(c, body);
    else
        one(c, id, body);
    pthread_mutex_unlock(&h->lock);
}
