/* Planning an undo: what the run did, person by person, and what takes it back. */
#include "sync/undo.h"

#include <stdio.h>
#include <string.h>
#include "people/stored_account.h"
#include "store/retention.h"
#include "sync/plan.h"
#include "sync/undo_p.h"

enum { AT_ONCE = 200 };
#define STAYS "stays" /* the verb of what is left as it is */

struct undo {
    struct delivery *d;
    struct run of; /* the run that is undone */
    struct effect *planned;
    size_t planned_n, planned_cap;
    struct arena keeps; /* of those */
    struct plan sums;
    int64_t effects;
};

/* ---- which run ---- */

/* Of a run that is so old, the nightly tidying may have taken one half. */
static enum rc_code refuse_old(struct store *st, const struct run *r, int64_t now_us,
                               struct rc_error *err) {
    static const int64_t day_us = INT64_C(86400000000);
    struct retention keep;
    enum rc_code rc = retention_get(st, r->company_id, &keep, err);
    int64_t days = rc == RC_OK ? keep.days[RETENTION_EFFECTS] : 0;
    if (rc != RC_OK || days == 0 || r->ended_us == 0 || r->ended_us >= now_us - days * day_us)
        return rc;
    return rc_fail_as(err, RC_CONFLICT, "undo.too-old",
                      "run %lld ended more than %lld days ago: what it did is no longer kept",
                      (long long)r->run_id, (long long)days);
}

/* Teams that it made, linked or deleted stay as they are, whoever undoes it. */
static enum rc_code count_beyond(struct store *st, const struct run *r, struct arena *a,
                                 int64_t *ret, struct rc_error *err) {
    struct effect_group *groups;
    size_t n = 0;
    enum rc_code rc = effect_groups(st, r->company_id, r->run_id, a, &groups, &n, err);
    *ret = 0;
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (groups[i].of_teams && !text_is(groups[i].verb, team_verb_name(TEAM_RENAME)))
            *ret += groups[i].of[EFFECT_DONE] + groups[i].of[EFFECT_UNSURE];
    return rc;
}

enum rc_code undo_find(struct store *st, const struct company *company, int64_t run_id,
                       int64_t now_us, struct arena *a, struct run *ret, struct rc_error *err) {
    struct effect_tally t;
    int64_t beyond;
    enum rc_code rc = run_get(st, company->company_id, run_id, a, ret, err);
    if (rc != RC_OK)
        return rc;
    if (ret->destination_id == 0)
        return rc_fail_as(err, RC_INVALID, "undo.import",
                          "run %lld is an import, which says what HR states: what is undone is the "
                          "delivery that carried it out",
                          (long long)run_id);
    if (ret->kind == RUN_UNDO)
        return rc_fail_as(
            err, RC_INVALID, "undo.undo",
            "run %lld is itself an undo: rollcall pin release lets go of what it holds",
            (long long)run_id);
    if ((rc = refuse_old(st, ret, now_us, err)) != RC_OK ||
        (rc = effect_count(st, company->company_id, run_id, &t, err)) != RC_OK ||
        (rc = count_beyond(st, ret, a, &beyond, err)) != RC_OK)
        return rc;
    if (t.of[EFFECT_DONE] + t.of[EFFECT_UNSURE] == beyond)
        return rc_fail_as(err, RC_CONFLICT, "undo.nothing",
                          "run %lld is %s, and nothing that it did is left to be undone",
                          (long long)run_id, run_state_name(ret->state));
    return RC_OK;
}

/* ---- effects of the undo ---- */

static struct effect *next_effect(struct undo *u) {
    if (u->planned_n == u->planned_cap) {
        u->planned_cap = u->planned_cap ? 2 * u->planned_cap : 256;
        u->planned = mem_realloc(u->planned, u->planned_cap * sizeof *u->planned);
    }
    u->planned[u->planned_n] = (struct effect){ .run_id = u->d->run->run_id,
                                                .effect_id = ++u->effects,
                                                .state = EFFECT_PLANNED,
                                                .pass = EFFECT_PEOPLE,
                                                .code = TEXT_LIT("undo"),
                                                .plan = TEXT_LIT("{}"),
                                                .at_us = clock_now_us(u->d->clock) };
    return &u->planned[u->planned_n++];
}

/* Left as it is, and named. */
static enum rc_code skip(struct undo *u, const struct effect *of, struct text why) {
    struct effect *e = next_effect(u);
    e->pass = of->user_id != 0 ? EFFECT_PEOPLE : EFFECT_TEAMS;
    e->user_id = of->user_id;
    e->team_id = of->team_id;
    e->account_id = of->account_id;
    e->verb = TEXT_LIT(STAYS);
    e->sentence = e->answer = text_copy(&u->keeps, why);
    e->state = EFFECT_DROPPED;
    return RC_OK;
}

