/* hooks.h - webhooks of v2: who registered, what happened, and how it is delivered.
 *
 * Shape:  an event is written once, body and all, and belongs to the webhooks in its mask. A delivery
 *         is one event on its way to one webhook. Threads of their own (hooks_send.c) post what is
 *         due by the company's clock, so that moving the clock moves the retries; the API never
 *         waits for them.
 * Memory: everything belongs to struct hooks. The oldest events and attempts make room for new ones.
 * Threads: `lock` covers everything here; it is held for moments, never while something is posted,
 *          and is taken after the sandbox's own lock.
 * Source: docs/wire-personio.md, webhooks. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "json/json.h"
#include "sandbox/personio/world.h"

struct sandbox;
struct call;
struct json_answer;
enum {
    HOOKS_MAX = 32, /* bits of a mask */
    HOOK_HEADERS_MAX = 3,
    HOOK_NAMES_MAX = 40,
    HOOK_EVENTS_KEPT = 20000,
    HOOK_ATTEMPTS_KEPT = 20000,
    HOOK_SENDERS = 4,
    HOOK_TRIES = 14, /* (1 + 6) attempts of two requests */
    UUID_BYTES = 37
};
#define HOOK_DAYS_KEPT_US (INT64_C(30) * 86400 * 1000000)

enum hook_auth { HOOK_TOKEN, HOOK_NONE, HOOK_CUSTOM };
struct hook {
    uint64_t number; /* 0: this place is free */
    char id[UUID_BYTES], url[1000], description[400], token[1000];
    bool enabled;
    enum hook_auth auth;
    struct {
        char name[100], value[1000];
    } headers[HOOK_HEADERS_MAX];
    size_t headers_n;
    char names[HOOK_NAMES_MAX][64]; /* of the events it wants */
    size_t names_n;
    unsigned failed_n; /* events in a row that were given up */
};

struct hook_event {
    uint64_t number;
    int64_t occurred_us;
    uint32_t mask; /* of the webhooks that it belongs to, by their place */
    char name[64];
    char *body;
};

struct hook_delivery {
    uint64_t number, hook, event;
    char redelivery[UUID_BYTES]; /* "": none */
    int64_t due_us;
    unsigned tries;
    bool taken; /* by a thread that is posting it */
};

struct hook_attempt {
    uint64_t hook, event;
    char redelivery[UUID_BYTES], name[64], error[48];
    int64_t occurred_us, completed_us;
    int status; /* 0: there was no answer */
};

struct hooks_manner { /* switches that the threads go by, so that they need no other lock */
    int64_t deadline_ms, gap_percent, window, retry_4xx, auto_disable, senders, content_type;
};

struct hooks_sender {
    struct hooks *hooks;
    unsigned number;
    pthread_t thread;
};

struct hooks {
    pthread_mutex_t lock;
    pthread_cond_t due;
    struct hooks_sender senders[HOOK_SENDERS];
    unsigned senders_n;
    bool ending;
    struct hooks_manner manner;
    struct sandbox *sb;
    struct hook all[HOOKS_MAX];
    struct hook_event *events; /* a ring: number n stands at (n - 1) % HOOK_EVENTS_KEPT */
    struct hook_attempt *attempts;
    uint64_t events_n, attempts_n, deliveries_n, hooks_n, ids_n; /* ever */
    struct hook_delivery *queue;
    size_t queue_n, queue_cap;
    uint64_t silent; /* attributes whose change raises nothing, beside those that never do */
};

/* hooks.c */
void hooks_open(struct hooks *h, struct sandbox *sb); /* starts the threads */
void hooks_close(struct hooks *h);                    /* waits for what is being posted */
void hooks_begin(struct hooks *h);                    /* as it was started: nothing registered */
void hooks_changed(struct hooks *h);                  /* switches changed */
/* With the lock held: */
struct hook *hooks_find(struct hooks *h, const char *id); /* NULL is an answer */
struct hook *hooks_by_number(struct hooks *h, uint64_t number);
unsigned hooks_place(const struct hooks *h, const struct hook *k);
struct hook_event *hooks_event(struct hooks *h, uint64_t number);
bool hook_wants(const struct hook *k, const char *name);
void hooks_forget(struct hooks *h, struct hook *k); /* and what was on its way to it */
void hooks_uuid(struct hooks *h, char ret[UUID_BYTES]);
const char *hooks_instant(int64_t at_us, char ret[32]); /* with milliseconds */
void hooks_enqueue(struct hooks *h, const struct hook *k, const struct hook_event *e,
                   const char *redelivery, int64_t due_us);
/* Writes an event down for the webhooks of the mask and queues it for those that are enabled;
 * `always`: for the others too. payload is JSON. */
struct hook_event *hooks_note(struct hooks *h, const char *name, int64_t occurred_us, uint32_t mask,
                              const char *payload, bool always);

/* hooks_raise.c: what an edit of the company makes happen. Under the sandbox's write lock. */
void hooks_person_came(struct sandbox *sb, uint32_t index);
void hooks_person_changed(struct sandbox *sb, uint32_t index, uint64_t attrs);
void hooks_person_rehired(struct sandbox *sb, uint32_t index);
void hooks_person_left(struct sandbox *sb, uint32_t index); /* the last day is over */
void hooks_person_removed(struct sandbox *sb, uint32_t index);
void hooks_unit_renamed(struct sandbox *sb, enum unit_kind kind, uint16_t unit);
/* Before the statuses follow a new day: who begins and who has left. */
void hooks_day_begins(struct sandbox *sb, date_days today);
/* One event of any name, as if it had happened; person 0: about nobody. */
void hooks_raise(struct sandbox *sb, const char *name, int64_t person, int64_t occurred_us);
void hooks_payload(const struct sandbox *sb, const char *name, int64_t person, struct buf *ret);

/* hooks_api.c: the management API; hooks_lists.c: its lists of events and attempts. */
void hooks_serve(struct call *c);
void hooks_list_events(struct call *c, const char *id);
void hooks_list_activity(struct call *c, const char *id);
void hooks_redeliver(struct call *c, const char *id, json body);
void hooks_unknown(struct call *c); /* 404 */
void hooks_problem(struct call *c, int status, const char *title, const char *detail);
struct hooks_page { /* of a list that is asked for */
    uint64_t limit, from;
};
bool hooks_paging(struct call *c, struct hooks_page *ret);
void hooks_list_end(struct call *c, struct json_answer *o, const char *path, uint64_t next);

/* hooks_fields.c: what a body may say about a webhook. The whole body or nothing. */
enum rc_code hook_set(struct sandbox *sb, struct hook *k, json body, bool by_hand,
                      struct rc_error *err);
void hook_write(const struct sandbox *sb, const struct hook *k, bool by_hand,
                struct json_writer *w);

/* control_hooks.c */
bool control_hooks(struct call *c, const char *path, json body);
