#include "sandbox/personio/hooks.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/rng.h"
#include "sandbox/personio/personio.h"

void *hooks_sender(void *self); /* hooks_send.c */

void hooks_open(struct hooks *h, struct sandbox *sb) {
    pthread_condattr_t attr;
    *h = (struct hooks){ .sb = sb };
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&h->due, &attr);
    pthread_condattr_destroy(&attr);
    h->events = mem_zalloc(HOOK_EVENTS_KEPT * sizeof *h->events);
    h->attempts = mem_zalloc(HOOK_ATTEMPTS_KEPT * sizeof *h->attempts);
    for (; h->senders_n < HOOK_SENDERS; h->senders_n++) {
        struct hooks_sender *s = &h->senders[h->senders_n];
        *s = (struct hooks_sender){ .hooks = h, .number = h->senders_n };
        if (pthread_create(&s->thread, NULL, hooks_sender, s) != 0)
            break;
    }
    if (h->senders_n == 0)
        rc_die("sandbox: no thread for webhooks");
}

void hooks_begin(struct hooks *h) {
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < HOOK_EVENTS_KEPT; i++) {
        mem_free(h->events[i].body);
        h->events[i] = (struct hook_event){ 0 };
    }
    memset(h->all, 0, sizeof h->all);
    /* Numbers go on, so that a thread that is posting finds its delivery gone. */
    h->queue_n = 0;
    h->attempts_n = 0;
    h->ids_n = 0;
    h->silent = 0;
    pthread_mutex_unlock(&h->lock);
}

void hooks_close(struct hooks *h) {
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_broadcast(&h->due);
    pthread_mutex_unlock(&h->lock);
    for (unsigned i = 0; i < h->senders_n; i++)
        pthread_join(h->senders[i].thread, NULL);
    hooks_begin(h);
    mem_free(h->events);
    mem_free(h->attempts);
    mem_free(h->queue);
    pthread_cond_destroy(&h->due);
    pthread_mutex_destroy(&h->lock);
}

void hooks_changed(struct hooks *h) {
    const struct sandbox *sb = h->sb;
    pthread_mutex_lock(&h->lock);
    h->manner = (struct hooks_manner){
        .deadline_ms = sw(sb, SW_HOOK_DEADLINE),
        .gap_percent = sw(sb, SW_HOOK_GAPS),
        .window = sw(sb, SW_HOOK_WINDOW),
        .retry_4xx = sw(sb, SW_HOOK_RETRY_4XX),
        .auto_disable = sw(sb, SW_HOOK_AUTO_DISABLE),
        .senders = sw(sb, SW_HOOK_SENDERS),
        .content_type = sw(sb, SW_HOOK_TYPE),
    };
    pthread_cond_broadcast(&h->due);
    pthread_mutex_unlock(&h->lock);
}

struct hook *hooks_find(struct hooks *h, const char *id) {
    for (size_t i = 0; i < HOOKS_MAX; i++)
        if (h->all[i].number != 0 && strcmp(h->all[i].id, id) == 0)
            return &h->all[i];
    return NULL;
}

struct hook *hooks_by_number(struct hooks *h, uint64_t number) {
    for (size_t i = 0; i < HOOKS_MAX; i++)
        if (h->all[i].number == number)
            return &h->all[i];
    return NULL;
}

unsigned hooks_place(const struct hooks *h, const struct hook *k) {
    return (unsigned)(k - h->all);
}

struct hook_event *hooks_event(struct hooks *h, uint64_t number) {
    struct hook_event *e = number == 0 ? NULL : &h->events[(number - 1) % HOOK_EVENTS_KEPT];
    return e != NULL && e->number == number ? e : NULL;
}

bool hook_wants(const struct hook *k, const char *name) {
    for (size_t i = 0; i < k->names_n; i++)
        if (strcmp(k->names[i], name) == 0)
            return true;
    return false;
}

void hooks_forget(struct hooks *h, struct hook *k) {
    size_t kept = 0;
    for (size_t i = 0; i < h->queue_n; i++)
        if (h->queue[i].hook != k->number)
            h->queue[kept++] = h->queue[i];
    h->queue_n = kept;
    for (size_t i = 0; i < HOOK_EVENTS_KEPT; i++) /* the place is somebody else's from now on */
        h->events[i].mask &= ~(UINT32_C(1) << hooks_place(h, k));
    *k = (struct hook){ 0 };
}

