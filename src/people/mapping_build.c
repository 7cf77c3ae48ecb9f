/* From one employee to a user, by a mapping. */
#include <string.h>

#include "people/mapping_p.h"
#include "people/problem.h"

static void note(struct mapping_run *r, enum problem p, bool is_so) {
    r->problems |= is_so ? (uint64_t)1 << p : 0;
}

/* ---- one field ---- */

/* An address that is none is as good as missing: what is known stays, and the person has a
 * problem. So does one that came and could not be used at all. */
static struct text stated_email(struct mapping_run *r, const struct mapping_rule *rule,
                                struct text t) {
    const struct employee *e = r->employee;
    bool bad = (e->bad & rule->reads_fields) != 0 || (e->bad_custom & rule->reads_custom) != 0;
    if (t.state == TEXT_SET && text_email_check(t, NULL) != RC_OK) {
        bad = true;
        t = (struct text){ 0 };
    }
    note(r, PROBLEM_BAD_EMAIL, bad);
    note(r, PROBLEM_NO_EMAIL, !bad && t.state != TEXT_SET);
    return text_fold_ascii(r->arena, t);
}

static struct text stated_teams(struct mapping_run *r, const struct mapping_value *v) {
    struct text keys[MAPPING_LIST_MAX], all = { 0 };
    if (v->text.state != TEXT_SET)
        return v->text;
    for (uint32_t i = 0; i < v->items_n; i++)
        keys[i] = user_team_key(r->arena, v->items[i].kind, v->items[i].id, v->items[i].text);
    if (user_teams_join(r->arena, keys, v->items_n, &all) != RC_OK)
        note(r, PROBLEM_BAD_VALUE, true);
    return all;
}

/* What the rule says, before what is known and the rule for empty values. */
static struct text stated(struct mapping_run *r, const struct mapping_rule *rule,
                          enum user_field f) {
    struct mapping_value v;
    if (rule->how == RULE_COPY) {
        const struct employee_value *from = &r->employee->fields[rule->field];
        v.text = from->text;
        if (f == USER_PRIMARY_TEAM) {
            v.id = from->id;
            v.kind = employee_field_name((enum employee_field)rule->field);
        }
        if (r->trace != NULL)
            mapping_trace_read(r, &r->mapping->nodes[rule->root],
                               from->text.state == TEXT_MISSING ? from->id : from->text);
    } else {
        mapping_eval(r, rule->root, &v);
        mapping_value_clean(r, &v);
    }
    switch (f) {
    case USER_PRIMARY_TEAM: return user_team_key(r->arena, v.kind, v.id, v.text);
    case USER_SECONDARY_TEAMS: return stated_teams(r, &v);
    case USER_EMAIL: return stated_email(r, rule, v.text);
    case USER_FIRST_NAME: note(r, PROBLEM_NO_FIRST_NAME, v.text.state != TEXT_SET); break;
    case USER_LAST_NAME: note(r, PROBLEM_NO_LAST_NAME, v.text.state != TEXT_SET); break;
    case USER_STATUS:
        note(r, PROBLEM_UNKNOWN_STATUS, employment_status_parse(v.text) == EMPLOYMENT_UNKNOWN);
        break;
    case USER_LANGUAGE:
        if (v.text.state == TEXT_SET && !mapping_is_language(v.text)) {
            note(r, PROBLEM_BAD_VALUE, true);
            return (struct text){ 0 };
        }
        break;
    case USER_JOB_TITLE:
    case USER_AVATAR:
    case USER_PRIMARY_LOCATION:
    case USER_MANAGER:
    case USER_HIRE_DATE:
    case USER_LEAVE_DATE:
    case USER_EXCLUDED:
    case USER_FIELDS_N: break; /* and custom fields */
    }
    return v.text;
}

static struct text kept_or(struct mapping_run *r, struct text t, const struct mapping_rule *rule,
                           struct text known, enum mapping_why *ret_why) {
    bool keeps =
        t.state == TEXT_MISSING || (t.state == TEXT_EMPTY && rule->empty == MAPPING_EMPTY_KEEPS);
    *ret_why = t.state == TEXT_SET       ? MAPPING_SETS
               : t.state == TEXT_MISSING ? MAPPING_KEEPS_MISSING
               : keeps                   ? MAPPING_KEEPS_EMPTY
                                         : MAPPING_CLEARS;
    r->keeps |= keeps;
    return keeps && known.state != TEXT_MISSING ? known : t;
}

