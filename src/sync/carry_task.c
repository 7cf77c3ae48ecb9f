/* What goes out to the lanes: an effect, decided about once more, and no more than was planned. */
#include "people/stored_account.h"
#include "sync/carry_p.h"

struct task_batch *task_batch_new(void) {
    struct task_batch *b = mem_zalloc(sizeof *b);
    arena_init(&b->arena);
    b->tasks_n = 1;
    return b;
}

void task_batch_leave(struct task_batch *b) {
    if (--b->tasks_n > 0)
        return;
    arena_done(&b->arena);
    mem_free(b);
}

void task_free(struct task *t) {
    if (t == NULL)
        return;
    arena_done(&t->arena);
    if (t->together != NULL)
        task_batch_leave(t->together);
    mem_free(t);
}

/* ---- whether it is still what was planned ---- */

static const struct decide_field *field_like(const struct decision *x,
                                             const struct decide_field *f) {
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].field == f->field && text_equal(x->fields[i].name, f->name))
            return &x->fields[i];
    return NULL;
}

/* Of several teams those that were there are planned apart from those that were to be made: all of them are
 * sent now, and that is what was planned as long as HR states the same. */
static bool has_come_about(const struct decision *plan, const struct decide_field *planned,
                           const struct user *u) {
    for (size_t i = 0; i < plan->fields_n; i++) {
        const struct decide_field *f = &plan->fields[i];
        if (f->does == DECIDE_FIELD_AWAITS && f->field == planned->field &&
            f->field == USER_SECONDARY_TEAMS)
            return carry_same_value(u->fields[f->field], f->to);
    }
    return false;
}

/* What was to be sent is to be sent still, with the same value; what waited may have come about. */
static bool field_stands(const struct decision *plan, const struct decide_field *planned,
                         const struct decision *now, const struct user *u) {
    const struct decide_field *f = field_like(now, planned);
    if (planned->does == DECIDE_FIELD_STAYS)
        return true;
    if (planned->does == DECIDE_FIELD_AWAITS)
        return planned->field >= USER_FIELDS_N || f == NULL || f->does != DECIDE_FIELD_SENDS ||
               carry_same_value(u->fields[planned->field], planned->to);
    return f != NULL && f->does == DECIDE_FIELD_SENDS &&
           (carry_same_value(f->to, planned->to) || has_come_about(plan, planned, u));
}

static bool is_linking(const struct decision *x) {
    return x->verb == DECIDE_CREATE || x->verb == DECIDE_ADOPT;
}

bool carry_is_so(const struct decision *planned, const struct account *is,
                 struct text external_id) {
    bool by_hand = planned->verb == DECIDE_ADOPT && is->tie == ACCOUNT_LINKED &&
                   text_equal(planned->links, is->remote_id) &&
                   text_equal(external_id, is->external_id);
    if (planned->verb == DECIDE_DEACTIVATE)
        return is->status == ACCOUNT_DEACTIVATED;
    if ((is_linking(planned) && !by_hand) || is->status != ACCOUNT_ACTIVE ||
        (planned->verb == DECIDE_INVITE && is->mail != ACCOUNT_MAIL_SENT))
        return false;
    for (size_t i = 0; i < planned->fields_n; i++) {
        const struct decide_field *f = &planned->fields[i];
        const struct account_field *there =
            f->field < USER_FIELDS_N ? &is->fields[f->field] : account_custom_find(is, f->name);
        if (f->does == DECIDE_FIELD_SENDS && !carry_same_value(account_shows(there), f->to))
            return false;
    }
    return planned->leaves_team.state != TEXT_SET;
}

static bool verb_stands(const struct decision *planned, const struct decision *now) {
    if (planned->verb == now->verb)
        return planned->mails == now->mails && planned->reactivates == now->reactivates &&
               (planned->verb != DECIDE_ADOPT || text_equal(planned->links, now->links));
    /* it was made, and the answer got lost */
    if (is_linking(planned))
        return now->links.state == TEXT_SET && now->verb != DECIDE_DEACTIVATE &&
               now->verb != DECIDE_ADOPT && now->verb != DECIDE_CREATE &&
               (planned->verb == DECIDE_CREATE || text_equal(planned->links, now->links));
    /* a field that waited, and nothing else */
    return planned->verb == DECIDE_UPDATE && now->verb == DECIDE_NOTHING;
}