static enum rc_code flush(struct undo *u, struct rc_error *err) {
    struct delivery *d = u->d;
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK)
        rc = effect_add(d->st, d->company->company_id, u->planned, u->planned_n, err);
    u->planned_n = 0;
    arena_reset(&u->keeps);
    return delivery_ended(d, rc, err);
}

static void add_classes(struct undo *u, struct effect *e, const struct decision *x) {
    uint32_t bits = x->verb == DECIDE_DEACTIVATE ? 1u << CHANGE_LEAVERS : 0;
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].does == DECIDE_FIELD_SENDS) {
            bits |= 1u << plan_class_of(&x->fields[i]);
            u->sums.fields[x->fields[i].field]++;
        }
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        u->sums.classes[c] += (bits & 1u << c) != 0;
    u->sums.verbs[x->verb]++;
    e->classes = plan_class_names(&u->keeps, bits, 0);
}

/* ---- one person ---- */

static void write_sentence(struct inverse *v, struct arena *a) {
    struct buf b;
    buf_init(&b, STORED_DECISION_BYTES);
    if (v->says != NULL)
        buf_printf(&b, "account %.*s %s%s", TEXT_ARG(v->x.links), v->says,
                   v->unheard ? "; nobody heard of it then: it may have been somebody's hand" : "");
    for (size_t i = 0; i < v->x.fields_n; i++)
        buf_printf(&b, "%s%.*s", b.len > 0 ? "; " : "", TEXT_ARG(v->x.fields[i].sentence));
    v->x.sentence = text_copy(a, text_from(b.ptr != NULL ? b.ptr : "", b.len));
    buf_done(&b);
}

static enum rc_code add_inverse(struct undo *u, struct inverse *v, struct arena *a) {
    struct decision *x = &v->x;
    struct json_writer w;
    struct buf b;
    write_sentence(v, a);
    if (x->verb == DECIDE_UPDATE && decide_sends(x) == 0 && !v->unlinks)
        return skip(u, v->main,
                    x->sentence.state == TEXT_SET
                        ? x->sentence
                        : TEXT_LIT("nothing was sent of which anything could be taken back"));
    struct effect *e = next_effect(u);
    buf_init(&b, STORED_DECISION_BYTES);
    x->code = "undo";
    stored_decision_write(x, &b);
    e->plan = text_copy(&u->keeps, text_from(b.ptr, b.len));
    buf_clear(&b);
    e->pass = x->verb == DECIDE_DEACTIVATE || v->unlinks ? EFFECT_LEAVERS : EFFECT_PEOPLE;
    e->user_id = v->row.is.user_id;
    e->account_id = v->row.account_id;
    e->verb = v->unlinks ? TEXT_LIT(UNDO_UNLINK) : text_of(decide_verb_name(x->verb));
    e->sentence = text_copy(&u->keeps, x->sentence);
    e->remote_id = text_copy(&u->keeps, x->links);
    if (v->unlinks) {
        json_begin(&w, &b);
        json_object(&w, NULL);
        json_put_text(&w, "external_id", v->gives_back);
        json_object_end(&w);
        e->had = text_copy(&u->keeps, text_from(b.ptr, b.len));
    }
    buf_done(&b);
    add_classes(u, e, x);
    return RC_OK;
}

static enum rc_code undo_person(struct undo *u, const struct group *g, struct arena *a,
                                struct rc_error *err) {
    struct delivery *d = u->d;
    struct inverse *v = ARENA_NEW(a, struct inverse, 1);
    enum rc_code rc;
    struct text stays = { 0 };
    *v = (struct inverse){ .main = &g->effects[0] };
    rc = account_of_user(d->st, d->company->company_id, d->p.destination_id, g->user_id, a, &v->row,
                         err);
    if (rc == RC_OK)
        rc = deciding_ask(&d->d, &v->row, a, &v->answer, err);
    if (rc == RC_NOT_FOUND)
        return skip(u, v->main,
                    TEXT_LIT("the person is no longer known here, or has another account"));
    if (rc != RC_OK || (rc = undo_invert(d, u->of.run_id, g, a, v, &stays, err)) != RC_OK)
        return rc;
    if (stays.state == TEXT_SET)
        return skip(u, v->main, stays);
    stays = undo_account_stays(d, &v->row, &v->answer, &v->x, a);
    if (stays.state != TEXT_SET &&
        (v->x.verb == DECIDE_DEACTIVATE || v->x.verb == DECIDE_REACTIVATE) &&
        (v->row.is.status == ACCOUNT_ACTIVE) != (v->x.verb == DECIDE_DEACTIVATE))
        stays = text_of(arena_printf(a, "account %.*s is %s already", TEXT_ARG(v->x.links),
                                     v->x.verb == DECIDE_DEACTIVATE ? "closed" : "open"));
    return stays.state == TEXT_SET ? skip(u, v->main, stays) : add_inverse(u, v, a);
}

