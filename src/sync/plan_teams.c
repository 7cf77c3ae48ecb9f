/* The part of a plan that is about teams. */
#include "sync/plan_p.h"
#include "sync/undo.h"

bool plan_team_comes_about(const struct plan *p, const struct deciding_answer *answer,
                           struct text keys, struct arena *a) {
    struct text key;
    size_t cursor = 0;
    while (user_teams_next(keys, &cursor, &key)) {
        const struct deciding_team *t =
            deciding_team(p->d, answer->person.row.integration_id, key, a);
        if (t != NULL && (t->decision.verb == TEAM_CREATE || t->decision.verb == TEAM_ADOPT ||
                          t->decision.links.state == TEXT_SET))
            return true;
    }
    return false;
}

void plan_team(struct plan *p, const struct deciding_team *t) {
    const struct team_decision *x = &t->decision;
    struct json_writer w;
    struct buf b;
    size_t pins_n = 0;
    const struct pin *pin = deciding_pins_of(p->d, t->row.team_id, &pins_n);
    if (pins_n > 0 && t->row.name.state == TEXT_SET && !text_equal(pin->value, t->row.name))
        plan_note_ended(p, pin);
    if (x->verb == TEAM_NOTHING && x->links.state != TEXT_SET)
        return;
    struct effect *e = plan_next_effect(p);
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_text(&w, "name", t->row.name);
    json_put_text(&w, "external_id", t->external_id);
    json_put_text(&w, "links", x->links);
    json_put_text(&w, "remote_id", t->row.remote_id);
    json_object_end(&w);
    e->pass = x->verb == TEAM_DELETE ? EFFECT_PRUNED : EFFECT_TEAMS;
    e->team_id = t->row.team_id;
    e->verb = text_of(team_verb_name(x->verb));
    e->code = text_of(x->code);
    e->sentence = text_copy(p->keeps, x->sentence);
    e->plan = text_copy(p->keeps, text_from(b.ptr, b.len));
    e->classes = TEXT_NONE;
    if (x->verb == TEAM_RENAME)
        e->had = undo_had_name(t->row.remote_name, p->keeps);
    p->teams[x->verb]++;
    buf_done(&b);
    plan_add_digest(p, e, NULL);
}
