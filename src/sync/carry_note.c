/* What undoing an effect will need to know, written with what came of it. */
#include "people/stored_account.h"
#include "sync/carry_p.h"

static bool is_as_planned(const struct decision *planned, const struct decision *did) {
    size_t n = 0;
    if (did->verb == DECIDE_ADOPT && !text_equal(text_of(planned->code), text_of(did->code)))
        return false; /* somebody has linked it by hand meanwhile */
    for (size_t i = 0; i < planned->fields_n; i++) {
        const struct decide_field *p = &planned->fields[i];
        if (p->does == DECIDE_FIELD_STAYS)
            continue;
        if (p->does == DECIDE_FIELD_AWAITS || n == did->fields_n)
            return false;
        const struct decide_field *f = &did->fields[n++];
        if (f->field != p->field || !text_equal(f->name, p->name) || !text_equal(f->to, p->to) ||
            !carry_same_value(f->from, p->from))
            return false;
    }
    return n == did->fields_n && text_equal(planned->leaves_team, did->leaves_team);
}

static struct text taken_away(const struct task *t) {
    static const enum user_field lost[] = { USER_PRIMARY_TEAM, USER_SECONDARY_TEAMS, USER_MANAGER };
    const struct account *is = &t->there.is;
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    if (t->sends.verb == DECIDE_ADOPT)
        json_put_text(&w, "external_id", is->external_id);
    for (size_t i = 0; t->sends.verb == DECIDE_DEACTIVATE && i < RC_LEN(lost); i++)
        json_put_text(&w, user_field_name(lost[i]), account_shows(&is->fields[lost[i]]));
    json_object_end(&w);
    struct text had = text_copy((struct arena *)&t->arena, text_from(b.ptr, b.len));
    buf_done(&b);
    return had;
}

/* Without the reasons, which are those of the plan. */
static void note_what_was_sent(struct task *t) {
    struct decision sent = t->sends;
    struct buf b;
    sent.sentence = sent.remedy = (struct text){ 0 };
    sent.fields = ARENA_NEW(&t->arena, struct decide_field, sent.fields_n + 1);
    for (size_t i = 0; i < sent.fields_n; i++) {
        sent.fields[i] = t->sends.fields[i];
        sent.fields[i].sentence = (struct text){ 0 };
    }
    buf_init(&b, STORED_DECISION_BYTES);
    stored_decision_write(&sent, &b);
    t->effect.did = text_copy(&t->arena, text_from(b.ptr, b.len));
    buf_done(&b);
}

void carry_note_for_undo(struct task *t) {
    enum decide_verb verb = t->sends.verb;
    t->effect.remote_id = verb == DECIDE_CREATE && !t->had_been_done ? t->outcome.shows.remote_id
                                                                     : t->there.is.remote_id;
    if (verb == DECIDE_ADOPT || verb == DECIDE_DEACTIVATE)
        t->effect.had = taken_away(t);
    if (!is_as_planned(&t->planned, &t->sends))
        note_what_was_sent(t);
}