/* ---- teams ---- */

static enum rc_code undo_team(struct undo *u, const struct effect *of, struct arena *a,
                              struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct text name = { 0 }, old = { 0 }, remote_id = { 0 }, stays = { 0 };
    struct json_writer w;
    struct buf b;
    json doc;
    if (!text_is(of->verb, team_verb_name(TEAM_RENAME)))
        return skip(
            u, of,
            text_of(arena_printf(a, "a team stays as it is (%.*s)", TEXT_ARG(of->sentence))));
    if (json_parse_copy(r, of->plan.ptr, of->plan.len, &doc, err) != RC_OK ||
        json_text(doc, "name", "plan", &name, err) != RC_OK ||
        json_text(doc, "remote_id", "plan", &remote_id, err) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)of->effect_id);
    name = text_copy(a, name);
    remote_id = text_copy(a, of->remote_id.state == TEXT_SET ? of->remote_id : remote_id);
    if (of->had.state == TEXT_SET) {
        if (json_parse_copy(r, of->had.ptr, of->had.len, &doc, err) != RC_OK ||
            json_text(doc, "name", "had", &old, err) != RC_OK)
            return rc_context(err, RC_FATAL, "effect %lld", (long long)of->effect_id);
        old = text_copy(a, old);
    }
    enum rc_code rc = undo_team_stays(u->d, of->team_id, remote_id, name, old, a, &stays);
    if (rc != RC_OK || stays.state == TEXT_SET)
        return rc != RC_OK ? rc : skip(u, of, stays);
    struct effect *e = next_effect(u);
    buf_init(&b, 1 << 16);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_put_text(&w, "name", old);
    json_put_text(&w, "remote_id", remote_id);
    json_put_text(&w, "shows", name);
    json_object_end(&w);
    e->pass = EFFECT_TEAMS;
    e->team_id = of->team_id;
    e->verb = text_of(team_verb_name(TEAM_RENAME));
    e->sentence = text_of(arena_printf(&u->keeps, "name: %.*s -> %.*s, as it was before",
                                       TEXT_ARG(name), TEXT_ARG(old)));
    e->plan = text_copy(&u->keeps, text_from(b.ptr, b.len));
    e->remote_id = text_copy(&u->keeps, remote_id);
    buf_done(&b);
    u->sums.teams[TEAM_RENAME]++;
    return RC_OK;
}

/* ---- all of it ---- */

static enum rc_code end_group(struct undo *u, struct group *g, struct arena *a,
                              struct rc_error *err) {
    enum rc_code rc = g->n > 0 ? undo_person(u, g, a, err) : RC_OK;
    g->n = 0;
    arena_reset(a);
    return rc;
}

/* Those of one person stand one behind the other. */
static enum rc_code plan_inverse(struct undo *u, struct rc_error *err) {
    struct delivery *d = u->d;
    struct effect *list;
    struct arena page, one;
    struct group g = { 0 };
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    arena_init(&page);
    arena_init(&one);
    do {
        arena_reset(&page);
        rc = effect_list(d->st, d->company->company_id, u->of.run_id, after, AT_ONCE, &page, &list,
                         &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            struct effect *e = &list[i];
            after = e->effect_id;
            if ((e->user_id != g.user_id || g.n == EFFECTS_OF_ONE) &&
                (rc = end_group(u, &g, &one, err)) != RC_OK)
                break;
            if (e->state == EFFECT_LOST || /* before there was that state: */
                (e->state == EFFECT_FAILED && text_is(e->answer, CARRY_HAD_NOT_BEEN_DONE)))
                rc = skip(u, e, TEXT_LIT(CARRY_HAD_NOT_BEEN_DONE));
            if (e->state != EFFECT_DONE && e->state != EFFECT_UNSURE)
                continue;
            if (e->user_id == 0) {
                rc = undo_team(u, e, &one, err);
                continue;
            }
            g.user_id = e->user_id;
            g.effects[g.n] = *e;
            carry_keep_effect(&g.effects[g.n++], &one);
        }
        d->progress->looked_at += (int64_t)n;
        if (rc == RC_OK)
            rc = flush(u, err);
    } while (rc == RC_OK && n == AT_ONCE);
    if (rc == RC_OK && (rc = end_group(u, &g, &one, err)) == RC_OK)
        rc = flush(u, err);
    arena_done(&page);
    arena_done(&one);
    return rc;
}

