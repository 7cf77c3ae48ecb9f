/* webhook.c - POST /webhooks/SOURCE/ADDRESS: an HR system tells that something has changed.
 *
 * An address that nobody has is 404, another token 401. With the right one everything is acknowledged,
 * whatever the body says, once it is durable: it is a hint and nothing more. In trouble the answer is 503,
 * never a 4xx: those are final for who sends, and a hint would be lost. */
#include <stdatomic.h>
#include <string.h>
#include "base/log.h"
#include "server/server_p.h"
#include "source/hint.h"
#include "store/hook.h"

static const char prefix[] = "/webhooks/";

bool webhook_is_path(const char *path) {
    return strncmp(path, prefix, sizeof prefix - 1) == 0;
}

/* "personio/4f1c..."; both end at the only slash. */
static bool parts_of(const char *path, struct text *ret_source, struct text *ret_address) {
    const char *source = path + sizeof prefix - 1, *slash = strchr(source, '/');
    if (slash == NULL || slash == source || strlen(slash + 1) != HOOK_ADDRESS_CHARS)
        return false;
    *ret_source = text_from(source, (size_t)(slash - source));
    *ret_address = text_from(slash + 1, HOOK_ADDRESS_CHARS);
    return true;
}

/* What was set is sent verbatim; somebody may have put "Bearer " before it, as elsewhere. */
static bool has_token(const struct serve *s, const struct hook_owner *o,
                      const struct server_request *q) {
    const char *given = server_header(q, "Authorization");
    if (given == NULL)
        return false;
    if (strncasecmp(given, "Bearer ", 7) == 0)
        given += 7;
    return hook_token_is(s->key, o, text_from(given, strlen(given)));
}

/* Events of one name, time and payload are the same one. A body that nobody understands is news each time
 * that it comes. */
static void event_of(const struct serve *s, const struct hook_owner *o,
                     const struct server_request *q, struct hook_event *ret) {
    uint8_t digest[SECRET_DIGEST_BYTES];
    struct hint h;
    hint_read_personio(q->body, q->body_bytes, q->arena, &h);
    secret_hash128(s->key, q->body_bytes > 0 ? q->body : "", q->body_bytes, digest);
    *ret = (struct hook_event){ .company_id = o->company_id,
                                .integration_id = o->integration_id,
                                .repeats = !h.understood || h.occurred_us == 0,
                                .name = h.name,
                                .source_id = h.source_id,
                                .occurred_us = h.occurred_us,
                                .arrived_us = clock_now_us(s->clock) };
    for (size_t i = 0; i < sizeof digest; i++) {
        ret->digest[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        ret->digest[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
}

static enum rc_code owner_of(struct serve *s, struct text address, struct arena *a,
                             struct owner *ret, bool *ret_found, struct rc_error *err) {
    struct owners *owners = hints_owners(s->hints);
    uint8_t digest[SECRET_DIGEST_BYTES];
    struct store *st;
    hook_address_digest(s->key, address, digest);
    if ((*ret_found = owners_recall(owners, digest, a, ret)))
        return RC_OK;
    enum rc_code rc = serve_borrow(s, &st, err);
    if (rc == RC_OK)
        rc = owners_find(owners, st, digest, a, ret, ret_found, err);
    serve_give_back(s, st, rc);
    return rc;
}

/* Counted, and not said each time: they come by the hundred, and are sent again and again. */
static void in_trouble(struct serve *s, const struct server_request *q, enum rc_code rc,
                       const struct rc_error *err, struct server_answer *ret) {
    char text[500];
    atomic_fetch_add(&s->not_taken, 1);
    if (!standing_trouble(s->o.standing, rc, err))
        log_warn("webhook=not-taken code=%s text=%s", rc_code_name(rc),
                 log_quote(err->text, text, sizeof text));
    problem_answer(q, 503, "Service Unavailable", "unavailable",
                   "it could not be written down; send it again", ret);
}

static void nobody_is_there(struct serve *s, const struct server_request *q,
                            struct server_answer *ret) {
    atomic_fetch_add(&s->refused, 1);
    problem_answer(q, 404, "Not Found", "not-found", "there is nothing at this address", ret);
}

/* In the arena of its request, whose thread does not wait for the disk. */
struct brought {
    struct hint_letter letter;
    struct hook_event event;
    struct owner owner;
    struct serve *serve;
    const struct server_request *q;
};

/* On the thread that writes: it is on the disk, or will not be. */
static void written_down(struct hint_letter *l, enum rc_code rc, const struct rc_error *err) {
    const struct brought *b = l->self;
    struct server_answer a = { .status = 204 };
    if (rc != RC_OK)
        in_trouble(b->serve, b->q, rc, err, &a);
    else if (l->is_nobodys)
        nobody_is_there(b->serve, b->q, &a);
    server_later_answer(b->q, &a);
}

void webhook_answer(struct serve *s, const struct server_request *q, struct server_answer *ret) {
    struct rc_error err = { 0 };
    struct text source, address;
    struct brought *b = arena_zalloc(q->arena, sizeof *b);
    bool found = false;
    enum rc_code rc = RC_OK;
    if (strcmp(q->method, "POST") == 0 && parts_of(q->raw_path, &source, &address))
        rc = owner_of(s, address, q->arena, &b->owner, &found, &err);
    if (rc != RC_OK) {
        in_trouble(s, q, rc, &err, ret);
        return;
    }
    if (!found || !text_equal(b->owner.is.source, source)) {
        nobody_is_there(s, q, ret);
        return;
    }
    if (!has_token(s, &b->owner.is, q)) {
        atomic_fetch_add(&s->refused, 1);
        log_warn("webhook=refused company=%lld integration=%lld reason=\"another token\"",
                 (long long)b->owner.is.company_id, (long long)b->owner.is.integration_id);
        problem_answer(q, 401, "Unauthorized", "webhook.token",
                       "Authorization is not the token of this address", ret);
        return;
    }
    event_of(s, &b->owner.is, q, &b->event);
    b->letter = (struct hint_letter){
        .event = &b->event, .owner = &b->owner, .done = written_down, .self = b
    };
    b->serve = s;
    b->q = q;
    if (!server_later(q)) {
        rc = rc_fail_as(&err, RC_RETRY, "stopping", "the process is being stopped");
        in_trouble(s, q, rc, &err, ret);
    } else if ((rc = hints_send(s->hints, &b->letter, &err)) != RC_OK)
        written_down(&b->letter, rc, &err);
}
