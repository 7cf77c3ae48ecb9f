/* What we closed or opened without hearing that it was done: the answer got lost, or the process died
 * with it. An account that shows just that was left so by us, and by nobody's hand; else whatever HR
 * says next would be decided as if somebody had done it on the platform. And one that an undo was to let
 * go of, and that shows it, is nobody's: else it would be linked again. */
#include "people/decide.h"
#include "store/effect.h"
#include "sync/inventory.h"
#include "sync/undo.h"

enum { AT_ONCE = 100 };

static bool shows_it(const struct account_row *row, const struct effect *e, enum decide_verb verb) {
    enum account_status left = verb == DECIDE_DEACTIVATE ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE;
    return row->account_id == e->account_id && row->is.tie == ACCOUNT_LINKED &&
           row->is.status == left && row->is.left_as != left;
}

/* The account has the external id again that it had before it was linked. */
static enum rc_code was_let_go(const struct account_row *row, const struct effect *e, bool *ret,
                               struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct text had = { 0 }, is = row->is.external_id;
    json doc;
    if (json_parse_copy(r, e->had.ptr, e->had.len, &doc, err) != RC_OK ||
        json_text(doc, "external_id", "had", &had, err) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    *ret = row->account_id == e->account_id && row->is.tie == ACCOUNT_LINKED &&
           (had.state == TEXT_SET ? text_equal(is, had) : is.state != TEXT_SET);
    return RC_OK;
}

static enum rc_code take_let_go(const struct inventory *in, const struct effect *e, struct arena *a,
                                struct rc_error *err) {
    const int64_t company_id = in->platform->company_id;
    const int64_t destination_id = in->platform->destination_id;
    struct account_row row;
    bool gone = false;
    enum rc_code rc = account_of_user(in->st, company_id, destination_id, e->user_id, a, &row, err);
    if (rc == RC_OK)
        rc = was_let_go(&row, e, &gone, err);
    if (rc != RC_OK || !gone)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    undo_let_go(&row, row.is.external_id);
    row.dirty = true;
    return account_save(in->st, company_id, destination_id, &row, err);
}

/* Whatever else was sent is not known to have been taken. */
static enum rc_code take(const struct inventory *in, const struct effect *e, struct arena *a,
                         struct rc_error *err) {
    bool closes = text_is(e->verb, decide_verb_name(DECIDE_DEACTIVATE));
    struct decision did = { .verb = closes ? DECIDE_DEACTIVATE : DECIDE_REACTIVATE };
    const int64_t company_id = in->platform->company_id;
    const int64_t destination_id = in->platform->destination_id;
    struct account_row row;
    enum rc_code rc = account_of_user(in->st, company_id, destination_id, e->user_id, a, &row, err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && !shows_it(&row, e, did.verb)))
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    did.sticky = row.is.sticky;
    decide_carried_out(&did, row.is.user_id, row.is.remote_id, DATE_NONE, a, &row.is);
    row.dirty = true;
    return account_save(in->st, company_id, destination_id, &row, err);
}

enum rc_code inventory_take_unheard(const struct inventory *in, int64_t since_us,
                                    struct rc_error *err) {
    struct effect *list;
    struct arena a;
    int64_t after_run = 0, after = 0;
    size_t n = AT_ONCE;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    while (rc == RC_OK && n == AT_ONCE) {
        arena_reset(&a);
        rc = effect_unheard(in->st, in->platform->company_id, in->platform->destination_id,
                            since_us, after_run, after, AT_ONCE, &a, &list, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            rc = text_is(list[i].verb, UNDO_UNLINK) ? take_let_go(in, &list[i], &a, err)
                                                    : take(in, &list[i], &a, err);
            after_run = list[i].run_id;
            after = list[i].effect_id;
        }
    }
    arena_done(&a);
    return rc;
}