static struct text build_field(struct mapping_run *r, const struct mapping_rule *rule,
                               enum user_field f, struct text known) {
    enum mapping_why why;
    if (rule->how == RULE_NONE)
        return (struct text){ 0 };
    if (r->trace != NULL)
        mapping_trace_begin(r, rule->name, rule->root, rule->line);
    struct text t = kept_or(r, stated(r, rule, f), rule, known, &why);
    if (r->trace != NULL)
        mapping_trace_end(r, t, why);
    return t;
}

/* ---- the rest of the user ---- */

/* Who is in a team in the first place is not in it beside that too. */
static struct text without(struct mapping_run *r, struct text teams, struct text primary) {
    struct text keys[MAPPING_LIST_MAX], one;
    size_t n = 0, cursor = 0, all = 0;
    if (primary.state != TEXT_SET)
        return teams;
    for (; all < MAPPING_LIST_MAX && user_teams_next(teams, &cursor, &one); all++)
        if (!text_equal(one, primary))
            keys[n++] = one;
    if (n < all && user_teams_join(r->arena, keys, n, &teams) != RC_OK)
        rc_die("mapping: fewer teams are longer than all of them");
    return teams;
}

static void build_custom(struct mapping_run *r, const struct user *known, struct user *ret) {
    const struct mapping *m = r->mapping;
    ret->custom = NULL;
    ret->custom_n = 0;
    if (m->custom_n == 0)
        return;
    struct user_custom *list = arena_alloc(r->arena, m->custom_n * sizeof *list);
    size_t at = 0; /* both are in the order of their names */
    for (size_t i = 0; i < m->custom_n; i++) {
        const char *name = m->custom[i].name;
        struct text before = known != NULL && m->custom[i].how != RULE_NONE
                                 ? user_custom_next(known, name, &at)
                                 : (struct text){ 0 };
        struct text t = build_field(r, &m->custom[i], USER_FIELDS_N, before);
        if (t.state != TEXT_MISSING)
            list[ret->custom_n++] = (struct user_custom){ name, t };
    }
    ret->custom = list;
}

/* Out: an exclude is so, or there are includes and none of them is. What cannot be told leaves a
 * person where they are, unless another rule leaves them out for sure. */
static enum mapping_filter decide_filter(struct mapping_run *r, struct text *ret_reason) {
    const struct mapping *m = r->mapping;
    const struct mapping_condition *includes = NULL, *excludes = NULL;
    enum mapping_truth included = TRUTH_NO;
    bool unknown = false;
    for (size_t i = 0; i < m->conditions_n; i++) {
        const struct mapping_condition *c = &m->conditions[i];
        struct mapping_value v;
        if (r->trace != NULL)
            mapping_trace_begin(r, c->includes ? "include" : "exclude", c->root, c->line);
        mapping_eval(r, c->root, &v);
        if (r->trace != NULL)
            mapping_trace_end(r, !c->includes && v.truth == TRUTH_YES ? c->reason : TEXT_NONE,
                              v.truth == TRUTH_UNKNOWN                ? MAPPING_CANNOT_TELL
                              : (v.truth == TRUTH_YES) == c->includes ? MAPPING_LETS_IN
                                                                      : MAPPING_LEAVES_OUT);
        if (c->includes) {
            includes = c;
            if (v.truth == TRUTH_YES || included == TRUTH_NO)
                included = v.truth;
        } else if (v.truth == TRUTH_YES) {
            excludes = excludes == NULL ? c : excludes;
        } else {
            unknown = unknown || v.truth == TRUTH_UNKNOWN;
        }
    }
    if (excludes == NULL && includes != NULL && included == TRUTH_NO)
        excludes = includes;
    if (excludes != NULL) {
        *ret_reason = excludes->reason;
        return MAPPING_EXCLUDED;
    }
    return unknown || (includes != NULL && included == TRUTH_UNKNOWN) ? MAPPING_FILTER_UNKNOWN
                                                                      : MAPPING_IN;
}

