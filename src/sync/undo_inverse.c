/* The inverse of what a run did for one person: what is sent, and what is said of it. */
#include <string.h>
#include "people/stored_account.h"
#include "sync/undo_p.h"

static bool is_verb(const struct effect *e, enum decide_verb v) {
    return text_is(e->verb, decide_verb_name(v));
}

static bool is_linking(const struct effect *e) {
    return is_verb(e, DECIDE_CREATE) || is_verb(e, DECIDE_ADOPT);
}

static struct text shown(struct text t) {
    return t.state == TEXT_SET ? t : TEXT_LIT("(nothing)");
}

static enum rc_code add_field(struct delivery *d, struct inverse *v, const struct decide_field *f,
                              struct arena *a, struct rc_error *err) {
    struct text stays = { 0 };
    struct decide_field *to = &v->x.fields[v->x.fields_n++];
    *to = (struct decide_field){ .field = f->field,
                                 .name = f->name,
                                 .does = DECIDE_FIELD_SENDS,
                                 .from = f->to,
                                 .to = f->from.state == TEXT_SET ? f->from : TEXT_NONE,
                                 .code = "undo" };
    enum rc_code rc = RC_OK;
    if (f->from.state == TEXT_MISSING) /* which is not to say that it was empty */
        stays = text_of(
            arena_printf(a, "%.*s stays: what was there before is not known", TEXT_ARG(to->name)));
    else
        rc = undo_field_stays(d, &v->row, &v->answer.account, to, a, &stays, err);
    if (rc != RC_OK)
        return rc;
    if (stays.state == TEXT_SET) {
        to->does = DECIDE_FIELD_STAYS;
        to->waits = DECIDE_WAITS_FOR_PLATFORM;
        to->code = "changed-since";
        to->sentence = stays;
    } else
        to->sentence = text_of(arena_printf(a, "%.*s: %.*s -> %.*s", TEXT_ARG(to->name),
                                            TEXT_ARG(shown(to->from)), TEXT_ARG(shown(to->to))));
    return RC_OK;
}

static bool goes_by_closing(enum user_field f) {
    return f == USER_PRIMARY_TEAM || f == USER_SECONDARY_TEAMS;
}

/* What was sent, from the last to the first; the same field comes once. */
static enum rc_code add_fields(struct delivery *d, struct inverse *v, const struct group *g,
                               struct arena *a, struct rc_error *err) {
    struct text left = { 0 };
    for (size_t i = 0; i < g->n; i++) {
        const struct effect *e = &g->effects[i];
        struct decision did;
        enum rc_code rc = carry_read_done(d->st, e, a, &did, err);
        if (rc != RC_OK)
            return rc;
        if (did.leaves_team.state == TEXT_SET)
            left = did.leaves_team;
        if (is_verb(e, DECIDE_ADOPT) && did.reactivates)
            v->x.verb = DECIDE_DEACTIVATE;
        if (is_verb(e, DECIDE_ADOPT) && text_is(text_of(did.code), DECIDE_LINKED_BY_HAND))
            v->linked_by_hand = true;
        struct decide_field *more =
            ARENA_NEW(a, struct decide_field, v->x.fields_n + did.fields_n + 4);
        if (v->x.fields_n > 0)
            memcpy(more, v->x.fields, v->x.fields_n * sizeof *more);
        v->x.fields = more;
        for (size_t k = 0; k < did.fields_n && rc == RC_OK; k++)
            if (did.fields[k].does == DECIDE_FIELD_SENDS &&
                !(v->x.verb == DECIDE_DEACTIVATE && goes_by_closing(did.fields[k].field)))
                rc = add_field(d, v, &did.fields[k], a, err);
        if (rc != RC_OK)
            return rc;
    }
    if (left.state != TEXT_SET)
        return RC_OK;
    /* They were moved: back in the old team, they leave the new one. */
    for (size_t i = 0; i < v->x.fields_n; i++)
        if (v->x.fields[i].field == USER_PRIMARY_TEAM &&
            v->x.fields[i].does == DECIDE_FIELD_SENDS && text_equal(v->x.fields[i].to, left)) {
            v->x.leaves_team = v->x.fields[i].from;
            return RC_OK;
        }
    v->x.fields[v->x.fields_n++] = (struct decide_field){
        .field = USER_SECONDARY_TEAMS,
        .name = text_of(user_field_name(USER_SECONDARY_TEAMS)),
        .does = DECIDE_FIELD_STAYS,
        .waits = DECIDE_WAITS_FOR_PLATFORM,
        .from = TEXT_NONE,
        .to = left,
        .code = "beyond-undoing",
        .sentence = text_of(arena_printf(
            a, "the membership in team %.*s that was ended is not given back", TEXT_ARG(left)))
    };
    return RC_OK;
}

