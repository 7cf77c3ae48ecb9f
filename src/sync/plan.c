#include "sync/plan_p.h"

#include <string.h>
#include "store/ahead.h"

enum { AT_ONCE = 400 };

/* ---- what was found out, without an effect ---- */

static bool moves_text(struct text *to, struct text now) {
    if (text_equal(*to, now) || (to->state != TEXT_SET && now.state != TEXT_SET))
        return false;
    *to = now;
    return true;
}

/* Whatever is told first: what somebody else's account or a reading settles is looked at again by
 * every delivery. */
static enum decide_wait waits_of(const struct decision *x) {
    enum decide_wait w = x->waits;
    for (size_t i = 0; i < x->fields_n && w != DECIDE_WAITS_FOR_OTHER; i++)
        if (x->fields[i].does != DECIDE_FIELD_SENDS &&
            (x->fields[i].waits == DECIDE_WAITS_FOR_OTHER ||
             x->fields[i].waits == DECIDE_WAITS_FOR_READING))
            w = x->fields[i].waits;
    return w;
}

bool plan_note(const struct deciding *d, const struct deciding_answer *answer,
               struct account_row *row) {
    const struct decision *x = &answer->decision;
    bool moved = row->due_on != x->due_on || row->gone_on != answer->gone_on ||
                 row->excluded_on != answer->excluded_on || row->approval != x->approval ||
                 !account_gone_equal(&row->is.gone, &answer->account.gone);
    moved = decide_end_answers(x, &answer->person.user, &answer->refs, &row->is) || moved;
    if (row->is.email_with_id.state != TEXT_MISSING &&
        text_equal(row->is.external_id, answer->person.external_id)) {
        row->is.email_with_id = (struct text){ 0 };
        moved = true;
    }
    row->due_on = x->due_on;
    row->gone_on = answer->gone_on;
    row->excluded_on = answer->excluded_on;
    row->is.gone = answer->account.gone;
    row->approval = x->approval;
    moved = moves_text(&row->verb, text_of(decide_verb_name(x->verb))) || moved;
    moved = moves_text(&row->code, text_of(x->code)) || moved;
    moved = moves_text(&row->sentence, x->sentence) || moved;
    moved = moves_text(&row->waits, text_of(decide_wait_name(waits_of(x)))) || moved;
    moved = moves_text(&row->remedy, x->remedy) || moved;
    moved = moves_text(&row->approves, x->approves) || moved;
    if (moved)
        row->decided_on = d->today;
    return moved;
}

/* ---- what undoing held, and holds no more ---- */

void plan_note_ended(struct plan *p, const struct pin *pin) {
    if (p->ended_n == p->ended_cap) {
        p->ended_cap = p->ended_cap ? 2 * p->ended_cap : 16;
        p->ended = mem_realloc(p->ended, p->ended_cap * sizeof *p->ended);
    }
    p->ended[p->ended_n++] = *pin;
}

static enum rc_code drop_ended(struct plan *p, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; p->notes && i < p->ended_n && rc == RC_OK; i++)
        rc = pin_drop(p->d->st, p->d->company->company_id, p->d->platform->destination_id,
                      p->ended[i].subject_id, p->ended[i].field, p->ended[i].run_id, NULL, err);
    return rc;
}

/* ---- who is to be asked anew ---- */

struct batch {
    struct account_row *rows, **notes;
    struct text
        *freed; /* addresses of which others are to be asked anew: note_freed(), note_round() */
    size_t n, notes_n, freed_n;
};

/* A last day passes without an import that would make others dirty: whoever states the address, or may
 * take the account over, comes first from now on, and is to be looked at. */
static void note_freed(struct batch *b, const struct deciding_answer *answer,
                       const struct account_row *row) {
    struct text states = answer->person.user.fields[USER_EMAIL];
    struct text shows = account_shows(&row->is.fields[USER_EMAIL]);
    if (!lifecycle_is_gone(answer->person.lifecycle) || row->gone_on != DATE_NONE ||
        answer->gone_on == DATE_NONE || row->decided_on == DATE_NONE)
        return;
    if (states.state == TEXT_SET)
        b->freed[b->freed_n++] = states;
    if (shows.state == TEXT_SET && !text_equal(shows, states))
        b->freed[b->freed_n++] = shows;
}

/* The circle has closed, perhaps by somebody far from here, and whoever is to get this account's address has not
 * been told: it goes round once. */
static void note_round(struct batch *b, const struct deciding_answer *answer,
                       const struct account_row *row) {
    struct text shows = account_shows(&row->is.fields[USER_EMAIL]);
    if (answer->refs.held_in_round.state == TEXT_SET &&
        !lifecycle_is_gone(answer->person.lifecycle) &&
        strcmp(answer->decision.code, DECIDE_SWAPPED) == 0 && !text_is(row->code, DECIDE_SWAPPED))
        b->freed[b->freed_n++] = shows;
}

/* ---- whoever leaves goes first ---- */

