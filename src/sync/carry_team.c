/* Teams: few, one after the other, on the main thread. */
#include <string.h>
#include "sync/carry_p.h"
#include "sync/stopping.h"
#include "sync/undo.h"

struct team_plan {
    struct text name, external_id, links, remote_id;
    struct text shows; /* of an undo: the name that is taken back */
};

static enum rc_code call_team(struct carrying *c, const struct effect *e,
                              const struct team_plan *plan, struct arena *a,
                              struct destination_team *ret, struct rc_error *err) {
    struct destination_lane *l = c->d->lane;
    const struct destination_ops *ops = l->destination->ops;
    if (text_is(e->verb, team_verb_name(TEAM_CREATE)))
        return ops->team_create(l, plan->name, plan->external_id, a, ret, err);
    if (text_is(e->verb, team_verb_name(TEAM_ADOPT)))
        return ops->team_update(l, plan->links, plan->name, plan->external_id, a, ret, err);
    if (text_is(e->verb, team_verb_name(TEAM_RENAME)))
        return ops->team_update(l, plan->remote_id, plan->name, (struct text){ 0 }, a, ret, err);
    if (text_is(e->verb, team_verb_name(TEAM_DELETE)))
        return ops->team_delete(l, plan->remote_id, err);
    *ret = (struct destination_team){ plan->links, plan->external_id, plan->name, -1 };
    return RC_OK;
}

struct text undo_had_name(struct text name, struct arena *a) {
    struct json_writer w;
    struct buf b;
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_text(&w, "name", name);
    json_object_end(&w);
    struct text had = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return had;
}

static void note_for_undo(struct effect *e, const struct team_row *row, struct text remote_id,
                          struct arena *a) {
    e->remote_id = remote_id;
    if (text_is(e->verb, team_verb_name(TEAM_RENAME)))
        e->had = undo_had_name(row->remote_name, a);
}

static const struct deciding_team *team_of(const struct delivery *d, int64_t team_id) {
    for (size_t i = 0; i < d->d.teams_n; i++)
        if (d->d.teams[i].row.team_id == team_id)
            return &d->d.teams[i];
    return NULL;
}

/* Whether it is still what was planned; one that was made, and the answer got lost, is linked. NULL:
 * it is. */
static const char *changed_since(const struct delivery *d, struct effect *e, struct team_plan *plan,
                                 struct arena *a) {
    const struct deciding_team *t = team_of(d, e->team_id);
    if (t == NULL)
        return "the team is no longer known here";
    const struct team_decision *now = &t->decision;
    bool is_new = text_is(e->verb, team_verb_name(TEAM_CREATE)) ||
                  text_is(e->verb, team_verb_name(TEAM_ADOPT));
    if (is_new && now->verb == TEAM_NOTHING && now->links.state == TEXT_SET) {
        e->verb = text_of(team_verb_name(TEAM_NOTHING));
        plan->links = now->links;
        return NULL;
    }
    if (text_is(e->verb, team_verb_name(now->verb)) && text_equal(plan->links, now->links) &&
        text_equal(plan->name, t->row.name) && text_equal(plan->remote_id, t->row.remote_id))
        return NULL;
    return arena_printf(a, "left out, as it has changed since: %.*s", TEXT_ARG(now->sentence));
}

/* A renaming that had been sent when the process died, and that the teams show. */
static bool had_been_renamed(const struct delivery *d, const struct effect *e,
                             const struct team_plan *plan) {
    const struct deciding_team *t = team_of(d, e->team_id);
    return text_is(e->verb, team_verb_name(TEAM_RENAME)) && e->answer.state == TEXT_SET &&
           t != NULL && text_equal(plan->remote_id, t->row.remote_id) &&
           text_equal(plan->name, t->row.remote_name);
}

/* The platform has answered about just these values: asked again it would answer the same. That a right is missing, or
 * an address wrong, says nothing about them. */