/* Closing took these away, whoever named them. */
static enum rc_code add_lost(struct delivery *d, struct inverse *v, struct arena *a,
                             struct rc_error *err) {
    static const enum user_field lost[] = { USER_PRIMARY_TEAM, USER_SECONDARY_TEAMS, USER_MANAGER };
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct decide_field *fields = ARENA_NEW(a, struct decide_field, v->x.fields_n + RC_LEN(lost));
    const struct effect *e = v->main;
    json doc;
    enum rc_code rc = RC_OK;
    if (e->had.state != TEXT_SET)
        return RC_OK;
    if (json_parse_copy(r, e->had.ptr, e->had.len, &doc, err) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    if (v->x.fields_n > 0)
        memcpy(fields, v->x.fields, v->x.fields_n * sizeof *fields);
    v->x.fields = fields;
    for (size_t i = 0; i < RC_LEN(lost) && rc == RC_OK; i++) {
        struct decide_field f = { .field = lost[i],
                                  .name = text_of(user_field_name(lost[i])),
                                  .to = TEXT_NONE };
        if ((rc = json_text(doc, f.name.ptr, "had", &f.from, err)) != RC_OK)
            return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
        f.from = text_copy(a, f.from);
        if (f.from.state == TEXT_SET && (d->d.policy.caps.takes & 1u << lost[i]) != 0)
            rc = add_field(d, v, &f, a, err);
    }
    return rc;
}

static enum rc_code read_external_id(struct inverse *v, struct arena *a, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    const struct effect *e = v->main;
    struct text was = { 0 };
    json doc;
    v->unlinks = true;
    if (e->had.state == TEXT_SET &&
        (json_parse_copy(r, e->had.ptr, e->had.len, &doc, err) != RC_OK ||
         json_text(doc, "external_id", "had", &was, err) != RC_OK))
        return rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
    v->gives_back = was.state == TEXT_SET ? text_copy(a, was) : TEXT_NONE;
    return RC_OK;
}

static enum rc_code invert(struct delivery *d, struct inverse *v, const struct group *g,
                           struct arena *a, struct rc_error *err) {
    const struct effect *e = v->main;
    enum rc_code rc = RC_OK;
    v->x.verb = DECIDE_UPDATE;
    v->x.links = e->remote_id;
    v->x.due_on = DATE_NONE;
    if (is_verb(e, DECIDE_CREATE)) {
        v->x.verb = DECIDE_DEACTIVATE;
        v->says = "was made: it is deactivated, and stays; a mail that was sent is beyond undoing";
        return RC_OK;
    }
    if (is_verb(e, DECIDE_REACTIVATE)) {
        v->x.verb = DECIDE_DEACTIVATE;
        v->says = "was reactivated: it is deactivated again";
    }
    v->unheard = text_is(e->answer, CARRY_HAD_BEEN_DONE);
    if ((rc = add_fields(d, v, g, a, err)) != RC_OK)
        return rc;
    if (is_verb(e, DECIDE_DEACTIVATE)) {
        v->x.verb = DECIDE_REACTIVATE;
        v->says = lifecycle_is_gone(v->answer.person.lifecycle)
                      ? "was deactivated: it is opened again, although HR says that they are gone; "
                        "whoever reports to them gets them back as manager when HR says otherwise"
                      : "was deactivated: it is opened again";
        return add_lost(d, v, a, err);
    }
    if (is_verb(e, DECIDE_REACTIVATE))
        return RC_OK;
    if (v->linked_by_hand && v->x.verb == DECIDE_DEACTIVATE)
        v->says = "was reactivated: it is deactivated again";
    else if (is_verb(e, DECIDE_ADOPT) && !v->linked_by_hand) {
        v->says = v->x.verb == DECIDE_DEACTIVATE
                      ? "was linked and reactivated: it is let go of, closed again and left alone"
                      : "was linked: it is let go of, and left alone from now on";
        return read_external_id(v, a, err);
    }
    if (is_verb(e, DECIDE_INVITE))
        v->says = "was invited: a mail that was sent is beyond undoing";
    return RC_OK;
}

/* ---- what nobody heard of ---- */

/* Whether it was done later than in that run, which then may not have done it. */
static enum rc_code was_done_later(struct delivery *d, int64_t run_id, const struct effect *e,
                                   struct arena *a, struct text *ret_stays, struct rc_error *err) {
    const char *verb = arena_str(a, e->verb.ptr, e->verb.len);
    int64_t later = 0;
    if (is_verb(e, DECIDE_UPDATE)) /* each value is compared by itself */
        return RC_OK;
    enum rc_code rc = effect_done_later(d->st, d->company->company_id, d->p.destination_id, run_id,
                                        e->user_id, verb, &later, err);
    if (rc == RC_OK && later != 0)
        *ret_stays = text_of(
            arena_printf(a, "the answer got lost, and run %lld did it later", (long long)later));
    return rc;
}

/* On which account, if that was not written down: the person's, which the inventory that was just taken shows.
 * One that was to be linked may not have been. */
static enum rc_code find_account(struct delivery *d, const struct inverse *v, struct effect *e,
                                 struct arena *a, struct rc_error *err) {
    const struct account *is = &v->row.is;
    struct decision planned;
    enum rc_code rc = carry_read_plan(d->st, e, e->plan, a, &planned, err);
    bool is_it = is_verb(e, DECIDE_CREATE)
                     ? text_equal(is->external_id, v->answer.person.external_id)
                 : is_verb(e, DECIDE_ADOPT) ? text_equal(planned.links, is->remote_id)
                                            : e->account_id == v->row.account_id;
    if (rc == RC_OK && is->tie == ACCOUNT_LINKED && is_it)
        e->remote_id = is->remote_id;
    return rc;
}

/* It was made or linked, and nobody has written down whose it is. */
static bool has_our_id(const struct decision *now) {
    return now->links.state == TEXT_SET && now->verb != DECIDE_CREATE && now->verb != DECIDE_ADOPT;
}

static enum rc_code settle_doubt(struct delivery *d, int64_t run_id, struct inverse *v,
                                 struct arena *a, struct text *ret_stays, struct rc_error *err) {
    struct effect *e = ARENA_NEW(a, struct effect, 1);
    enum rc_code rc = RC_OK;
    *e = *v->main;
    v->main = e;
    if (e->state != EFFECT_UNSURE)
        return RC_OK;
    if (e->remote_id.state != TEXT_SET)
        rc = find_account(d, v, e, a, err);
    if (rc == RC_OK)
        rc = was_done_later(d, run_id, e, a, ret_stays, err);
    if (rc == RC_OK && ret_stays->state != TEXT_SET && is_linking(e) &&
        (v->row.is.tie != ACCOUNT_LINKED || !text_equal(v->row.is.remote_id, e->remote_id)))
        *ret_stays = has_our_id(&v->answer.decision)
                         ? text_of(arena_printf(a,
                                                "account %.*s has our id, and is theirs with the "
                                                "next delivery: undo this once more after it",
                                                TEXT_ARG(v->answer.decision.links)))
                         : TEXT_LIT("the answer got lost, and it was not done");
    return rc;
}

static bool is_in_doubt(const struct group *g) {
    for (size_t i = 0; i < g->n; i++)
        if (g->effects[i].state == EFFECT_UNSURE)
            return true;
    return false;
}

enum rc_code undo_invert(struct delivery *d, int64_t run_id, const struct group *g, struct arena *a,
                         struct inverse *v, struct text *ret_stays, struct rc_error *err) {
    enum rc_code rc = is_in_doubt(g) ? settle_doubt(d, run_id, v, a, ret_stays, err) : RC_OK;
    return rc != RC_OK || ret_stays->state == TEXT_SET ? rc : invert(d, v, g, a, err);
}
