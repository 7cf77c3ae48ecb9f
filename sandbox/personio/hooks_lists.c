/* hooks_lists.c - what happened in the last thirty days, what became of it, and once more.
 * Source: docs/wire-personio.md, webhooks: management. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sandbox/personio/personio.h"

struct window {
    int64_t from_us, until_us;
    const char *name;
};

/* With milliseconds, as in our own answers. */
static bool instant_of(const char *text, size_t len, int64_t *ret) {
    const char *point = memchr(text, '.', len);
    int64_t unit = 100000, more = 0;
    struct rc_error err;
    if (date_parse_instant(text, len, ret, &err) != RC_OK)
        return false;
    *ret -= *ret % 1000000;
    for (point = point == NULL ? "" : point + 1; *point >= '0' && *point <= '9'; point++) {
        more += (*point - '0') * unit;
        unit /= 10;
    }
    *ret += more;
    return true;
}

static bool instant_asked(struct call *c, const char *name, int64_t *ret) {
    const char *text = server_argument(c->q, name, 0);
    if (text == NULL || instant_of(text, strlen(text), ret))
        return true;
    hooks_problem(c, 400, "Bad request", "Provided request parameters are invalid.");
    return false;
}

static bool window_asked(struct call *c, const char *what, struct window *ret) {
    char name[40];
    int64_t oldest = vclock_now_us(&c->sb->clock) - HOOK_DAYS_KEPT_US;
    *ret = (struct window){ oldest, INT64_MAX, server_argument(c->q, "event_name", 0) };
    snprintf(name, sizeof name, "%s.gte", what);
    if (!instant_asked(c, name, &ret->from_us))
        return false;
    snprintf(name, sizeof name, "%s.lte", what);
    if (ret->from_us < oldest)
        ret->from_us = oldest;
    return instant_asked(c, name, &ret->until_us);
}

static bool is_within(const struct window *w, int64_t at_us, const char *name) {
    return at_us >= w->from_us && at_us <= w->until_us &&
           (w->name == NULL || strcmp(w->name, name) == 0);
}

/* Events stand in the order in which they were noted; a cursor is the number of the next one. */
static uint64_t first_kept(uint64_t all_n, uint64_t kept, uint64_t from) {
    uint64_t first = all_n > kept ? all_n - kept : 0;
    return from > first ? from : first;
}

void hooks_list_events(struct call *c, const char *id) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct hooks_page page;
    struct window window;
    struct json_answer o;
    uint64_t next = 0, put_n = 0;
    unsigned place = hooks_place(h, hooks_find(h, id));
    if (!hooks_paging(c, &page) || !window_asked(c, "occurred_at", &window))
        return;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "_data");
    for (uint64_t n = first_kept(h->events_n, HOOK_EVENTS_KEPT, page.from); n < h->events_n; n++) {
        const struct hook_event *e = hooks_event(h, n + 1);
        if (e == NULL || (e->mask >> place & 1) == 0 ||
            !is_within(&window, e->occurred_us, e->name))
            continue;
        if (put_n++ == page.limit) {
            next = n;
            break;
        }
        if (*e->body == '{' && e->body[strlen(e->body) - 1] == '}')
            json_put_raw(&o.w, NULL, e->body, strlen(e->body));
        else
            json_put_null(&o.w, NULL); /* its body was spoiled */
    }
    hooks_list_end(c, &o, arena_printf(c->q->arena, "/v2/webhooks/%s/events", id), next);
}

static void write_attempt(struct json_writer *w, const struct hook_attempt *a) {
    char at[32];
    json_object(w, NULL);
    json_put_cstr(w, "event_name", a->name);
    json_put_cstr(w, "occurred_at", hooks_instant(a->occurred_us, at));
    json_put_cstr(w, "completed_at", hooks_instant(a->completed_us, at));
    json_put_bool(w, "is_delivered", a->status >= 200 && a->status < 300);
    if (a->status == 0)
        json_put_null(w, "response_status");
    else
        json_put_int(w, "response_status", a->status);
    json_put_cstr(w, "error", *a->error == '\0' ? NULL : a->error);
    json_put_cstr(w, "redelivery_id", *a->redelivery == '\0' ? NULL : a->redelivery);
    json_object_end(w);
}

