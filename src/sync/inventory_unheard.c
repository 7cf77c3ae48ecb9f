/* What we did without hearing that it was done: the answer got lost, or the process died with it. The first
 * complete inventory after it says what became of it. An account that shows what we closed or opened was
 * left so by us, and by nobody's hand; else whatever HR says next would be decided as if somebody had done
 * it on the platform. And one that an undo was to let go of, and that shows it, is nobody's: else it would
 * be linked again. */
#include "people/decide.h"
#include "store/effect.h"
#include "sync/carry_p.h"
#include "sync/inventory.h"
#include "sync/undo.h"

enum { AT_ONCE = 100 };

/* The account has the external id again that it had before it was linked. */
static enum rc_code take_let_go(const struct inventory *in, const struct effect *e,
                                struct account_row *row, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct text had = { 0 }, is = row->is.external_id;
    json doc;
    if (e->state != EFFECT_UNSURE) /* its undo goes on, and may have to close it */
        return RC_OK;
    if (json_parse_copy(r, e->had.ptr, e->had.len, &doc, err) != RC_OK ||
        json_text(doc, "external_id", "had", &had, err) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    if (had.state == TEXT_SET ? !text_equal(is, had) : is.state == TEXT_SET)
        return RC_OK;
    undo_let_go(row, is);
    row->dirty = true;
    return account_save(in->st, in->platform->company_id, in->platform->destination_id, row, err);
}

/* What a run that has ended did not hear of: undoing it goes by this. */
static enum rc_code settle(const struct inventory *in, struct effect *e, bool done,
                           const struct account *is, struct rc_error *err) {
    if (e->state != EFFECT_UNSURE) /* its run goes on, and looks itself */
        return RC_OK;
    e->state = done ? EFFECT_DONE : EFFECT_LOST;
    e->answer = text_of(done ? CARRY_HAD_BEEN_DONE : CARRY_HAD_NOT_BEEN_DONE);
    if (done)
        e->remote_id = is->remote_id;
    return effect_save(in->st, in->platform->company_id, e, err);
}

/* Whatever else was sent is not known to have been taken. */
static enum rc_code take_status(const struct inventory *in, struct effect *e,
                                struct account_row *row, struct arena *a, struct rc_error *err) {
    bool closes = text_is(e->verb, decide_verb_name(DECIDE_DEACTIVATE));
    struct decision did = { .verb = closes ? DECIDE_DEACTIVATE : DECIDE_REACTIVATE };
    enum account_status left = closes ? ACCOUNT_DEACTIVATED : ACCOUNT_ACTIVE,
                        other = closes ? ACCOUNT_ACTIVE : ACCOUNT_DEACTIVATED;
    if (row->is.status != left)
        return row->is.status == other ? settle(in, e, false, &row->is, err) : RC_OK;
    enum rc_code rc = settle(in, e, true, &row->is, err);
    if (rc != RC_OK || row->is.left_as == left)
        return rc;
    did.sticky = row->is.sticky;
    decide_carried_out(&did, row->is.user_id, row->is.remote_id, DATE_NONE, a, &row->is);
    row->dirty = true;
    return account_save(in->st, in->platform->company_id, in->platform->destination_id, row, err);
}

static enum rc_code take_values(const struct inventory *in, struct effect *e,
                                const struct account_row *row, struct arena *a,
                                struct rc_error *err) {
    struct decision did;
    enum rc_code rc = carry_read_done(in->st, e, a, &did, err);
    if (rc != RC_OK || row->is.status != ACCOUNT_ACTIVE || did.leaves_team.state == TEXT_SET)
        return rc; /* nobody can tell */
    bool all = carry_is_so(&did, &row->is, TEXT_NONE), any = all;
    for (size_t i = 0; i < did.fields_n && !any; i++) {
        const struct decide_field *f = &did.fields[i];
        const struct account_field *is = f->field < USER_FIELDS_N
                                             ? &row->is.fields[f->field]
                                             : account_custom_find(&row->is, f->name);
        any = f->does == DECIDE_FIELD_SENDS &&
              (is->known.state == TEXT_MISSING || !carry_same_value(account_shows(is), f->from));
    }
    return all || !any ? settle(in, e, all, &row->is, err) : RC_OK;
}

static enum rc_code take(const struct inventory *in, struct effect *e, struct arena *a,
                         struct rc_error *err) {
    struct account_row row;
    enum rc_code rc = account_of_user(in->st, in->platform->company_id,
                                      in->platform->destination_id, e->user_id, a, &row, err);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK || row.account_id != e->account_id || row.is.tie != ACCOUNT_LINKED)
        return rc;
    if (text_is(e->verb, UNDO_UNLINK))
        return take_let_go(in, e, &row, err);
    return text_is(e->verb, decide_verb_name(DECIDE_UPDATE)) ? take_values(in, e, &row, a, err)
                                                             : take_status(in, e, &row, a, err);
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
            rc = take(in, &list[i], &a, err);
            after_run = list[i].run_id;
            after = list[i].effect_id;
        }
    }
    arena_done(&a);
    return rc;
}
