/* Carrying an undo out: what is compared once more, pinned before the call, and written down after it. */
#include <string.h>
#include "people/stored_account.h"
#include "sync/carry_p.h"
#include "sync/undo.h"

/* ---- whether it is still what was planned ---- */

static struct text says(struct arena *a, const char *s) {
    return text_of(arena_printf(a, "%s", s));
}

struct text undo_account_stays(const struct delivery *d, const struct account_row *row,
                               const struct deciding_answer *answer, const struct decision *inverse,
                               struct arena *a) {
    const struct account *is = &row->is;
    if (inverse->links.state != TEXT_SET)
        return says(a, "nothing is known to have been sent for it");
    if (is->tie != ACCOUNT_LINKED || !text_equal(is->remote_id, inverse->links))
        return text_of(arena_printf(a, "changed since: account %.*s is not this person's any more",
                                    TEXT_ARG(inverse->links)));
    if (is->status != ACCOUNT_ACTIVE && is->status != ACCOUNT_DEACTIVATED)
        return text_of(arena_printf(a, "changed since: account %.*s is %s",
                                    TEXT_ARG(inverse->links), account_status_name(is->status)));
    if (decide_may_be_anothers(is, &answer->person.user, answer->person.external_id))
        return text_of(arena_printf(
            a, "changed since: account %.*s has lost our id, and shows another address",
            TEXT_ARG(inverse->links)));
    if (inverse->verb == DECIDE_UPDATE && is->status != ACCOUNT_ACTIVE)
        return text_of(
            arena_printf(a, "changed since: account %.*s is closed", TEXT_ARG(inverse->links)));
    if (inverse->verb == DECIDE_REACTIVATE && is->status == ACCOUNT_DEACTIVATED &&
        is->left_as != ACCOUNT_DEACTIVATED && answer->refs.account_pin != DECIDE_ACCOUNT_CLOSED)
        return text_of(arena_printf(
            a, "changed since: account %.*s was closed on the platform, by somebody else",
            TEXT_ARG(inverse->links)));
    if (inverse->verb == DECIDE_DEACTIVATE && is->status == ACCOUNT_ACTIVE &&
        is->left_as == ACCOUNT_DEACTIVATED && answer->refs.account_pin != DECIDE_ACCOUNT_OPEN)
        return text_of(arena_printf(
            a, "changed since: account %.*s was opened on the platform, by somebody else",
            TEXT_ARG(inverse->links)));
    if (inverse->verb == DECIDE_DEACTIVATE && policy_protects(&d->d.policy, is) != NULL)
        return text_of(arena_printf(a, "account %.*s is protected: it is not closed",
                                    TEXT_ARG(inverse->links)));
    return (struct text){ 0 };
}