void hooks_uuid(struct hooks *h, char ret[UUID_BYTES]) {
    struct rng rng;
    rng_init(&rng, h->sb->started.seed, 1000 + ++h->ids_n);
    uint32_t a = rng_u32(&rng), b = rng_u32(&rng), c = rng_u32(&rng), d = rng_u32(&rng);
    snprintf(ret, UUID_BYTES, "%08x-%04x-4%03x-8%03x-%04x%08x", a, b >> 16, b & 0xfff, c >> 20,
             c & 0xffff, d);
}

const char *hooks_instant(int64_t at_us, char ret[32]) {
    char second[32];
    date_format_instant(at_us, second);
    snprintf(ret, 32, "%.19s.%03dZ", second, (int)(at_us / 1000 % 1000));
    return ret;
}

void hooks_enqueue(struct hooks *h, const struct hook *k, const struct hook_event *e,
                   const char *redelivery, int64_t due_us) {
    if (h->queue_n == h->queue_cap) {
        h->queue_cap = h->queue_cap == 0 ? 256 : h->queue_cap * 2;
        h->queue = mem_realloc(h->queue, h->queue_cap * sizeof *h->queue);
    }
    struct hook_delivery *d = &h->queue[h->queue_n++];
    *d = (struct hook_delivery){
        .number = ++h->deliveries_n, .hook = k->number, .event = e->number, .due_us = due_us
    };
    snprintf(d->redelivery, sizeof d->redelivery, "%s", redelivery);
    pthread_cond_broadcast(&h->due);
}

/* A whole number below `below`, the same for the same seed and event. */
static uint32_t chance(const struct hooks *h, uint64_t number, unsigned what, uint32_t below) {
    struct rng rng;
    rng_init(&rng, h->sb->started.seed ^ number * 0x9E3779B97F4A7C15u, 40 + what);
    return rng_below(&rng, below);
}

static void write_body(const struct hooks *h, const char *name, int64_t occurred_us,
                       const char *payload, struct buf *b) {
    const struct sandbox *sb = h->sb;
    char at[32];
    buf_printf(
        b, "{\"company_id\":\"%s\",\"event_name\":", sw(sb, SW_HOOK_FOREIGN) ? "66600" : "90210");
    answer_quoted(b, name, strlen(name));
    buf_printf(b, ",\"occurred_at\":\"%s\",\"payload\":%s,\"meta\":{}",
               hooks_instant(occurred_us, at), payload);
    if (sw(sb, SW_HOOK_EXTRA))
        buf_str(b, ",\"x_future\":{\"a\":[1,2.5e3,true,null]},\"event_version\":\"3\"");
    buf_char(b, '}');
    switch (sw(sb, SW_HOOK_BODY)) {
    case 1: b->len /= 2; break;
    case 2:
        buf_clear(b);
        buf_str(b, "<html><body>event</body></html>");
        break;
    case 3: buf_clear(b); break;
    default: break;
    }
}

struct hook_event *hooks_note(struct hooks *h, const char *name, int64_t occurred_us, uint32_t mask,
                              const char *payload, bool always) {
    const struct sandbox *sb = h->sb;
    struct buf b;
    uint64_t number = ++h->events_n;
    struct hook_event *e = &h->events[(number - 1) % HOOK_EVENTS_KEPT];
    buf_init(&b, 1 << 16);
    write_body(h, name, occurred_us, payload, &b);
    buf_char(&b, '\0');
    mem_free(e->body);
    *e = (struct hook_event){ .number = number, .occurred_us = occurred_us / 1000 * 1000 };
    e->mask = mask;
    snprintf(e->name, sizeof e->name, "%s", name);
    e->body = mem_str(b.ptr);
    buf_done(&b);
    int64_t now_us = vclock_now_us(&h->sb->clock), delay_ms = sw(sb, SW_HOOK_DELAY);
    bool twice = (int64_t)chance(h, number, 0, 100) < sw(sb, SW_HOOK_TWICE);
    bool lost = (int64_t)chance(h, number, 4, 100) < sw(sb, SW_HOOK_LOST) && !always;
    for (unsigned i = 0; i < HOOKS_MAX; i++) {
        if ((mask >> i & 1) == 0 || h->all[i].number == 0 || (!h->all[i].enabled && !always) ||
            lost)
            continue;
        for (int times = twice ? 2 : 1; times > 0; times--) {
            int64_t shuffle = sw(sb, SW_HOOK_SHUFFLE);
            int64_t late = shuffle <= 0 ? 0
                                        : chance(h, number, 1 + (unsigned)times,
                                                 shuffle > 86400000 ? 86400000 : (uint32_t)shuffle);
            hooks_enqueue(h, &h->all[i], e, "", now_us + (delay_ms + late) * 1000);
        }
    }
    return e;
}