static bool stands(const struct decision *planned, const struct deciding_answer *answer,
                   enum effect_pass pass) {
    if (pass != EFFECT_REFERENCES && !verb_stands(planned, &answer->decision))
        return false;
    for (size_t i = 0; i < planned->fields_n; i++)
        if (!is_linking(planned) || is_linking(&answer->decision) ||
            planned->fields[i].does != DECIDE_FIELD_SENDS)
            if (!field_stands(planned, &planned->fields[i], &answer->decision,
                              &answer->person.user))
                return false;
    return true;
}

/* No more than was planned. */
static void restrict_to(const struct decision *planned, enum effect_pass pass, struct arena *a,
                        struct task *t) {
    const struct decision *now = &t->answer.decision;
    struct decision *x = &t->sends;
    *x = *now;
    x->fields = ARENA_NEW(a, struct decide_field, now->fields_n + 1);
    x->fields_n = 0;
    for (size_t i = 0; i < now->fields_n; i++) {
        const struct decide_field *p = field_like(planned, &now->fields[i]);
        if (now->fields[i].does == DECIDE_FIELD_SENDS && p != NULL && p->does != DECIDE_FIELD_STAYS)
            x->fields[x->fields_n++] = now->fields[i];
    }
    if (pass == EFFECT_REFERENCES || (x->verb == DECIDE_NOTHING && x->fields_n > 0))
        x->verb = DECIDE_UPDATE;
    if (pass == EFFECT_REFERENCES)
        x->links = x->leaves_team = (struct text){ 0 };
}

/* ---- making a task ---- */

void carry_keep_effect(struct effect *e, struct arena *a) {
    e->verb = text_copy(a, e->verb);
    e->code = text_copy(a, e->code);
    e->sentence = text_copy(a, e->sentence);
    e->plan = text_copy(a, e->plan);
    e->classes = text_copy(a, e->classes);
    e->answer = text_copy(a, e->answer);
    e->remote_id = text_copy(a, e->remote_id);
    e->did = text_copy(a, e->did);
    e->had = text_copy(a, e->had);
}

enum rc_code carry_read_plan(struct store *st, const struct effect *e, struct text plan,
                             struct arena *a, struct decision *ret, struct rc_error *err) {
    json doc;
    enum rc_code rc = json_parse_copy(st->reader, plan.ptr, plan.len, &doc, err);
    if (rc == RC_OK)
        rc = stored_decision_read(doc, a, ret, err);
    return rc == RC_OK ? rc : rc_context(err, RC_FATAL, "effect %lld", (long long)e->effect_id);
}

enum rc_code carry_end_effect(struct carrying *c, struct effect *e, enum effect_state s,
                              struct text answer, struct rc_error *err) {
    e->state = s;
    e->answer = answer;
    e->at_us = clock_now_us(c->d->clock);
    if (s == EFFECT_FAILED || s == EFFECT_UNSURE)
        c->d->progress->failed++;
    return effect_save(c->d->st, c->d->company->company_id, e, err);
}

static enum rc_code find_there(struct carrying *c, struct task *t, struct arena *a,
                               struct rc_error *err) {
    struct delivery *d = c->d;
    t->there = t->row;
    if (t->sends.links.state != TEXT_SET || text_equal(t->sends.links, t->row.is.remote_id))
        return RC_OK;
    return account_by_remote(d->st, d->company->company_id, d->p.destination_id, t->sends.links, a,
                             &t->there, err);
}

/* Whether somebody may have an account that no inventory has shown: it was read long ago, or has not
 * been read since we last sent something about them and nobody knows what became of it. */