void mapping_build_run(struct mapping_run *r, const struct user *known, struct user *ret,
                       struct mapping_outcome *ret_outcome) {
    const struct mapping *m = r->mapping;
    static const struct text none;
    struct text *fields = ret->fields, reason = { 0 };
    enum mapping_filter filter = MAPPING_IN;
    for (int i = 0; i < USER_EXCLUDED; i++) {
        enum user_field f = (enum user_field)i;
        fields[f] = build_field(r, &m->rules[f], f, known != NULL ? known->fields[f] : none);
    }
    if (fields[USER_SECONDARY_TEAMS].state == TEXT_SET)
        fields[USER_SECONDARY_TEAMS] =
            without(r, fields[USER_SECONDARY_TEAMS], fields[USER_PRIMARY_TEAM]);
    build_custom(r, known, ret);
    if (m->conditions_n > 0)
        filter = decide_filter(r, &reason);
    r->keeps |= filter == MAPPING_FILTER_UNKNOWN;
    if (filter == MAPPING_FILTER_UNKNOWN && known != NULL)
        reason = known->fields[USER_EXCLUDED];
    note(r, PROBLEM_FILTER_UNKNOWN, filter == MAPPING_FILTER_UNKNOWN);
    fields[USER_EXCLUDED] = reason;
    if (ret_outcome != NULL)
        *ret_outcome = (struct mapping_outcome){ r->problems, filter, r->keeps };
}

void mapping_build(const struct mapping *m, const struct employee *e, const struct user *known,
                   struct arena *a, struct user *ret, struct mapping_outcome *ret_outcome) {
    struct mapping_run r = { .mapping = m, .employee = e, .arena = a };
    mapping_build_run(&r, known, ret, ret_outcome);
}

/* ---- what is known ---- */

/* A stored department has an id and no name: the name lives on the team. */
static bool is_missing(const struct employee_value *v) {
    return v->text.state == TEXT_MISSING && v->id.state == TEXT_MISSING;
}

static struct text custom_of(const struct employee *e, struct text key) {
    for (size_t i = 0; i < e->custom_n; i++)
        if (text_equal(e->custom[i].key, key))
            return e->custom[i].value;
    return (struct text){ 0 };
}

bool mapping_keep_known(const struct mapping *m, struct employee *e, const struct employee *known) {
    bool filled = false;
    for (uint32_t left = m->reads.fields; left != 0; left &= left - 1) {
        int f = __builtin_ctz(left);
        if (is_missing(&e->fields[f]) && !is_missing(&known->fields[f])) {
            e->fields[f] = known->fields[f];
            filled = true;
        }
    }
    for (size_t i = 0; i < e->custom_n; i++) {
        struct employee_custom *c = &e->custom[i];
        struct text then =
            c->value.state == TEXT_MISSING ? custom_of(known, c->key) : (struct text){ 0 };
        if (then.state != TEXT_MISSING) {
            c->value = then;
            filled = true;
        }
    }
    return filled;
}

bool mapping_vanished(const struct mapping *m, enum user_field f, const struct employee *e,
                      const struct employee *known) {
    const struct mapping_rule *r = &m->rules[f];
    for (uint32_t left = r->reads_fields & ~e->bad; left != 0; left &= left - 1) {
        const struct employee_value *then = &known->fields[__builtin_ctz(left)];
        if (is_missing(&e->fields[__builtin_ctz(left)]) &&
            (then->text.state == TEXT_SET || then->id.state == TEXT_SET))
            return true;
    }
    for (uint32_t left = r->reads_custom & ~e->bad_custom; left != 0; left &= left - 1) {
        struct text key = text_of(m->reads.custom[__builtin_ctz(left)]);
        if (custom_of(e, key).state == TEXT_MISSING && custom_of(known, key).state == TEXT_SET)
            return true;
    }
    return false;
}

/* ---- teams ---- */

static size_t add_team(struct arena *a, const struct mapping_value *v, size_t n,
                       struct mapping_team *ret) {
    if (mapping_value_state(v) != TEXT_SET)
        return n;
    struct text key = user_team_key(a, v->kind, v->id, v->text);
    for (size_t i = 0; i < n; i++)
        if (text_equal(ret[i].key, key))
            return n;
    ret[n] = (struct mapping_team){ key, text_of(v->kind), v->id, v->text };
    return n + 1;
}

size_t mapping_teams(const struct mapping *m, const struct employee *e, struct arena *a,
                     struct mapping_team ret[MAPPING_TEAMS_MAX]) {
    struct mapping_run r = { .mapping = m, .employee = e, .arena = a };
    const struct mapping_rule *primary = &m->rules[USER_PRIMARY_TEAM],
                              *others = &m->rules[USER_SECONDARY_TEAMS];
    struct mapping_value v;
    size_t n = 0;
    if (primary->how != RULE_NONE) {
        mapping_eval(&r, primary->root, &v);
        n = add_team(a, &v, n, ret);
    }
    if (others->how != RULE_NONE) {
        mapping_eval(&r, others->root, &v);
        for (uint32_t i = 0; v.text.state == TEXT_SET && i < v.items_n; i++)
            n = add_team(a, &v.items[i], n, ret);
    }
    return n;
}