static bool is_refused(const struct carrying *c, const struct effect *e, enum rc_code called,
                       const struct rc_error *said) {
    return c->d->run->kind != RUN_UNDO && (called == RC_INVALID || called == RC_CONFLICT) &&
           (text_is(e->verb, team_verb_name(TEAM_CREATE)) ||
            text_is(e->verb, team_verb_name(TEAM_ADOPT))) &&
           (strcmp(said->name, "destination.refused") == 0 ||
            strcmp(said->name, "destination.taken") == 0 ||
            strcmp(said->name, "destination.external-id") == 0);
}

/* A team whose making is in doubt is looked for before anything is repeated: the next run lists the
 * teams and finds it by our id. */
static enum rc_code write_team(struct carrying *c, struct effect *e, const struct team_plan *plan,
                               const struct destination_team *there, enum rc_code called,
                               const struct rc_error *said, struct arena *a, struct rc_error *err) {
    struct delivery *d = c->d;
    const struct deciding_team *known = team_of(d, e->team_id);
    struct team_row row = known != NULL ? known->row : (struct team_row){ 0 };
    enum rc_code rc;
    if (called != RC_OK) {
        if (d->run->kind == RUN_UNDO && called != RC_UNSURE &&
            (rc = undo_unpin(d, e->team_id, err)) != RC_OK)
            return rc;
        bool no_answer = called == RC_RETRY || called == RC_LIMITED || called == RC_UNSURE;
        c->outages = no_answer ? c->outages + 1 : 0;
        if (called == RC_AUTH || called == RC_FATAL || c->outages == OUTAGES) {
            c->stop = called;
            c->why = *said;
        }
        if (called == RC_NOT_FOUND && row.remote_id.state == TEXT_SET) {
            row.was_deleted = true;
            if ((rc = team_link_save(d->st, d->company->company_id, d->p.destination_id, &row,
                                     err)) != RC_OK ||
                (rc = account_mark_all(d->st, d->company->company_id, d->p.destination_id, err)) !=
                    RC_OK)
                return rc;
        }
        if (is_refused(c, e, called, said)) {
            row.refused = (struct team_refusal){ plan->name, plan->links, text_of(said->text) };
            if ((rc = team_link_word(d->st, d->company->company_id, d->p.destination_id, &row,
                                     err)) != RC_OK)
                return rc;
        }
        if (called == RC_UNSURE)
            note_for_undo(e, &row, plan->remote_id, a);
        return carry_end_effect(c, e, called == RC_UNSURE ? EFFECT_UNSURE : EFFECT_FAILED,
                                text_of(said->text), err);
    }
    c->outages = 0;
    note_for_undo(e, &row, there->remote_id.state == TEXT_SET ? there->remote_id : row.remote_id,
                  a);
    bool gone = text_is(e->verb, team_verb_name(TEAM_DELETE));
    bool made = text_is(e->verb, team_verb_name(TEAM_CREATE)) ||
                text_is(e->verb, team_verb_name(TEAM_NOTHING));
    /* Whose link got no answer is found by our id, and is somebody's all the same. */
    bool was_chosen = row.word == TEAM_WORD_LINK && text_equal(row.chosen_id, there->remote_id);
    if (made)
        row.origin = was_chosen ? TEAM_ADOPTED : TEAM_OURS;
    else if (text_is(e->verb, team_verb_name(TEAM_ADOPT)))
        row.origin = TEAM_ADOPTED;
    if (gone)
        row.origin = TEAM_NOT_LINKED;
    row.remote_id = gone ? (struct text){ 0 } : there->remote_id;
    row.external_id = there->external_id;
    row.remote_name = there->name.state == TEXT_SET ? there->name : plan->name;
    row.members_n = there->members_n;
    bool is_back = row.was_deleted && !gone;
    row.was_deleted = row.may_recreate = row.stays_deleted = false;
    is_back |= row.word != TEAM_WORD_NONE || row.refused.name.state == TEXT_SET;
    row.word = TEAM_WORD_NONE;
    row.chosen_id = (struct text){ 0 };
    row.refused = (struct team_refusal){ 0 };
    if ((rc = team_link_word(d->st, d->company->company_id, d->p.destination_id, &row, err)) !=
            RC_OK ||
        (rc = team_link_save(d->st, d->company->company_id, d->p.destination_id, &row, err)) !=
            RC_OK)
        return rc;
    /* Who waits for something else besides is not looked at for it. */
    if (is_back &&
        (rc = account_mark_all(d->st, d->company->company_id, d->p.destination_id, err)) != RC_OK)
        return rc;
    if (d->run->kind == RUN_UNDO && (rc = undo_team_done(d, e, err)) != RC_OK)
        return rc;
    return carry_end_effect(c, e, EFFECT_DONE, (struct text){ 0 }, err);
}