void hooks_list_activity(struct call *c, const char *id) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct hooks_page page;
    struct window window;
    struct json_answer o;
    uint64_t next = 0, put_n = 0, hook = hooks_find(h, id)->number;
    const char *delivered = server_argument(c->q, "is_delivered", 0),
               *redelivery = server_argument(c->q, "redelivery_id", 0);
    if (delivered != NULL && strcmp(delivered, "true") != 0 && strcmp(delivered, "false") != 0) {
        hooks_problem(c, 422, "Unprocessable Entity", "is_delivered is true or false");
        return;
    }
    if (!hooks_paging(c, &page) || !window_asked(c, "completed_at", &window))
        return;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "_data");
    for (uint64_t n = first_kept(h->attempts_n, HOOK_ATTEMPTS_KEPT, page.from); n < h->attempts_n;
         n++) {
        const struct hook_attempt *a = &h->attempts[n % HOOK_ATTEMPTS_KEPT];
        bool good = a->status >= 200 && a->status < 300;
        if (a->hook != hook || !is_within(&window, a->completed_us, a->name) ||
            (delivered != NULL && (strcmp(delivered, "true") == 0) != good) ||
            (redelivery != NULL && strcmp(redelivery, a->redelivery) != 0))
            continue;
        if (put_n++ == page.limit) {
            next = n;
            break;
        }
        write_attempt(&o.w, a);
    }
    hooks_list_end(c, &o, arena_printf(c->q->arena, "/v2/webhooks/%s/activity", id), next);
}

/* {occurred_at: {gte, lte}, event_name}, or the same as members of their own (occurred_at.gte). */
void hooks_redeliver(struct call *c, const char *id, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    const struct hook *k = hooks_find(h, id);
    unsigned place = hooks_place(h, k);
    int64_t now_us = vclock_now_us(&c->sb->clock);
    struct window window = { now_us - HOOK_DAYS_KEPT_US, INT64_MAX, NULL };
    char redelivery[UUID_BYTES];
    size_t len, n = 0;
    const char *text;
    json range = json_get(body, "occurred_at");
    const struct {
        json value;
        int64_t *ret;
    } ends[] = { { json_get(range, "gte"), &window.from_us },
                 { json_get(range, "lte"), &window.until_us },
                 { json_get(body, "occurred_at.gte"), &window.from_us },
                 { json_get(body, "occurred_at.lte"), &window.until_us } };
    for (size_t i = 0; i < RC_LEN(ends); i++)
        if (ends[i].value != NULL &&
            (!json_str(ends[i].value, &text, &len) || !instant_of(text, len, ends[i].ret))) {
            hooks_problem(c, 400, "Bad request", "occurred_at is no time.");
            return;
        }
    if (window.from_us < now_us - HOOK_DAYS_KEPT_US)
        window.from_us = now_us - HOOK_DAYS_KEPT_US;
    json_str(json_get(body, "event_name"), &window.name, &len);
    hooks_uuid(h, redelivery);
    for (uint64_t i = first_kept(h->events_n, HOOK_EVENTS_KEPT, 0); i < h->events_n; i++) {
        const struct hook_event *e = hooks_event(h, i + 1);
        if (e == NULL || (e->mask >> place & 1) == 0 ||
            !is_within(&window, e->occurred_us, e->name))
            continue;
        hooks_enqueue(h, k, e, redelivery, now_us);
        n++;
    }
    answer_json(c, (int)sw(c->sb, SW_HOOK_REDELIVER), "{\"redelivery_id\":\"%s\",\"events\":%zu}",
                redelivery, n);
}
