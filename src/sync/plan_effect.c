/* What is planned of one account: the classes in which the guard counts it, and the effect that is kept of it. */
#include <stdio.h>
#include <string.h>
#include "people/stored_account.h"
#include "store/version.h"
#include "sync/plan_p.h"
#include "sync/undo.h"

enum { CLASSES_BYTES = 400 };

/* ---- classes ---- */

enum change_class plan_class_of(const struct decide_field *f) {
    static const enum change_class classes[USER_FIELDS_N] = {
        [USER_FIRST_NAME] = CHANGE_NAME,   [USER_LAST_NAME] = CHANGE_NAME,
        [USER_EMAIL] = CHANGE_EMAIL,       [USER_JOB_TITLE] = CHANGE_OTHER,
        [USER_AVATAR] = CHANGE_OTHER,      [USER_PRIMARY_LOCATION] = CHANGE_LOCATION,
        [USER_PRIMARY_TEAM] = CHANGE_TEAM, [USER_MANAGER] = CHANGE_MANAGER,
        [USER_HIRE_DATE] = CHANGE_OTHER,   [USER_LEAVE_DATE] = CHANGE_LEAVE_DATE,
        [USER_STATUS] = CHANGE_OTHER,      [USER_SECONDARY_TEAMS] = CHANGE_TEAM,
        [USER_LANGUAGE] = CHANGE_OTHER,    [USER_EXCLUDED] = CHANGE_OTHER,
    };
    if (f->from.state == TEXT_SET && f->to.state != TEXT_SET)
        return CHANGE_CLEARED;
    return f->field < USER_FIELDS_N ? classes[f->field] : CHANGE_OTHER;
}

static uint32_t classes_of(const struct deciding_answer *answer, const struct decision *x) {
    uint32_t bits = 0;
    switch (x->verb) {
    case DECIDE_CREATE: return 1u << CHANGE_JOINS | (x->mails ? 1u << CHANGE_INVITATIONS : 0);
    case DECIDE_ADOPT:
        bits = 1u << CHANGE_ADOPTIONS;
        if (!text_is(text_of(x->code), DECIDE_LINKED_BY_HAND)) /* else: whatever it showed before */
            return bits;
        break;
    case DECIDE_INVITE: bits = 1u << CHANGE_INVITATIONS; break;
    case DECIDE_DEACTIVATE:
        return lifecycle_is_gone(answer->person.lifecycle) ? 1u << CHANGE_LEAVERS
                                                           : 1u << CHANGE_EXCLUDED;
    case DECIDE_REACTIVATE:
    case DECIDE_UPDATE:
    case DECIDE_NOTHING:
    case DECIDE_VERBS_N: break;
    }
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].does != DECIDE_FIELD_STAYS)
            bits |= 1u << plan_class_of(&x->fields[i]);
    return bits;
}

/* Of an account that this run makes or takes over: its own half has counted that. */
static bool is_second_half(enum effect_pass pass, const struct decision *whole) {
    return pass == EFFECT_REFERENCES &&
           (whole->verb == DECIDE_CREATE ||
            (whole->verb == DECIDE_ADOPT && !text_is(text_of(whole->code), DECIDE_LINKED_BY_HAND)));
}

struct text plan_class_names(struct arena *a, uint32_t bits, uint32_t approved) {
    char names[CLASSES_BYTES] = "";
    size_t len = 0;
    for (int c = 0; c < CHANGE_CLASSES_N; c++)
        if ((bits & 1u << c) != 0)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s%s", len > 0 ? " " : "",
                                    (approved & 1u << c) != 0 ? "*" : "",
                                    change_class_name((enum change_class)c));
    return text_copy(a, text_from(names, len));
}

/* ---- effects ---- */

static void add_text(struct buf *b, struct text t, const char *behind) {
    buf_append(b, t.ptr, t.len);
    buf_str(b, behind);
}

