/* hooks_send.c - deliveries: 2xx within the deadline and nothing else is success; redirects are not
 * followed; silence and 5xx but 501 are tried again, twice in direct succession and then after
 * growing gaps, fourteen times at most; everything else is final.
 * Source: docs/wire-personio.md, webhooks: acknowledgement, retry, order. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "net/client.h"
#include "sandbox/personio/personio.h"

void *hooks_sender(void *self);

static const int64_t gaps_s[HOOK_TRIES / 2 - 1] = { 60, 600, 3600, 21600, 86400, 144000 };

struct post { /* what a thread takes with it while the lock is free */
    uint64_t delivery;
    int64_t deadline_us;
    char url[1000], error[48];
    char names[HOOK_HEADERS_MAX][100], values[HOOK_HEADERS_MAX][1000];
    size_t headers_n;
    const char *content_type;
    char *body;
    int status;
};

/* ---- one request ---- */

static void send_it(struct post *p) {
    struct rc_error err = { .code = RC_OK };
    struct buf answer;
    const struct http_client_options o = { .connect_timeout_us = p->deadline_us,
                                           .total_timeout_us = p->deadline_us,
                                           .user_agent = "rollcall-sandbox" };
    RC_CLEANUP(http_client_freep) struct http_client *client = NULL;
    struct http_request q = { .method = "POST", .url = p->url, .changes = true };
    buf_init(&answer, 1 << 20);
    struct http_response r = { .body = &answer };
    q.body = p->body;
    q.body_bytes = strlen(p->body);
    q.headers[q.headers_n++] = (struct http_header){ "Content-Type", p->content_type };
    for (size_t i = 0; i < p->headers_n; i++)
        q.headers[q.headers_n++] = (struct http_header){ p->names[i], p->values[i] };
    enum rc_code rc = http_client_new(&o, &clock_system, &client, &err);
    if (rc == RC_OK)
        rc = http_send(client, &q, &r, &err);
    p->status = rc == RC_OK ? r.status : 0;
    snprintf(p->error, sizeof p->error, "%s", rc == RC_OK ? "" : err.name);
    buf_done(&answer);
}

/* ---- what is due ---- */

static struct hook_delivery *find(struct hooks *h, uint64_t number) {
    for (size_t i = 0; i < h->queue_n; i++)
        if (h->queue[i].number == number)
            return &h->queue[i];
    return NULL;
}

static void drop(struct hooks *h, struct hook_delivery *d) {
    *d = h->queue[--h->queue_n];
}

/* The one that has been due longest; NULL: none, and *ret_next is when the next one is. */
static struct hook_delivery *find_due(struct hooks *h, int64_t now_us, int64_t *ret_next) {
    struct hook_delivery *due = NULL;
    *ret_next = INT64_MAX;
    for (size_t i = 0; i < h->queue_n; i++) {
        struct hook_delivery *d = &h->queue[i];
        if (d->taken)
            continue;
        if (d->due_us > now_us)
            *ret_next = d->due_us < *ret_next ? d->due_us : *ret_next;
        else if (due == NULL || d->due_us < due->due_us ||
                 (d->due_us == due->due_us && d->number < due->number))
            due = d;
    }
    return due;
}

/* False: there is nothing to send any more. */
static bool take(struct hooks *h, struct hook_delivery *d, struct post *p) {
    static const char *const types[] = { "application/json", "application/json; charset=utf-8",
                                         "text/plain" };
    struct hook *k = hooks_by_number(h, d->hook);
    struct hook_event *e = hooks_event(h, d->event);
    if (k == NULL || e == NULL || (!k->enabled && strcmp(e->name, "ping") != 0)) {
        drop(h, d);
        return false;
    }
    d->taken = true;
    *p = (struct post){ .delivery = d->number,
                        .deadline_us = h->manner.deadline_ms * 1000,
                        .content_type = types[h->manner.content_type],
                        .body = mem_str(e->body) };
    if (p->deadline_us < 1000)
        p->deadline_us = 1000;
    snprintf(p->url, sizeof p->url, "%s", k->url);
    if (k->auth == HOOK_TOKEN && *k->token != '\0') { /* verbatim: nothing is put before it */
        snprintf(p->names[0], sizeof p->names[0], "Authorization");
        snprintf(p->values[0], sizeof p->values[0], "%s", k->token);
        p->headers_n = 1;
    }
    for (size_t i = 0; k->auth == HOOK_CUSTOM && i < k->headers_n; i++, p->headers_n++) {
        snprintf(p->names[i], sizeof p->names[i], "%s", k->headers[i].name);
        snprintf(p->values[i], sizeof p->values[i], "%s", k->headers[i].value);
    }
    return true;
}

