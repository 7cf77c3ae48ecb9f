/* What undoing an effect will need to know: written with what came of it, and read again. */
#include <string.h>
#include "people/stored_account.h"
#include "sync/carry_p.h"
#include "sync/undo.h"

/* The member of `did` that holds what was sent besides all that the plan sends. */
#define BESIDE "beside_plan"

/* Somebody has linked it by hand meanwhile, or it left another team. */
static bool is_another(const struct decision *planned, const struct decision *did) {
    return (did->verb == DECIDE_ADOPT && !text_equal(text_of(planned->code), text_of(did->code))) ||
           !text_equal(planned->leaves_team, did->leaves_team);
}

static bool is_the_same(const struct decide_field *f, const struct decide_field *p) {
    return p->does == DECIDE_FIELD_SENDS && f->field == p->field && text_equal(f->name, p->name) &&
           text_equal(f->to, p->to) && carry_same_value(f->from, p->from);
}

/* beside: the fields that were sent and that the plan did not send so, as what it waited for had
 * come about. False: something that it sends was not sent so. */
static bool sent_all(const struct decision *planned, const struct decision *did,
                     struct decide_field *beside, size_t *ret_n) {
    size_t at = 0;
    *ret_n = 0;
    for (size_t i = 0; i < did->fields_n; i++) {
        size_t k = at;
        while (k < planned->fields_n && !is_the_same(&did->fields[i], &planned->fields[k]) &&
               planned->fields[k].does != DECIDE_FIELD_SENDS)
            k++;
        if (k < planned->fields_n && is_the_same(&did->fields[i], &planned->fields[k]))
            at = k + 1;
        else
            beside[(*ret_n)++] = did->fields[i];
    }
    while (at < planned->fields_n && planned->fields[at].does != DECIDE_FIELD_SENDS)
        at++;
    return at == planned->fields_n;
}

struct text undo_takes_away(enum decide_verb verb, const struct account *is, struct arena *a) {
    static const enum user_field lost[] = { USER_PRIMARY_TEAM, USER_SECONDARY_TEAMS, USER_MANAGER };
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    if (verb == DECIDE_ADOPT)
        json_put_text(&w, "external_id", is->external_id);
    for (size_t i = 0; verb == DECIDE_DEACTIVATE && i < RC_LEN(lost); i++)
        json_put_text(&w, user_field_name(lost[i]), account_shows(&is->fields[lost[i]]));
    json_object_end(&w);
    struct text had = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return had;
}

/* What the plan says already is not written once more: most rows grow by little, in place. */
static void note_what_was_sent(struct task *t) {
    struct decision sent = t->sends;
    struct decide_field *beside = ARENA_NEW(&t->arena, struct decide_field, sent.fields_n + 1);
    size_t beside_n = 0;
    bool all = sent_all(&t->planned, &sent, beside, &beside_n) && !is_another(&t->planned, &sent);
    struct buf b;
    if (all && beside_n == 0)
        return;
    if (all) {
        sent = (struct decision){ .verb = sent.verb, .code = sent.code };
    } else {
        memcpy(beside, sent.fields, sent.fields_n * sizeof *beside);
        beside_n = sent.fields_n;
    }
    sent.fields = beside;
    sent.fields_n = beside_n;
    for (size_t i = 0; i < beside_n; i++) /* the reasons are those of the plan */
        beside[i].sentence = (struct text){ 0 };
    sent.sentence = sent.remedy = (struct text){ 0 };
    buf_init(&b, STORED_DECISION_BYTES);
    if (all)
        buf_str(&b, "{\"" BESIDE "\":");
    stored_decision_write(&sent, &b);
    if (all)
        buf_char(&b, '}');
    t->effect.did = text_copy(&t->arena, text_from(b.ptr, b.len));
    buf_done(&b);
}

void carry_note_for_undo(struct task *t) {
    enum decide_verb verb = t->sends.verb;
    t->effect.remote_id = verb == DECIDE_CREATE && !t->had_been_done ? t->outcome.shows.remote_id
                                                                     : t->there.is.remote_id;
    if (verb == DECIDE_ADOPT || verb == DECIDE_DEACTIVATE)
        t->effect.had = undo_takes_away(verb, &t->there.is, &t->arena);
    note_what_was_sent(t);
}

/* All that the plan sends was sent, and these fields. */
static void add_beside(const struct decision *planned, const struct decision *beside,
                       struct arena *a, struct decision *ret) {
    *ret = *planned;
    ret->fields = ARENA_NEW(a, struct decide_field, planned->fields_n + beside->fields_n + 1);
    ret->fields_n = 0;
    for (size_t i = 0; i < planned->fields_n; i++)
        if (planned->fields[i].does == DECIDE_FIELD_SENDS)
            ret->fields[ret->fields_n++] = planned->fields[i];
    for (size_t i = 0; i < beside->fields_n; i++)
        ret->fields[ret->fields_n++] = beside->fields[i];
}

enum rc_code carry_read_done(struct store *st, const struct effect *e, struct arena *a,
                             struct decision *ret, struct rc_error *err) {
    struct decision planned, did = { 0 };
    json doc, beside = NULL;
    if (e->did.state != TEXT_SET)
        return carry_read_plan(st, e, e->plan, a, ret, err);
    enum rc_code rc = json_parse_copy(st->reader, e->did.ptr, e->did.len, &doc, err);
    if (rc == RC_OK) {
        beside = json_get(doc, BESIDE);
        rc = stored_decision_read(beside != NULL ? beside : doc, a, &did, err);
    }
    if (rc != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    if (beside == NULL) {
        *ret = did;
        return RC_OK;
    }
    if ((rc = carry_read_plan(st, e, e->plan, a, &planned, err)) == RC_OK)
        add_beside(&planned, &did, a, ret);
    return rc;
}