static void note_boss(struct plan *p, const struct decision *x, const struct account_row *row) {
    struct text boss = account_shows(&row->is.fields[USER_MANAGER]);
    for (size_t i = 0; i < x->fields_n && boss.state == TEXT_SET; i++)
        if (x->fields[i].field == USER_MANAGER && x->fields[i].does != DECIDE_FIELD_STAYS)
            map_set(&p->bosses, boss.ptr, boss.len, p);
}

/* The effect that was just added. */
static void note_leaver(struct plan *p, const struct account_row *row) {
    if (row->is.remote_id.state == TEXT_SET)
        map_set(&p->leavers, row->is.remote_id.ptr, row->is.remote_id.len,
                (void *)(intptr_t)p->effects);
}

static enum rc_code put_leavers_first(struct plan *p, struct rc_error *err) {
    bool stores = p->how == PLAN_STORES && p->leavers.n > 0;
    enum rc_code rc = RC_OK;
    if (p->how == PLAN_DROPS || (stores && (rc = db_begin(p->d->st->db, err)) != RC_OK))
        return rc;
    if (stores)
        rc = lease_hold(p->d->st, p->lease, clock_now_us(p->clock), err);
    for (size_t i = 0; i < p->leavers.n && rc == RC_OK; i++) {
        const struct map_entry *e = &p->leavers.entries[i];
        int64_t effect_id = (int64_t)(intptr_t)e->value;
        if (map_find(&p->bosses, e->key, e->key_len) != NULL)
            continue;
        if (stores)
            rc = effect_put_first(p->d->st, p->d->company->company_id, p->run_id, effect_id, err);
        else
            p->kept[effect_id - 1].pass = EFFECT_FIRST;
    }
    if (stores && rc == RC_OK)
        return db_commit(p->d->st->db, err);
    if (stores)
        db_rollback(p->d->st->db);
    return rc;
}

/* ---- one account ---- */

static enum rc_code plan_account(struct plan *p, struct account_row *row, struct arena *a,
                                 struct batch *b, bool *ret_note, struct rc_error *err) {
    struct deciding_answer *answer = ARENA_NEW(a, struct deciding_answer, 1);
    struct decision now, later;
    enum rc_code rc = deciding_ask(p->d, row, a, answer, err);
    *ret_note = false;
    if (rc == RC_NOT_FOUND) { /* nobody's any more: left as it is */
        *ret_note = row->dirty;
        row->dirty = false;
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < answer->ended_n; i++)
        plan_note_ended(p, answer->ended[i]);
    p->looked_at++;
    p->waits[answer->decision.waits]++;
    p->waits_for_clock += strcmp(answer->decision.code, DECIDE_CLOCK_IN_DOUBT) == 0;
    if ((rc = plan_split_awaits(p, answer, a, &now, &later, err)) != RC_OK)
        return rc;
    if (now.verb == DECIDE_NOTHING && plan_awaits_any(&now)) { /* a team is made for who is there */
        now.verb = DECIDE_UPDATE;
        now.waits = DECIDE_WAITS_FOR_NOTHING;
    }
    bool effect = now.verb != DECIDE_NOTHING || now.links.state == TEXT_SET;
    if (effect &&
        (rc = plan_add_effect(p, now.verb == DECIDE_DEACTIVATE ? EFFECT_LEAVERS : EFFECT_PEOPLE,
                              row, answer, &now, err)) != RC_OK)
        return rc;
    if (effect && now.verb == DECIDE_DEACTIVATE)
        note_leaver(p, row);
    if (later.fields_n > 0 &&
        (rc = plan_add_effect(p, EFFECT_REFERENCES, row, answer, &later, err)) != RC_OK)
        return rc;
    if (effect || later.fields_n > 0) /* once, however many calls it takes */
        p->verbs[effect ? now.verb : later.verb]++;
    note_boss(p, &now, row);
    note_boss(p, &later, row);
    note_freed(b, answer, row);
    note_round(b, answer, row);
    *ret_note = plan_note(p->d, answer, row);
    if (effect || later.fields_n > 0) {
        /* Dirty until it is carried out, also who was looked at because something was due: what is
         * noted now no longer says so. */
        *ret_note |= !row->dirty;
        row->dirty = true;
        return RC_OK;
    }
    if (!decide_is_quiet(&answer->decision, &row->is)) {
        row->is.left_as = answer->decision.left_as;
        row->is.sticky = answer->decision.sticky;
        *ret_note = true;
    }
    *ret_note |= row->dirty;
    row->dirty = false;
    return RC_OK;
}

/* ---- all of it ---- */