static enum rc_code carry_team(struct carrying *c, struct effect *e, struct arena *a,
                               struct rc_error *err) {
    struct delivery *d = c->d;
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct team_plan plan;
    struct destination_team there = { .members_n = -1 };
    struct rc_error said = { 0 };
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(r, e->plan.ptr, e->plan.len, &doc, err)) != RC_OK ||
        (rc = json_text(doc, "name", "plan", &plan.name, err)) != RC_OK ||
        (rc = json_text(doc, "external_id", "plan", &plan.external_id, err)) != RC_OK ||
        (rc = json_text(doc, "links", "plan", &plan.links, err)) != RC_OK ||
        (rc = json_text(doc, "remote_id", "plan", &plan.remote_id, err)) != RC_OK ||
        (rc = json_text(doc, "shows", "plan", &plan.shows, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    const char *changed = NULL;
    if (d->run->kind == RUN_UNDO) {
        struct text stays = { 0 };
        if ((rc = undo_team_begin(d, e, plan.shows, plan.name, &stays, err)) != RC_OK)
            return rc;
        if (stays.state == TEXT_SET)
            return carry_end_effect(c, e, EFFECT_DROPPED, stays, err);
    } else
        changed = changed_since(d, e, &plan, a);
    if ((rc = delivery_begin(d, err)) == RC_OK) {
        if (changed != NULL && had_been_renamed(d, e, &plan)) {
            e->remote_id = plan.remote_id;
            rc = carry_end_effect(c, e, EFFECT_DONE, text_of(CARRY_HAD_BEEN_DONE), err);
        } else if (changed != NULL)
            rc = carry_end_effect(c, e, EFFECT_DROPPED, text_of(changed), err);
        else
            rc = effect_hand_out(d->st, d->company->company_id, e->run_id, e->pass, e->effect_id,
                                 err);
    }
    if ((rc = delivery_ended(d, rc, err)) != RC_OK || changed != NULL)
        return rc;
    enum rc_code called = call_team(c, e, &plan, a, &there, &said);
    d->progress->sent++;
    d->progress->calls_made++;
    if ((rc = delivery_begin(d, err)) == RC_OK)
        rc = write_team(c, e, &plan, &there, called, &said, a, err);
    return delivery_ended(d, rc, err);
}

enum rc_code carry_teams(struct carrying *c, enum effect_pass pass, struct rc_error *err) {
    struct delivery *d = c->d;
    struct effect *list;
    struct arena a;
    size_t n = 1;
    int64_t after = 0;
    bool any = false;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    while (rc == RC_OK && n > 0 && c->stop == RC_OK) {
        arena_reset(&a);
        rc = effect_planned(d->st, d->company->company_id, d->run->run_id, pass, after, 100, &a,
                            &list, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK && c->stop == RC_OK; i++) {
            after = list[i].effect_id;
            any = true;
            rc = carry_team(c, &list[i], &a, err);
            if (rc == RC_OK && c->stop == RC_OK)
                c->stop = stopping_asked(d->clock, &c->why);
        }
    }
    arena_done(&a);
    if (rc == RC_OK && any && d->run->kind == RUN_UNDO)
        rc = deciding_pins(&d->d, err);
    d->d.tries_again = false;
    if (rc == RC_OK && any)
        rc = deciding_teams(&d->d, d->teams_listed ? d->foreign : NULL, d->foreign_n, err);
    /* Of one that was refused those there that have the name are told, too. */
    if (rc == RC_OK && any && d->teams_listed && d->run->kind != RUN_UNDO)
        rc = delivery_note_teams(d, err);
    return rc;
}
