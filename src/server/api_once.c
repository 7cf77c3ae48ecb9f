/* Idempotency-Key: what is asked is done once, however often it is sent. */
#include "server/api_p.h"

#include <limits.h>
#include <string.h>
#include "base/log.h"
#include "store/idempotency.h"

static enum rc_code begin(struct api_call *c, struct idempotency *once, struct rc_error *err) {
    const char *key = server_header(c->q, "Idempotency-Key");
    struct buf all;
    if (key == NULL || strcmp(c->q->method, "POST") != 0)
        return RC_OK;
    if (*key == '\0' || strlen(key) > IDEMPOTENCY_KEY_BYTES || !text_is_utf8(key, strlen(key)))
        return rc_fail_as(err, RC_INVALID, "request.invalid",
                          "an Idempotency-Key is a text of 1 to %d bytes", IDEMPOTENCY_KEY_BYTES);
    once->token_id = c->token.token_id;
    once->key = text_of(key);
    buf_init(&all, INT_MAX);
    buf_str(&all, c->q->raw_path);
    buf_char(&all, '\n');
    buf_append(&all, c->q->body, c->q->body_bytes);
    secret_hash(all.ptr, all.len, once->request);
    buf_done(&all);
    return idempotency_begin(c->st, once, c->now_us, c->arena, err);
}

/* What was refused may be asked again; what was done is not done again. */
void api_once_end(struct api_call *c, struct idempotency *once, enum rc_code rc,
                  const struct server_answer *a) {
    struct rc_error err = { 0 };
    char text[500];
    if (once->key.state != TEXT_SET)
        return;
    once->status = rc == RC_OK ? a->status : 0;
    once->body = text_from(a->body, a->body_bytes);
    if (idempotency_end(c->st, once, c->now_us, &err) != RC_OK)
        log_warn("idempotency=not-kept reason=%s", log_quote(err.text, text, sizeof text));
}

/* A token is shown once, whom an answer names is not kept beside them, and what a document would do changes
 * nothing and may be long: these are done as often as they are sent. */
static bool is_kept(const struct api_route *r) {
    return r->handler != api_token_add && r->handler != api_invite &&
           r->handler != api_document_plan;
}

/* Else somebody would rely on it. */
static enum rc_code takes_no_key(const struct api_call *c, struct rc_error *err) {
    if (server_header(c->q, "Idempotency-Key") == NULL)
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.invalid",
                      "this is done as often as it is sent, so it takes no Idempotency-Key");
}

enum rc_code api_once_begin(struct api_call *c, const struct api_route *r, struct idempotency *once,
                            struct rc_error *err) {
    return is_kept(r) ? begin(c, once, err) : takes_no_key(c, err);
}