/* An address goes back only to whom it still belongs to. */
static enum rc_code email_stays(struct delivery *d, const struct account_row *row,
                                const struct decide_field *f, struct arena *a, struct text *ret,
                                struct rc_error *err) {
    struct account_row *rows;
    int64_t ids[2];
    size_t n = 0;
    enum rc_code rc;
    if (policy_protects(&d->d.policy, &row->is) != NULL) {
        *ret = says(a, "email stays: the account is protected");
        return RC_OK;
    }
    if ((rc = account_by_email(d->st, d->company->company_id, d->p.destination_id, f->to, 2, a,
                               &rows, &n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (rows[i].account_id != row->account_id)
            *ret = text_of(arena_printf(a, "email stays: account %.*s has %.*s by now",
                                        TEXT_ARG(rows[i].is.remote_id), TEXT_ARG(f->to)));
    if ((rc = directory_of_email(d->st, d->company->company_id, f->to, 2, ids, &n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (ids[i] != row->is.user_id)
            *ret = text_of(
                arena_printf(a, "email stays: HR states %.*s for somebody else", TEXT_ARG(f->to)));
    return RC_OK;
}

/* Nobody reports to a guest: as deciding_manager_ref(). */
static enum rc_code manager_stays(struct delivery *d, const struct decide_field *f, struct arena *a,
                                  struct text *ret, struct rc_error *err) {
    struct deciding_person who;
    struct account_row boss;
    enum rc_code rc =
        account_by_remote(d->st, d->company->company_id, d->p.destination_id, f->to, a, &boss, err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && boss.is.status != ACCOUNT_ACTIVE))
        *ret = text_of(
            arena_printf(a, "manager stays: account %.*s is not open any more", TEXT_ARG(f->to)));
    if (rc == RC_OK && boss.is.user_id != 0 &&
        (rc = deciding_person(&d->d, boss.is.user_id, a, &who, err)) == RC_OK &&
        decide_may_be_anothers(&boss.is, &who.user, who.external_id))
        *ret = text_of(arena_printf(a, "manager stays: account %.*s may be somebody else's by now",
                                    TEXT_ARG(f->to)));
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc_code undo_field_stays(struct delivery *d, const struct account_row *row,
                              const struct account *shows, const struct decide_field *f,
                              struct arena *a, struct text *ret, struct rc_error *err) {
    const struct policy_caps *caps = &d->d.policy.caps;
    bool custom = f->field >= USER_FIELDS_N;
    struct text now =
        account_shows(custom ? account_custom_find(shows, f->name) : &shows->fields[f->field]);
    if (!carry_same_value(now, f->from) && !carry_same_value(now, f->to)) {
        *ret = text_of(arena_printf(a, "%.*s stays: changed since, %.*s there", TEXT_ARG(f->name),
                                    TEXT_ARG(now.state == TEXT_SET ? now : TEXT_LIT("(nothing)"))));
        return RC_OK;
    }
    if (f->to.state != TEXT_SET) {
        if (!custom && f->field != USER_SECONDARY_TEAMS && (caps->empties & 1u << f->field) == 0)
            *ret = text_of(arena_printf(a, "%.*s stays: the platform cannot empty it again",
                                        TEXT_ARG(f->name)));
        return RC_OK;
    }
    if (f->field == USER_EMAIL)
        return email_stays(d, row, f, a, ret, err);
    return f->field == USER_MANAGER ? manager_stays(d, f, a, ret, err) : RC_OK;
}

/* ---- pins ---- */

static enum rc_code pin(struct delivery *d, int64_t subject_id, struct text field,
                        struct text value, struct text undone, struct rc_error *err) {
    const struct pin p = {
        subject_id, field, value, d->run->run_id, clock_now_us(d->clock), undone
    };
    return pin_add(d->st, d->company->company_id, d->p.destination_id, &p, err);
}

/* The value as HR states it that led to what is undone; false: HR states another by now, which is then
 * the next delivery's business. */
static bool undone_value(const struct deciding_answer *answer, const struct decide_field *f,
                         struct text *ret) {
    const struct decide_refs *refs = &answer->refs;
    const struct decide_ref *ref = f->field == USER_PRIMARY_TEAM      ? &refs->team
                                   : f->field == USER_MANAGER         ? &refs->manager
                                   : f->field == USER_SECONDARY_TEAMS ? &refs->secondary_teams
                                                                      : NULL;
    *ret = f->from;
    if (ref == NULL)
        return true;
    struct text key = answer->person.user.fields[f->field];
    *ret = key;
    if (key.state != TEXT_SET)
        return f->from.state != TEXT_SET;
    return carry_same_value(ref->remote_id, f->from);
}

/* A manager whose account is closed by now is still whom HR states. */
static bool refers_nowhere(const struct deciding_answer *answer, const struct decide_field *f) {
    return f->field == USER_MANAGER && answer->refs.manager.state != DECIDE_REF_PRESENT;
}

static struct text pin_name(const struct decide_field *f, struct arena *a) {
    return f->field < USER_FIELDS_N
               ? f->name
               : text_of(arena_printf(a, USER_CUSTOM_PREFIX "%.*s", TEXT_ARG(f->name)));
}

static enum rc_code pin_all(struct delivery *d, struct task *t, struct rc_error *err) {
    const struct decision *x = &t->sends;
    enum rc_code rc = RC_OK;
    struct text value;
    if (t->unlinks) /* it is left alone as a whole */
        return RC_OK;
    if (x->verb == DECIDE_DEACTIVATE || x->verb == DECIDE_REACTIVATE)
        rc = x->verb == DECIDE_DEACTIVATE
                 ? pin(d, t->effect.user_id, TEXT_LIT(PIN_ACCOUNT), TEXT_LIT(PIN_CLOSED),
                       (struct text){ 0 }, err)
                 : pin(d, t->effect.user_id, TEXT_LIT(PIN_ACCOUNT), TEXT_LIT(PIN_OPEN),
                       deciding_causes(&d->d, &t->answer, &t->arena), err);
    if (x->verb != DECIDE_UPDATE) /* no field of theirs was changed but with closing */
        return rc;
    for (size_t i = 0; i < x->fields_n && rc == RC_OK; i++) {
        const struct decide_field *f = &x->fields[i];
        if (undone_value(&t->answer, f, &value) || refers_nowhere(&t->answer, f))
            rc = pin(d, t->effect.user_id, pin_name(f, &t->arena), value, (struct text){ 0 }, err);
    }
    return rc;
}

enum rc_code undo_unpin(struct delivery *d, int64_t subject_id, struct rc_error *err) {
    return pin_drop(d->st, d->company->company_id, d->p.destination_id, subject_id,
                    (struct text){ 0 }, d->run->run_id, NULL, err);
}

/* ---- what goes out ---- */

/* Only the fields that are still as they were left; the others are told. */
static enum rc_code restrict_to_unchanged(struct delivery *d, struct task *t, struct text *ret_told,
                                          struct rc_error *err) {
    struct decision *x = &t->sends;
    enum rc_code rc = RC_OK;
    *x = t->planned;
    x->fields = ARENA_NEW(&t->arena, struct decide_field, t->planned.fields_n + 1);
    x->fields_n = 0;
    for (size_t i = 0; i < t->planned.fields_n && rc == RC_OK; i++) {
        const struct decide_field *f = &t->planned.fields[i];
        struct text stays = { 0 };
        if (f->does != DECIDE_FIELD_SENDS)
            continue;
        rc = undo_field_stays(d, &t->row, &t->answer.account, f, &t->arena, &stays, err);
        if (stays.state != TEXT_SET)
            x->fields[x->fields_n++] = *f;
        else
            *ret_told = text_of(
                ret_told->state == TEXT_SET
                    ? arena_printf(&t->arena, "%.*s; %.*s", TEXT_ARG(*ret_told), TEXT_ARG(stays))
                    : arena_printf(&t->arena, "%.*s", TEXT_ARG(stays)));
        if (stays.state == TEXT_SET && f->field == USER_PRIMARY_TEAM)
            x->leaves_team = (struct text){ 0 };
    }
    return rc;
}

/* The external id of before; one that is not ours by now, as another connector looks after the account, stays. */
static enum rc_code read_gives_back(struct task *t, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 16);
    struct text was = { 0 }, is = t->row.is.external_id;
    json doc;
    t->unlinks = text_is(t->effect.verb, UNDO_UNLINK);
    if (!t->unlinks)
        return RC_OK;
    if (!text_equal(is, t->answer.person.external_id)) {
        t->gives_back = is.state == TEXT_SET ? is : TEXT_NONE;
        return RC_OK;
    }
    if (json_parse_copy(r, t->effect.had.ptr, t->effect.had.len, &doc, err) != RC_OK ||
        json_text(doc, "external_id", "had", &was, err) != RC_OK)
        return rc_context(err, RC_FATAL, "effect %lld", (long long)t->effect.effect_id);
    t->gives_back = was.state == TEXT_SET ? text_copy(&t->arena, was) : TEXT_NONE;
    return RC_OK;
}

static enum rc_code drop(struct carrying *c, struct task *t, struct text why,
                         struct rc_error *err) {
    enum rc_code rc = undo_unpin(c->d, t->effect.user_id, err);
    return rc != RC_OK ? rc : carry_end_effect(c, &t->effect, EFFECT_DROPPED, why, err);
}

static enum rc_code make(struct carrying *c, struct task *t, bool *ret_goes, struct rc_error *err) {
    struct delivery *d = c->d;
    struct text told = { 0 };
    enum rc_code rc = account_of_user(d->st, d->company->company_id, d->p.destination_id,
                                      t->effect.user_id, &t->arena, &t->row, err);
    if (rc == RC_OK)
        rc = deciding_ask(&d->d, &t->row, &t->arena, &t->answer, err);
    if (rc == RC_NOT_FOUND)
        return drop(c, t, TEXT_LIT("the person is no longer known here"), err);
    if (rc != RC_OK)
        return rc;
    struct text stays = undo_account_stays(d, &t->row, &t->answer, &t->planned, &t->arena);
    if (stays.state == TEXT_SET)
        return drop(c, t, stays, err);
    if ((rc = restrict_to_unchanged(d, t, &told, err)) != RC_OK ||
        (rc = read_gives_back(t, err)) != RC_OK)
        return rc;
    if (t->sends.verb == DECIDE_UPDATE && t->sends.fields_n == 0 && !t->unlinks)
        return drop(c, t, told, err);
    t->there = t->row;
    t->effect.answer = told;
    *ret_goes = true;
    return pin_all(d, t, err);
}

enum rc_code undo_task_make(struct carrying *c, const struct effect *e, struct task **ret,
                            struct rc_error *err) {
    struct task *t = mem_zalloc(sizeof *t);
    bool goes = false;
    arena_init(&t->arena);
    t->undoes = true;
    t->policy = &c->d->d.policy;
    t->effect = *e;
    carry_keep_effect(&t->effect, &t->arena);
    enum rc_code rc = carry_read_plan(c->d->st, e, e->plan, &t->arena, &t->planned, err);
    if (rc == RC_OK)
        rc = make(c, t, &goes, err);
    *ret = rc == RC_OK && goes ? t : NULL;
    if (*ret == NULL)
        task_free(t);
    return rc;
}

/* ---- what came back ---- */

/* As if somebody had done it by hand: it stays so until HR agrees. */
static void stick(const struct task *t, struct account *is) {
    if (t->sends.verb == DECIDE_DEACTIVATE) {
        is->left_as = ACCOUNT_ACTIVE;
        is->sticky = ACCOUNT_STAYS_CLOSED;
        is->approved[ACCOUNT_APPROVAL_REOPEN] =
            (struct text){ 0 }; /* what was said before is over */
    } else if (t->sends.verb == DECIDE_REACTIVATE) {
        is->left_as = ACCOUNT_DEACTIVATED;
        is->sticky = ACCOUNT_STAYS_OPEN;
    }
}

void undo_let_go(struct account_row *row, struct text external_id) {
    struct account_row free = account_row_new(0);
    free.account_id = row->account_id;
    free.listed_run_id = row->listed_run_id;
    free.is = row->is;
    free.is.user_id = 0;
    free.is.tie = ACCOUNT_IGNORED;
    free.is.external_id = external_id;
    free.is.email_with_id = (struct text){ 0 };
    free.is.left_as = ACCOUNT_UNKNOWN;
    free.is.sticky = ACCOUNT_FREE;
    free.is.delivered_run_id = 0;
    if (free.is.mail == ACCOUNT_MAIL_PROMISED) /* to whose it was */
        free.is.mail = ACCOUNT_MAIL_BY_HAND;
    memset(free.is.approved, 0, sizeof free.is.approved);
    free.is.declined_n = 0;
    free.is.gone = (struct account_gone){ 0 };
    for (int f = 0; f < USER_FIELDS_N; f++)
        free.is.fields[f].delivered = free.is.fields[f].refused = (struct text){ 0 };
    *row = free;
}

static enum rc_code unpin_refused(struct delivery *d, const struct task *t, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < t->sends.fields_n && i < DESTINATION_FIELDS_MAX && rc == RC_OK; i++)
        if ((t->outcome.refused >> i & 1) != 0)
            rc = pin_drop(d->st, d->company->company_id, d->p.destination_id, t->effect.user_id,
                          pin_name(&t->sends.fields[i], d->arena), d->run->run_id, NULL, err);
    return rc;
}

enum rc_code undo_unpin_failed(struct delivery *d, const struct task *t, struct rc_error *err) {
    if (t->updated || t->reactivated || t->closed)
        return unpin_refused(d, t, err);
    return t->rc == RC_UNSURE ? RC_OK : undo_unpin(d, t->effect.user_id, err);
}

/* All that the other run did for the person, but the mails. */
static enum rc_code note_undone(struct delivery *d, const struct effect *e, struct rc_error *err) {
    const char *answer = arena_printf(d->arena, "undone by run %lld", (long long)d->run->run_id);
    return effect_undone(d->st, d->company->company_id, d->run->other_run_id, e->user_id,
                         e->team_id, answer, clock_now_us(d->clock), err);
}

enum rc_code undo_write_done(struct carrying *c, struct task *t, struct rc_error *err) {
    struct delivery *d = c->d;
    struct account_row *row = &t->there;
    struct text told = t->effect.answer;
    bool closes_all = t->sends.verb == DECIDE_DEACTIVATE && !t->unlinks;
    enum rc_code rc = unpin_refused(d, t, err);
    if (rc != RC_OK)
        return rc;
    carry_keep_what_went_through(t, &row->is);
    bool whole = t->sends.fields_n == t->planned.fields_n || closes_all;
    struct text links = t->sends.links;
    t->sends.links = (struct text){ 0 }; /* it says which account; nothing is linked */
    t->sends.left_as = row->is.left_as;
    t->sends.sticky = row->is.sticky;
    decide_carried_out(&t->sends, t->row.is.user_id, links, d->d.today, &t->arena, &row->is);
    carry_take_shown(t, &row->is);
    stick(t, &row->is);
    t->effect.remote_id = links;
    if (t->unlinks)
        undo_let_go(row, t->gives_back);
    if ((rc = carry_save_row(c, row, err)) != RC_OK ||
        (whole && (rc = note_undone(d, &t->effect, err)) != RC_OK))
        return rc;
    if (told.state != TEXT_SET)
        told = t->outcome.said.state == TEXT_SET ? t->outcome.said
               : t->rc != RC_OK                  ? text_of(t->err.text)
                                                 : told;
    return carry_end_effect(c, &t->effect, EFFECT_DONE, told, err);
}

enum rc_code undo_recount(struct delivery *d, struct rc_error *err) {
    struct run of;
    struct effect_tally t;
    enum rc_code rc =
        run_get(d->st, d->company->company_id, d->run->other_run_id, d->arena, &of, err);
    if (rc != RC_OK || (rc = effect_count(d->st, of.company_id, of.run_id, &t, err)) != RC_OK)
        return rc;
    memcpy(of.counts.classes, t.classes, sizeof t.classes);
    return run_save(d->st, &of, err);
}

/* ---- teams ---- */

enum rc_code undo_team_stays(const struct delivery *d, int64_t team_id, struct text remote_id,
                             struct text shows, struct text old, struct arena *a,
                             struct text *ret) {
    const struct team_row *t = NULL;
    for (size_t i = 0; i < d->d.teams_n; i++)
        if (d->d.teams[i].row.team_id == team_id)
            t = &d->d.teams[i].row;
    if (t == NULL || t->origin == TEAM_NOT_LINKED || t->was_deleted ||
        !text_equal(t->remote_id, remote_id))
        *ret = says(a, "changed since: the team is not linked there any more");
    else if (!text_equal(t->remote_name, shows) && !text_equal(t->remote_name, old))
        *ret = text_of(arena_printf(a, "changed since: the team is called %.*s there",
                                    TEXT_ARG(t->remote_name)));
    else if (old.state != TEXT_SET)
        *ret = says(a, "it is not known how the team was called before");
    return RC_OK;
}

enum rc_code undo_team_begin(struct delivery *d, const struct effect *e, struct text shows,
                             struct text name, struct text *ret_said, struct rc_error *err) {
    enum rc_code rc = undo_team_stays(d, e->team_id, e->remote_id, shows, name, d->arena, ret_said);
    if (rc != RC_OK || ret_said->state == TEXT_SET || (rc = delivery_begin(d, err)) != RC_OK)
        return rc;
    return delivery_ended(
        d, pin(d, e->team_id, TEXT_LIT(PIN_TEAM_NAME), shows, (struct text){ 0 }, err), err);
}

enum rc_code undo_team_done(struct delivery *d, const struct effect *e, struct rc_error *err) {
    return note_undone(d, e, err);
}
