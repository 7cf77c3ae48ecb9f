/* What talks to another system: it is taken down, a worker does it, and the errand tells what came of it. */
#include <string.h>

#include "server/api_p.h"
#include "net/mail.h"
#include "sync/errand.h"
#include "sync/undo.h"

enum { NAME_BYTES = 200, ADDRESS_BYTES = 320, NAMED_MOST = 100 };

static enum rc_code take(struct api_call *c, enum errand_kind kind, int64_t subject_id,
                         const char *about, const struct buf *wants, struct rc_error *err) {
    struct errand e = { .company_id = c->company.company_id,
                        .kind = kind,
                        .subject_id = subject_id,
                        .about = text_of(about),
                        .who = text_of(c->who) };
    if (wants != NULL)
        e.wants = text_copy(c->arena, text_from(wants->ptr, wants->len));
    enum rc_code rc = errand_take(c->st, &e, c->now_us, c->arena, err);
    if (rc != RC_OK)
        return rc;
    show_errand(&c->w, "errand", &e);
    c->status = 202;
    return RC_OK;
}

/* With one flag, where it is set. */
static enum rc_code take_with(struct api_call *c, enum errand_kind kind, int64_t subject_id,
                              const char *about, const char *flag, bool is, struct rc_error *err) {
    struct buf b;
    buf_init(&b, 1000);
    buf_printf(&b, "{\"%s\":true}", flag);
    enum rc_code rc = take(c, kind, subject_id, about, is ? &b : NULL, err);
    buf_done(&b);
    return rc;
}

/* ---- previews ---- */

enum rc_code api_errand_sync(struct api_call *c, const struct integration *in,
                             struct rc_error *err) {
    return take(c, ERRAND_SYNC_PREVIEW, in->integration_id, c->parts[1], NULL, err);
}

enum rc_code api_errand_deliver(struct api_call *c, const struct platform *p, bool inventory,
                                struct rc_error *err) {
    return take_with(c, ERRAND_DELIVERY_PREVIEW, p->destination_id, c->parts[1], "inventory",
                     inventory, err);
}

enum rc_code api_errand_activate(struct api_call *c, int64_t integration_id, int64_t mapping_id,
                                 struct rc_error *err) {
    struct buf b;
    buf_init(&b, 100);
    buf_printf(&b, "{\"mapping\":%lld}", (long long)mapping_id);
    enum rc_code rc = take(c, ERRAND_ACTIVATE, integration_id, c->parts[1], &b, err);
    buf_done(&b);
    return rc;
}

/* What would be refused later is refused now, while somebody looks. */
enum rc_code api_run_undo(struct api_call *c, struct rc_error *err) {
    struct run r;
    bool preview;
    int64_t id;
    enum rc_code rc = api_number(c->parts[1], "run", &id, err);
    if (rc != RC_OK || (rc = api_flag(c, "preview", &preview, err)) != RC_OK ||
        (rc = undo_find(c->st, &c->company, id, c->now_us, c->arena, &r, err)) != RC_OK)
        return rc;
    return take_with(c, ERRAND_UNDO, id, c->parts[1], "preview", preview, err);
}

/* ---- checks ---- */

enum rc_code api_integration_check(struct api_call *c, struct rc_error *err) {
    struct integration in;
    enum rc_code rc = api_integration(c, &in, err);
    return rc != RC_OK
               ? rc
               : take(c, ERRAND_CHECK_INTEGRATION, in.integration_id, c->parts[1], NULL, err);
}

enum rc_code api_destination_check(struct api_call *c, struct rc_error *err) {
    struct platform p;
    enum rc_code rc = api_destination(c, &p, err);
    return rc != RC_OK
               ? rc
               : take(c, ERRAND_CHECK_DESTINATION, p.destination_id, c->parts[1], NULL, err);
}

/* ---- closing accounts of nobody ---- each is named, and their number said */

static enum rc_code read_closing(const struct api_call *c, const char *named[NAMED_MOST],
                                 size_t *ret_n, struct rc_error *err) {
    int64_t confirm;
    enum rc_code rc = api_texts(c, "accounts", NAME_BYTES, named, NAMED_MOST, ret_n, err);
    if (rc != RC_OK || (rc = api_whole(c, "confirm", 1, NAMED_MOST, 0, &confirm, err)) != RC_OK)
        return rc;
    if (*ret_n == 0)
        return rc_fail_as(err, RC_INVALID, "request.body", "accounts is missing");
    for (size_t i = 0; i < *ret_n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(named[i], named[k]) == 0)
                return rc_fail_as(err, RC_INVALID, "request.body", "account %.60s is named twice",
                                  named[i]);
    if (confirm != (int64_t)*ret_n)
        return rc_fail_as(err, RC_INVALID, "account.confirm",
                          "this deactivates %zu accounts on the platform, of which none is "
                          "anybody's in HR as far as we know; if that is meant, say confirm %zu",
                          *ret_n, *ret_n);
    return RC_OK;
}

enum rc_code api_account_close(struct api_call *c, struct rc_error *err) {
    const char *named[NAMED_MOST];
    struct json_writer w;
    struct platform p;
    struct buf b;
    size_t n;
    enum rc_code rc = read_closing(c, named, &n, err);
    if (rc != RC_OK || (rc = api_destination(c, &p, err)) != RC_OK)
        return rc;
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_array(&w, "accounts");
    for (size_t i = 0; i < n; i++)
        json_put_cstr(&w, NULL, named[i]);
    json_array_end(&w);
    json_object_end(&w);
    rc = take(c, ERRAND_CLOSE, p.destination_id, c->parts[1], &b, err);
    buf_done(&b);
    return rc;
}

/* ---- a mail to try ---- */

enum rc_code api_alert_test(struct api_call *c, struct rc_error *err) {
    struct json_writer w;
    const char *to;
    struct buf b;
    enum rc_code rc = api_text(c, "to", true, ADDRESS_BYTES, &to, err);
    if (rc != RC_OK || (rc = mail_address_check(to, err)) != RC_OK)
        return rc;
    buf_init(&b, 4000);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_cstr(&w, "to", to);
    json_object_end(&w);
    rc = take(c, ERRAND_MAIL, 0, NULL, &b, err);
    buf_done(&b);
    return rc;
}

/* ---- what came of them ---- */

enum rc_code api_errand_list(struct api_call *c, struct rc_error *err) {
    struct errand *list;
    int64_t most, before;
    size_t n;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &before, err)) != RC_OK ||
        (rc = errand_list(c->st, c->company.company_id, before, (size_t)most + 1, c->arena, &list,
                          &n, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    json_array(&c->w, "errands");
    for (size_t i = 0; i < shown; i++)
        show_errand(&c->w, NULL, &list[i]);
    json_array_end(&c->w);
    api_put_next(c, n > shown ? list[shown - 1].errand_id : 0);
    return RC_OK;
}

enum rc_code api_errand_show(struct api_call *c, struct rc_error *err) {
    struct errand e;
    int64_t id;
    enum rc_code rc = api_number(c->parts[1], "errand", &id, err);
    if (rc == RC_OK &&
        (rc = errand_get(c->st, c->company.company_id, id, c->arena, &e, err)) == RC_OK)
        show_errand(&c->w, "errand", &e);
    return rc;
}