static enum rc_code write_batch(struct plan *p, const struct batch *b, struct rc_error *err) {
    struct store *st = p->d->st;
    int64_t company_id = p->d->company->company_id;
    int64_t destination_id = p->d->platform->destination_id;
    bool effects = p->how == PLAN_STORES && p->kept_n > 0;
    enum rc_code rc;
    if (p->how == PLAN_DROPS) {
        p->kept_n = 0;
        arena_reset(p->keeps);
    }
    if (p->how == PLAN_KEEPS || (!effects && (!p->notes || b->notes_n + p->ended_n == 0)))
        return RC_OK;
    if ((rc = db_begin(st->db, err)) != RC_OK)
        return rc;
    rc = lease_hold(st, p->lease, clock_now_us(p->clock), err);
    if (rc == RC_OK && effects)
        rc = effect_add(st, company_id, p->kept, p->kept_n, err);
    for (size_t i = 0; p->notes && i < b->notes_n && rc == RC_OK; i++)
        rc = account_save(st, company_id, destination_id, b->notes[i], err);
    for (size_t i = 0; p->notes && i < b->freed_n && rc == RC_OK; i++)
        rc = account_mark_email(st, company_id, destination_id, b->freed[i], err);
    if (rc == RC_OK)
        rc = drop_ended(p, err);
    if (rc != RC_OK) {
        db_rollback(st->db);
        return rc;
    }
    for (size_t i = 0; p->notes && i < b->notes_n; i++)
        deciding_account_written(p->d, b->notes[i]->is.user_id);
    p->ended_n = 0;
    if (effects) {
        p->kept_n = 0;
        arena_reset(p->keeps);
    }
    return db_commit(st->db, err);
}

/* What the next accounts' decisions will ask is read for all of them. */
static enum rc_code look_ahead(struct plan *p, const struct account_row *rows, size_t n,
                               struct arena *a, struct rc_error *err) {
    int64_t ids[AHEAD_AT_ONCE];
    n = n < AHEAD_AT_ONCE ? n : AHEAD_AT_ONCE;
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].is.user_id;
    return deciding_look_ahead(p->d, ids, n, rows, a, err);
}

/* In a transaction: many small queries about each. */
static enum rc_code decide_batch(struct plan *p, int64_t after, struct arena *a, struct batch *ret,
                                 struct rc_error *err) {
    struct deciding *d = p->d;
    enum rc_code rc = deciding_recall(d, err);
    if (rc == RC_OK)
        rc = account_candidates(d->st, d->company->company_id, d->platform->destination_id,
                                d->today, p->every, after, AT_ONCE, a, &ret->rows, &ret->n, err);
    if (rc != RC_OK)
        return rc;
    ret->notes = ARENA_NEW(a, struct account_row *, ret->n + 1);
    ret->freed = ARENA_NEW(a, struct text, 2 * ret->n + 1);
    for (size_t i = 0; i < ret->n && rc == RC_OK; i++) {
        bool note = false;
        if (i % AHEAD_AT_ONCE == 0 &&
            (rc = look_ahead(p, ret->rows + i, ret->n - i, a, err)) != RC_OK)
            break;
        if ((rc = plan_account(p, &ret->rows[i], a, ret, &note, err)) == RC_OK && note)
            ret->notes[ret->notes_n++] = &ret->rows[i];
    }
    d->ahead = NULL;
    return rc;
}

static enum rc_code plan_batch(struct plan *p, int64_t after, struct arena *a, struct batch *ret,
                               struct rc_error *err) {
    struct db *db = p->d->st->db;
    bool own = !db_in_transaction(db); /* else it is planned over an overlay */
    enum rc_code rc = own ? db_begin_reading(db, err) : RC_OK;
    if (rc != RC_OK)
        return rc;
    rc = decide_batch(p, after, a, ret, err);
    if (own && rc == RC_OK)
        rc = db_commit(db, err);
    else if (own)
        db_rollback(db);
    if (p->progress != NULL)
        *p->progress += (int64_t)ret->n;
    return rc != RC_OK ? rc : write_batch(p, ret, err);
}

enum rc_code plan_make(struct plan *p, struct rc_error *err) {
    struct deciding *d = p->d;
    struct arena a;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    arena_init(&a);
    map_init(&p->come_about);
    map_init(&p->leavers);
    map_init(&p->bosses);
    deciding_remember(d, true);
    for (size_t i = 0; i < d->teams_n; i++)
        plan_team(p, &d->teams[i]);
    do {
        struct batch b = { 0 };
        arena_reset(&a);
        rc = plan_batch(p, after, &a, &b, err);
        n = b.n;
        if (n > 0)
            after = b.rows[n - 1].account_id;
    } while (rc == RC_OK && n == AT_ONCE && !(p->stops && p->effects + p->waits_for_clock > 0));
    if (rc == RC_OK)
        rc = write_batch(p, &(const struct batch){ 0 }, err);
    if (rc == RC_OK)
        rc = put_leavers_first(p, err);
    deciding_remember(d, false);
    map_done(&p->come_about);
    map_done(&p->leavers);
    map_done(&p->bosses);
    arena_done(&a);
    return rc;
}

void plan_done(struct plan *p) {
    mem_free(p->kept);
    mem_free(p->ended);
    p->ended = NULL;
    p->ended_n = p->ended_cap = 0;
    p->kept = NULL;
    p->kept_n = p->kept_cap = 0;
}
