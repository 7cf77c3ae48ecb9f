/* control_hooks.c - webhooks as somebody makes them by hand in Personio, events out of nothing, and
 * what is on its way: /_control/webhooks. */
#include <stdio.h>
#include <string.h>
#include "sandbox/personio/personio.h"

static void tell(struct call *c) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct json_answer o;
    char at[32];
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_put_int(&o.w, "events", (int64_t)h->events_n);
    json_put_int(&o.w, "attempts", (int64_t)h->attempts_n);
    json_array(&o.w, "webhooks");
    for (size_t i = 0; i < HOOKS_MAX; i++)
        if (h->all[i].number != 0)
            hook_write(c->sb, &h->all[i], true, &o.w);
    json_array_end(&o.w);
    json_array(&o.w, "waiting");
    for (size_t i = 0; i < h->queue_n && i < 1000; i++) {
        const struct hook_event *e = hooks_event(h, h->queue[i].event);
        json_object(&o.w, NULL);
        json_put_cstr(&o.w, "event_name", e == NULL ? "" : e->name);
        json_put_int(&o.w, "tries", h->queue[i].tries);
        json_put_cstr(&o.w, "due", hooks_instant(h->queue[i].due_us, at));
        json_object_end(&o.w);
    }
    json_array_end(&o.w);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

/* As in Personio's own pages: enabled, if not said otherwise. */
static void make(struct call *c, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    struct hook *k = hooks_by_number(h, 0);
    struct rc_error err;
    struct json_answer o;
    if (k == NULL) {
        answer_json(c, 400, "{\"error\":\"there are too many webhooks\"}");
        return;
    }
    k->enabled = true;
    enum rc_code rc = hook_set(c->sb, k, body, true, &err);
    if (rc != RC_OK) {
        *k = (struct hook){ 0 };
        control_refused(c, rc, &err);
        return;
    }
    k->number = ++h->hooks_n;
    hooks_uuid(h, k->id);
    answer_begin(&o);
    hook_write(c->sb, k, true, &o.w);
    answer_end(&o, c, 201);
}

/* {event_name, person, count, occurred_at, each}: count events, of this person and those behind it
 * when `each` is true. */
static void raise_some(struct call *c, json body) {
    struct world *w = &personio_of(c->sb)->world;
    const char *name = "person.updated", *text;
    size_t len;
    int64_t person = 0, count = 1, at_us = vclock_now_us(&c->sb->clock);
    bool each = false;
    json_str(json_get(body, "event_name"), &name, &len);
    json_int(json_get(body, "person"), &person);
    json_int(json_get(body, "count"), &count);
    json_bool(json_get(body, "each"), &each);
    if (json_str(json_get(body, "occurred_at"), &text, &len) &&
        date_parse_instant(text, len, &at_us, NULL) != RC_OK) {
        answer_json(c, 400, "{\"error\":\"occurred_at is no time\"}");
        return;
    }
    uint32_t index = world_find(w, person);
    for (int64_t i = 0; i < count && i < HOOK_EVENTS_KEPT; i++)
        hooks_raise(c->sb, name,
                    each && index != NOBODY ? w->people[(index + (size_t)i) % w->n].id : person,
                    at_us);
    answer_json(c, 200, "{}");
}

static void silence(struct call *c, json body) {
    json one, no_key;
    const char *key;
    size_t len;
    uint64_t mask = 0;
    for (struct json_iter it = json_iter(json_get(body, "attributes"));
         json_next(&it, &no_key, &one);) {
        enum attr a = json_str(one, &key, &len) ? attr_find(key, len) : ATTR_COUNT;
        if (a == ATTR_COUNT) {
            answer_json(c, 400, "{\"error\":\"attributes: there is no such attribute\"}");
            return;
        }
        mask |= ATTR_BIT(a);
    }
    personio_of(c->sb)->hooks.silent = mask;
    answer_json(c, 200, "{}");
}

/* {id}: as somebody does in Personio's pages, or Personio itself when nothing arrives. */
static void disable(struct call *c, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    const char *id = "";
    size_t len;
    json_str(json_get(body, "id"), &id, &len);
    struct hook *k = hooks_find(h, id);
    if (k == NULL) {
        answer_json(c, 404, "{\"error\":\"there is no such webhook\"}");
        return;
    }
    k->enabled = false;
    answer_json(c, 200, "{}");
}

static void clear(struct call *c) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    for (size_t i = 0; i < HOOKS_MAX; i++)
        if (h->all[i].number != 0)
            hooks_forget(h, &h->all[i]);
    answer_json(c, 200, "{}");
}

bool control_hooks(struct call *c, const char *path, json body) {
    struct hooks *h = &personio_of(c->sb)->hooks;
    void (*with_body)(struct call * c, json body) = NULL;
    if (control_is(c, "POST", path, "webhooks/raise")) {
        raise_some(c, body); /* takes the lock by itself */
        return true;
    }
    if (control_is(c, "POST", path, "webhooks"))
        with_body = make;
    else if (control_is(c, "POST", path, "webhooks/silent"))
        with_body = silence;
    else if (control_is(c, "POST", path, "webhooks/disable"))
        with_body = disable;
    else if (!control_is(c, "GET", path, "webhooks") && !control_is(c, "DELETE", path, "webhooks"))
        return false;
    pthread_mutex_lock(&h->lock);
    if (with_body != NULL)
        with_body(c, body);
    else if (*c->q->method == 'G')
        tell(c);
    else
        clear(c);
    pthread_mutex_unlock(&h->lock);
    return true;
}