void plan_add_digest(struct plan *p, const struct effect *e, const struct decision *x) {
    struct buf b;
    uint8_t one[SECRET_DIGEST_BYTES];
    uint64_t sum[2], add[2];
    buf_init(&b, STORED_DECISION_BYTES);
    buf_printf(&b, "%d/%lld/%lld/", (int)e->pass, (long long)e->account_id, (long long)e->team_id);
    add_text(&b, e->verb, "/");
    if (x == NULL)
        add_text(&b, e->plan, "");
    for (size_t i = 0; x != NULL && i < x->fields_n; i++)
        if (x->fields[i].does != DECIDE_FIELD_STAYS) {
            add_text(&b, x->fields[i].name, "=");
            add_text(&b, x->fields[i].to, "/");
        }
    if (x != NULL) {
        buf_char(&b, x->mails ? '1' : '0');
        buf_char(&b, x->reactivates ? '1' : '0');
        add_text(&b, x->links, "/");
        add_text(&b, x->leaves_team, "");
    }
    secret_digest(p->key, b.ptr, b.len, one);
    memcpy(sum, p->digest, sizeof sum);
    memcpy(add, one, sizeof add);
    sum[0] += add[0];
    sum[1] += add[1];
    memcpy(p->digest, sum, sizeof sum);
    buf_done(&b);
}

struct effect *plan_next_effect(struct plan *p) {
    if (p->kept_n == p->kept_cap) {
        p->kept_cap = p->kept_cap ? 2 * p->kept_cap : 256;
        p->kept = mem_realloc(p->kept, p->kept_cap * sizeof *p->kept);
    }
    p->kept[p->kept_n] = (struct effect){ .run_id = p->run_id,
                                          .effect_id = ++p->effects,
                                          .state = EFFECT_PLANNED,
                                          .at_us = clock_now_us(p->clock) };
    return &p->kept[p->kept_n++];
}

/* What a person has approved, with the import that brought it, does not count again. */
static enum rc_code count_classes(struct plan *p, const struct deciding_answer *answer,
                                  uint32_t bits, uint32_t *ret_approved, struct rc_error *err) {
    const struct person *row = &answer->person.row;
    enum rc_code rc = RC_OK;
    if (p->asked.user_id != row->user_id || p->asked.run_id != row->run_id)
        rc = version_approved_classes(p->d->st, p->d->company->company_id, row->run_id,
                                      row->user_id, &p->asked.approved, err);
    if (rc == RC_OK) { /* the second effect of somebody asks the same */
        p->asked.user_id = row->user_id;
        p->asked.run_id = row->run_id;
    }
    *ret_approved = p->asked.approved;
    for (int c = 0; c < CHANGE_CLASSES_N && rc == RC_OK; c++)
        if ((bits & 1u << c) != 0)
            ((*ret_approved & 1u << c) != 0 ? p->approved : p->classes)[c]++;
    return rc;
}

/* Else nobody knows it any more if the process dies with the call. */
static struct text takes_away(struct plan *p, const struct account_row *row,
                              const struct deciding_answer *answer, const struct decision *x) {
    const struct account *other =
        answer->refs.held_by != NULL ? answer->refs.held_by : answer->refs.twin;
    bool is_other = other != NULL && text_equal(x->links, other->remote_id);
    if (x->verb != DECIDE_ADOPT && x->verb != DECIDE_DEACTIVATE)
        return (struct text){ 0 };
    return undo_takes_away(x->verb, is_other ? other : &row->is, p->keeps);
}

enum rc_code plan_add_effect(struct plan *p, enum effect_pass pass, const struct account_row *row,
                             const struct deciding_answer *answer, const struct decision *x,
                             struct rc_error *err) {
    uint32_t bits = is_second_half(pass, &answer->decision) ? 0 : classes_of(answer, x), approved;
    struct buf b;
    enum rc_code rc = count_classes(p, answer, bits, &approved, err);
    if (rc != RC_OK)
        return rc;
    struct effect *e = plan_next_effect(p);
    buf_init(&b, STORED_DECISION_BYTES);
    stored_decision_write(x, &b);
    e->pass = pass;
    e->account_id = row->account_id;
    e->user_id = row->is.user_id;
    e->verb = text_of(decide_verb_name(x->verb));
    e->code = text_of(x->code);
    e->sentence = text_copy(p->keeps, x->sentence);
    e->plan = text_copy(p->keeps, text_from(b.ptr, b.len));
    e->classes = plan_class_names(p->keeps, bits, approved);
    e->had = takes_away(p, row, answer, x);
    buf_done(&b);
    plan_add_digest(p, e, x);
    for (size_t i = 0; i < x->fields_n; i++)
        if (x->fields[i].does != DECIDE_FIELD_STAYS)
            p->fields[x->fields[i].field]++;
    return RC_OK;
}