/* An older look at the same is over. */
static enum rc_code supersede_older(struct undo *u, struct rc_error *err) {
    struct delivery *d = u->d;
    struct run old;
    int64_t n;
    enum rc_code rc;
    while ((rc = run_before(d->st, d->company->company_id, d->p.destination_id, RUN_UNDO,
                            RUN_PREVIEWED, u->of.run_id, d->run->run_id, d->arena, &old, err)) ==
           RC_OK) {
        old.state = RUN_SUPERSEDED;
        old.ended_us = clock_now_us(d->clock);
        old.reason = text_of(
            arena_printf(d->arena, "run %lld is to undo the same", (long long)d->run->run_id));
        if ((rc = run_save(d->st, &old, err)) != RC_OK ||
            (rc = effect_move(d->st, old.company_id, old.run_id, EFFECT_PLANNED, EFFECT_DROPPED,
                              "superseded by a newer undo", old.ended_us, &n, err)) != RC_OK)
            return rc;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc_code wait_for_word(struct undo *u, struct rc_error *err) {
    struct delivery *d = u->d;
    struct run_counts *n = &d->run->counts;
    bool held = false; /* it waits in any case; what the guard says of it is shown */
    n->read = u->effects;
    n->changed = u->sums.verbs[DECIDE_UPDATE] + u->sums.verbs[DECIDE_REACTIVATE];
    n->teams_renamed = u->sums.teams[TEAM_RENAME];
    memcpy(n->classes, u->sums.classes, sizeof n->classes);
    memcpy(n->fields, u->sums.fields, USER_FIELDS_N * sizeof *n->fields);
    d->progress->planned = u->effects;
    enum rc_code rc = delivery_judge(d, &u->sums, &held, err);
    if (rc != RC_OK)
        return rc;
    rc = delivery_begin(d, err);
    d->run->state = RUN_PREVIEWED;
    if (rc == RC_OK && (rc = supersede_older(u, err)) == RC_OK)
        rc = run_save(d->st, d->run, err);
    return delivery_ended(d, rc, err);
}

static enum rc_code look(struct undo *u, struct rc_error *err) {
    struct delivery *d = u->d;
    enum rc_code rc;
    if ((rc = delivery_ask_caps(d, err)) != RC_OK ||
        (rc = delivery_take_inventory(d, true, err)) != RC_OK)
        return rc;
    delivery_enter(d, DELIVERY_PLANNING);
    d->run->state = RUN_CHECKING;
    if ((rc = delivery_save(d, err)) != RC_OK || (rc = plan_inverse(u, err)) != RC_OK)
        return rc;
    return wait_for_word(u, err);
}

static enum rc_code undo_all(struct undo *u, int64_t run_id, struct rc_error *err) {
    struct delivery *d = u->d;
    enum rc_code rc;
    if ((rc = delivery_open_deciding(d, err)) != RC_OK ||
        (rc = delivery_recover(d, NULL, err)) != RC_OK || (rc = delivery_enrol(d, err)) != RC_OK ||
        (rc = undo_find(d->st, d->company, run_id, clock_now_us(d->clock), d->arena, &u->of,
                        err)) != RC_OK ||
        (rc = delivery_add_run(d, RUN_UNDO, err)) != RC_OK)
        return rc;
    d->run->other_run_id = run_id;
    rc = look(u, err);
    if (rc != RC_OK && (d->run->state == RUN_LISTING || d->run->state == RUN_CHECKING)) {
        char reason[400];
        snprintf(reason, sizeof reason, "%s", err->text);
        delivery_fail_run(d, d->run, arena_str(d->arena, reason, strlen(reason)), NULL);
    }
    return rc;
}

enum rc_code undo_run(struct store *st, const struct secret_key *k, const struct company *company,
                      int64_t run_id, const struct delivery_options *o, struct arena *a,
                      struct run *ret, struct rc_error *err) {
    struct delivery d = { .run = ret };
    struct undo u = { .d = &d };
    struct rc_error own;
    struct lease lease;
    enum rc_code rc;
    *ret = (struct run){ 0 };
    if (err == NULL)
        err = &own;
    if ((rc = undo_find(st, company, run_id, clock_now_us(o->clock), a, &u.of, err)) != RC_OK ||
        (rc = delivery_prepare(&d, st, k, company, u.of.destination_id, o, &lease, a, err)) !=
            RC_OK)
        return rc;
    arena_init(&u.keeps);
    rc = undo_all(&u, run_id, err);
    arena_done(&u.keeps);
    mem_free(u.planned);
    delivery_close(&d);
    db_rollback(st->db); /* harmless when nothing is open */
    lease_release(st, &lease);
    delivery_enter(&d, DELIVERY_DONE);
    return rc;
}
