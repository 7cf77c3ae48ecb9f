/* What undoing holds, as decide() takes it. Missing is no other value, nor is being absent from a list. */
#include <string.h>
#include "sync/deciding_p.h"

enum rc_code deciding_pins(struct deciding *d, struct rc_error *err) {
    return pin_list(d->st, d->company->company_id, d->platform->destination_id, 0, &d->arena,
                    &d->pins, &d->pins_n, err);
}

const struct pin *deciding_pins_of(const struct deciding *d, int64_t subject_id, size_t *ret_n) {
    size_t from = 0, to = d->pins_n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (d->pins[mid].subject_id < subject_id)
            from = mid + 1;
        else
            to = mid;
    }
    for (*ret_n = 0; from + *ret_n < d->pins_n;)
        if (d->pins[from + *ret_n].subject_id == subject_id)
            ++*ret_n;
        else
            break;
    return d->pins + from;
}

/* As decide() compares it: the field that shows the leave date has no other source. */
static struct text stated(const struct deciding *d, const struct deciding_person *p,
                          const struct decide_pin *pin) {
    const struct user *u = &p->user;
    if (pin->field < USER_FIELDS_N)
        return u->fields[pin->field];
    for (size_t i = 0; i < u->custom_n; i++)
        if (text_is(pin->name, u->custom[i].name + strlen(USER_CUSTOM_PREFIX)))
            return u->custom[i].value;
    if (!text_equal(pin->name, d->policy.leave_date_field))
        return (struct text){ 0 };
    bool rehired = p->facts.leave_on != DATE_NONE && p->facts.hire_on > p->facts.leave_on;
    return rehired ? TEXT_NONE : u->fields[USER_LEAVE_DATE];
}

static bool field_of_pin(const struct pin *pin, struct decide_pin *ret) {
    size_t prefix = strlen(USER_CUSTOM_PREFIX);
    *ret = (struct decide_pin){ USER_FIELDS_N, pin->field, pin->value, pin->run_id };
    if (pin->field.len > prefix && memcmp(pin->field.ptr, USER_CUSTOM_PREFIX, prefix) == 0) {
        ret->name = text_from(pin->field.ptr + prefix, pin->field.len - prefix);
        return true;
    }
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (text_is(pin->field, user_field_name((enum user_field)f)))
            ret->field = (enum user_field)f;
    return ret->field < USER_FIELDS_N;
}

static uint32_t causes_of(const struct deciding *d, const struct deciding_person *p) {
    const struct policy_gone g = { .facts = &p->facts,
                                   .lifecycle = p->lifecycle,
                                   .is_excluded = deciding_is_excluded(p) };
    uint32_t bits = 0;
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        if (policy_cause_holds((enum policy_cause)c, &g, d->today))
            bits |= 1u << c;
    if (lifecycle_rule_is_past_end(
            p->lifecycle_rule)) /* what an end date closed stays closed in these days */
        bits |= 1u << POLICY_END_DATE;
    return bits;
}

struct text deciding_causes(const struct deciding *d, const struct deciding_answer *x,
                            struct arena *a) {
    uint32_t bits = causes_of(d, &x->person);
    const char *all = "";
    for (int c = 0; c < POLICY_CAUSES_N; c++)
        if ((bits & 1u << c) != 0)
            all = arena_printf(a, "%s%s%s", all, *all != '\0' ? "," : "",
                               policy_cause_name((enum policy_cause)c));
    return text_of(all);
}

static bool names(struct text list, const char *name) {
    for (size_t from = 0, to; from <= list.len; from = to + 1) {
        for (to = from; to < list.len && list.ptr[to] != ',';)
            to++;
        if (text_is(text_from(list.ptr + from, to - from), name))
            return true;
    }
    return false;
}

/* By what HR itself states, and did not when the account was opened. That it knows somebody no more is no
 * statement, nor is a filter of ours; nor that somebody is inactive whose end date was what was undone: HR systems
 * make people so by themselves when the day has come, also where the date was wrong. */
static uint32_t spared_by(const struct pin *pin) {
    if (pin->undone.state != TEXT_SET || names(pin->undone, policy_cause_name(POLICY_END_DATE)))
        return 0;
    return 1u << POLICY_END_DATE |
           (names(pin->undone, policy_cause_name(POLICY_STATUS)) ? 0 : 1u << POLICY_STATUS);
}

bool deciding_email_pin(const struct deciding *d, int64_t user_id, struct decide_pin *ret) {
    size_t n = 0;
    const struct pin *pins = deciding_pins_of(d, user_id, &n);
    for (size_t i = 0; i < n; i++)
        if (text_is(pins[i].field, user_field_name(USER_EMAIL)))
            return field_of_pin(&pins[i], ret);
    return false;
}

void deciding_gather_pins(struct deciding *d, const struct account_row *row, struct arena *a,
                          struct deciding_answer *ret) {
    const struct deciding_person *p = &ret->person;
    struct decide_refs *refs = &ret->refs;
    size_t n = 0;
    const struct pin *pins = deciding_pins_of(d, row->is.user_id, &n);
    struct decide_pin *fields = ARENA_NEW(a, struct decide_pin, n + 1);
    bool gone = p->lifecycle == LIFECYCLE_LEFT || deciding_is_excluded(p);
    bool works = !lifecycle_is_gone(p->lifecycle) && !deciding_is_excluded(p) &&
                 !lifecycle_rule_is_past_end(p->lifecycle_rule);
    ret->ended = ARENA_NEW(a, const struct pin *, n + 1);
    refs->pins = fields;
    for (size_t i = 0; i < n; i++) {
        bool ends = false;
        if (text_is(pins[i].field, PIN_ACCOUNT)) {
            bool closed = text_is(pins[i].value, PIN_CLOSED);
            uint32_t spares = closed ? 0 : spared_by(&pins[i]);
            ends = closed ? gone || account_is_approved(&row->is, ACCOUNT_APPROVAL_REOPEN,
                                                        row->is.remote_id)
                          : works || (row->is.status == ACCOUNT_DEACTIVATED &&
                                      (causes_of(d, p) & spares) != 0);
            if (!ends) {
                refs->account_pin_spares = spares;
                refs->account_pin = closed ? DECIDE_ACCOUNT_CLOSED : DECIDE_ACCOUNT_OPEN;
                refs->account_pin_run_id = pins[i].run_id;
            }
        } else if (field_of_pin(&pins[i], &fields[refs->pins_n])) {
            struct text now = stated(d, p, &fields[refs->pins_n]);
            ends = now.state != TEXT_MISSING && !text_equal(now, pins[i].value) &&
                   (now.state == TEXT_SET || pins[i].value.state == TEXT_SET);
            refs->pins_n += !ends;
        }
        if (ends)
            ret->ended[ret->ended_n++] = &pins[i];
    }
}