static bool worth_another(const struct hooks *h, int status) {
    return status == 0 || (status >= 500 && status != 501) ||
           (status >= 400 && status < 500 && h->manner.retry_4xx != 0);
}

static void given_up(struct hooks *h, struct hook *k) {
    int64_t most = h->manner.auto_disable;
    if (++k->failed_n >= most && most > 0)
        k->enabled = false;
}

static void note(struct hooks *h, const struct post *p) {
    struct hook_delivery *d = find(h, p->delivery);
    struct hook *k = d == NULL ? NULL : hooks_by_number(h, d->hook);
    const struct hook_event *e = d == NULL ? NULL : hooks_event(h, d->event);
    if (k == NULL || e == NULL) /* forgotten meanwhile */
        return;
    int64_t now_us = vclock_now_us(&h->sb->clock);
    struct hook_attempt *a = &h->attempts[h->attempts_n++ % HOOK_ATTEMPTS_KEPT];
    *a = (struct hook_attempt){ .hook = d->hook, .event = d->event, .status = p->status };
    a->occurred_us = e->occurred_us;
    a->completed_us = now_us;
    memcpy(a->name, e->name, sizeof a->name);
    memcpy(a->redelivery, d->redelivery, sizeof a->redelivery);
    memcpy(a->error, p->error, sizeof a->error);
    d->taken = false;
    d->tries++;
    if (p->status >= 200 && p->status < 300) {
        k->failed_n = 0;
        drop(h, d);
    } else if (!worth_another(h, p->status) || d->tries >= HOOK_TRIES) {
        given_up(h, k);
        drop(h, d);
    } else if (d->tries % 2 == 1) { /* the second request of an attempt follows at once */
        d->due_us = now_us;
    } else {
        int64_t gap = gaps_s[d->tries / 2 - 1] * 10000 * h->manner.gap_percent;
        d->due_us = now_us + (h->manner.window != 0 ? 2 * gap : gap);
    }
    pthread_cond_broadcast(&h->due);
}

/* ---- the threads ---- */

/* The company's clock may be moved, so nobody sleeps longer than a tenth of a second. */
static void sleep_until(struct hooks *h, int64_t next_us, int64_t now_us) {
    struct timespec until;
    int64_t wait_us = next_us - now_us < 100000 ? next_us - now_us : 100000;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += wait_us * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (h->queue_n == 0)
        pthread_cond_wait(&h->due, &h->lock);
    else
        pthread_cond_timedwait(&h->due, &h->lock, &until);
}

void *hooks_sender(void *self) {
    const struct hooks_sender *me = self;
    struct hooks *h = me->hooks;
    struct post *p = mem_zalloc(sizeof *p);
    pthread_mutex_lock(&h->lock);
    while (!h->ending) {
        int64_t next_us, now_us = vclock_now_us(&h->sb->clock);
        struct hook_delivery *d = find_due(h, now_us, &next_us);
        if (d == NULL || (int64_t)me->number >= h->manner.senders) {
            sleep_until(h, d == NULL ? next_us : now_us + 100000, now_us);
            continue;
        }
        if (!take(h, d, p))
            continue;
        pthread_mutex_unlock(&h->lock);
        send_it(p);
        mem_free(p->body);
        pthread_mutex_lock(&h->lock);
        note(h, p);
    }
    pthread_mutex_unlock(&h->lock);
    mem_free(p);
    return NULL;
}