static enum rc_code must_look(struct carrying *c, struct task *t, struct arena *a, bool *ret,
                              struct rc_error *err) {
    enum { LATEST = 4 };
    struct delivery *d = c->d;
    struct effect *list;
    size_t n = 0;
    enum rc_code rc = RC_OK;
    *ret = clock_now_us(d->clock) - delivery_listed_us(d) > FRESH_S * INT64_C(1000000);
    if (*ret)
        return RC_OK;
    if (!c->doubt_known) /* once: nobody else sends while we hold the lease */
        rc = effect_any_in_doubt(d->st, d->company->company_id, d->p.destination_id,
                                 t->effect.run_id, delivery_listed_us(d), &c->doubt, err);
    c->doubt_known = rc == RC_OK;
    if (rc != RC_OK || !c->doubt)
        return rc;
    rc = effect_of_user(d->st, d->company->company_id, d->p.destination_id, t->effect.user_id,
                        LATEST, a, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK && !*ret; i++)
        *ret = list[i].run_id != t->effect.run_id &&
               (list[i].state == EFFECT_SENT ||
                (list[i].state == EFFECT_UNSURE && list[i].at_us >= delivery_listed_us(d)));
    return rc;
}

/* Done by us, and nobody heard of it, or by somebody's hand: undoing takes back what is ours. */
static enum rc_code end_as_so(struct carrying *c, struct task *t, struct rc_error *err) {
    if (t->effect.answer.state != TEXT_SET || t->effect.account_id != t->row.account_id)
        return carry_end_effect(c, &t->effect, EFFECT_DONE, text_of("it is so already"), err);
    t->effect.remote_id = t->row.is.remote_id;
    return carry_end_effect(c, &t->effect, EFFECT_DONE, text_of(CARRY_HAD_BEEN_DONE), err);
}

/* What was to wait is shown by now, or never came about. */
static const char *why_nothing(const struct task *t) {
    for (size_t i = 0; i < t->planned.fields_n; i++)
        if (t->planned.fields[i].does == DECIDE_FIELD_AWAITS &&
            field_like(&t->answer.decision, &t->planned.fields[i]) != NULL)
            return "what it waits for has not come about";
    return "it is so already";
}

/* *ret NULL: it came to nothing, and that is written down. */
enum rc_code task_make(struct carrying *c, const struct effect *e, struct task_batch *in,
                       struct task **ret, struct rc_error *err) {
    struct delivery *d = c->d;
    struct task *t = mem_zalloc(sizeof *t);
    struct arena *a = &in->arena;
    enum rc_code rc;
    arena_init(&t->arena);
    t->together = in;
    t->policy = &d->d.policy;
    in->tasks_n++;
    t->effect = *e;
    *ret = NULL;
    if ((rc = carry_read_plan(d->st, e, e->plan, a, &t->planned, err)) != RC_OK) {
        task_free(t);
        return rc;
    }
    rc = deciding_account(&d->d, e->user_id, a, &t->row, err);
    if (rc == RC_OK)
        rc = deciding_ask(&d->d, &t->row, a, &t->answer, err);
    if (rc == RC_NOT_FOUND)
        rc = carry_end_effect(c, &t->effect, EFFECT_DROPPED,
                              text_of("the person is no longer known here"), err);
    else if (rc == RC_OK && !stands(&t->planned, &t->answer, e->pass))
        rc = carry_is_so(&t->planned, &t->row.is, t->answer.person.external_id)
                 ? end_as_so(c, t, err)
                 : carry_end_effect(
                       c, &t->effect, EFFECT_DROPPED,
                       text_of(arena_printf(a, "left out, as it has changed since: %.*s",
                                            TEXT_ARG(t->answer.decision.sentence))),
                       err);
    else if (rc == RC_OK) {
        restrict_to(&t->planned, e->pass, a, t);
        bool nothing = t->sends.verb == DECIDE_UPDATE && t->sends.fields_n == 0 &&
                       t->sends.leaves_team.state != TEXT_SET;
        if (nothing)
            rc = carry_end_effect(c, &t->effect, EFFECT_DROPPED, text_of(why_nothing(t)), err);
        else if ((rc = find_there(c, t, a, err)) == RC_OK) {
            t->had_been_done = is_linking(&t->planned) && !is_linking(&t->sends);
            if (t->sends.verb == DECIDE_CREATE)
                rc = must_look(c, t, a, &t->looks_first, err);
            if (rc == RC_OK) {
                *ret = t;
                return RC_OK;
            }
        }
    }
    task_free(t);
    return rc;
}
