/* From statements to a mapping: which rule is for which field, tables, filters, what is read. */
#include <stdlib.h>
#include <string.h>

#include "people/mapping_assemble_p.h"

static void say(struct mapping_assembly *b, enum mapping_severity severity, const char *code,
                const struct mapping_statement *s, const char *suggestion, const char *sentence) {
    mapping_report(&b->report, severity, code, s->span, suggestion, "%s", sentence);
}

static uint32_t line_of(const struct mapping_assembly *b, const struct mapping_statement *s) {
    return s->is_default ? 0 : mapping_line_of(b->report.source, s->span.at);
}

/* ---- tables ---- */

static int by_name(const void *a, const void *b) {
    return text_compare(((const struct mapping_table *)a)->name,
                        ((const struct mapping_table *)b)->name);
}

static int by_key(const void *a, const void *b) {
    const struct mapping_row *x = a, *y = b;
    int order = text_compare(x->key, y->key);
    return order != 0 ? order : (x->span.at > y->span.at) - (x->span.at < y->span.at);
}

/* Blanks at the ends of a literal matter only where it is joined to others. */
static struct text trimmed(struct arena *a, struct text t) {
    struct text clean = t;
    if (t.state == TEXT_SET)
        (void)text_clean(a, t.ptr, t.len, EMPLOYEE_TEXT_BYTES, &clean, NULL);
    return clean;
}

static void add_table(struct mapping_assembly *b, const struct mapping_statement *s) {
    struct mapping_check *c = &b->check;
    struct mapping_table *t = &c->tables[c->tables_n];
    for (size_t i = 0; i < c->tables_n; i++)
        if (text_equal(c->tables[i].name, s->name)) {
            say(b, MAPPING_ERROR, "duplicate-table", s, NULL, "there is a table of this name");
            return;
        }
    if (c->tables_n == MAPPING_TABLES_MAX) {
        say(b, MAPPING_ERROR, "too-many-tables", s, NULL,
            arena_printf(b->arena, "a mapping has at most %d tables", MAPPING_TABLES_MAX));
        return;
    }
    *t = (struct mapping_table){
        .name = s->name, .rows = s->rows, .span = s->span, .broken = s->broken
    };
    for (size_t i = 0; i < s->rows_n; i++) {
        struct mapping_row row = { trimmed(b->arena, s->rows[i].key),
                                   trimmed(b->arena, s->rows[i].value), s->rows[i].span };
        if (row.key.state == TEXT_EMPTY)
            mapping_report(&b->report, MAPPING_WARNING, "unreachable", row.span, NULL,
                           "an empty value is never looked up");
        if (row.key.state != TEXT_MISSING) /* else it has a finding already */
            t->rows[t->rows_n++] = row;
    }
    qsort(t->rows, t->rows_n, sizeof *t->rows, by_key);
    for (size_t i = 1; i < t->rows_n; i++)
        if (text_equal(t->rows[i].key, t->rows[i - 1].key))
            mapping_report(&b->report, MAPPING_ERROR, "duplicate-key", t->rows[i].span, NULL,
                           "\"%.*s\" stands in this table already, in line %u",
                           TEXT_ARG(mapping_report_quoted(t->rows[i].key)),
                           mapping_line_of(b->report.source, t->rows[i - 1].span.at));
    c->tables_n++;
}

static void collect_tables(struct mapping_assembly *b) {
    b->check.tables = ARENA_NEW(b->arena, struct mapping_table, MAPPING_TABLES_MAX);
    for (size_t i = 0; i < b->syntax.statements_n; i++)
        if (b->syntax.statements[i].kind == STATEMENT_TABLE)
            add_table(b, &b->syntax.statements[i]);
    /* nodes refer to a table by its place */
    if (b->check.tables_n > 0)
        qsort(b->check.tables, b->check.tables_n, sizeof *b->check.tables, by_name);
    b->m->tables = b->check.tables;
    b->m->tables_n = b->check.tables_n;
}

static void look_for_unused_tables(struct mapping_assembly *b) {
    for (size_t i = 0; i < b->check.tables_n; i++)
        if (!b->check.tables[i].used && !b->check.tables[i].broken)
            mapping_report(&b->report, MAPPING_WARNING, "unused-table", b->check.tables[i].span,
                           NULL, "no rule looks anything up in this table");
}

/* ---- rules ---- */

static bool is_required(int f) {
    return f == USER_FIRST_NAME || f == USER_LAST_NAME || f == USER_EMAIL || f == USER_STATUS;
}

static enum mapping_type type_of_target(int f) {
    switch ((enum user_field)f) {
    case USER_PRIMARY_TEAM: return TYPE_GROUP;
    case USER_SECONDARY_TEAMS: return TYPE_LIST;
    case USER_MANAGER: return TYPE_PERSON;
    case USER_HIRE_DATE:
    case USER_LEAVE_DATE: return TYPE_DATE;
    case USER_FIRST_NAME:
    case USER_LAST_NAME:
    case USER_EMAIL:
    case USER_JOB_TITLE:
    case USER_AVATAR:
    case USER_PRIMARY_LOCATION:
    case USER_STATUS:
    case USER_LANGUAGE:
    case USER_EXCLUDED:
    case USER_FIELDS_N: break;
    }
    return TYPE_TEXT;
}

/* -1, and a finding, when there is no such field. */
static int target_of(struct mapping_assembly *b, const struct mapping_statement *s) {
    struct mapping_guess g;
    int f = mapping_field_find(s->name);
    if (f >= 0)
        return f;
    mapping_guess_begin(&g, s->name, &b->report);
    mapping_guess_fields(&g);
    const char *near = mapping_guess_end(&g, b->arena);
    mapping_report(&b->report, MAPPING_ERROR, "unknown-field", s->span,
                   near != NULL        ? near
                   : s->name.len <= 40 ? arena_printf(b->arena, "custom.%.*s", TEXT_ARG(s->name))
                                       : NULL,
                   "the platform's people have no field \"%.*s\"; those of your own are written "
                   "custom.NAME",
                   TEXT_ARG(mapping_report_quoted(s->name)));
    return -1;
}

/* The name of a custom field, cleaned; NULL, and a finding, when it cannot be one. */
static const char *custom_name(struct mapping_assembly *b, const struct mapping_statement *s) {
    struct text key = trimmed(b->arena, s->name);
    if (key.state == TEXT_MISSING) /* it has a finding already */
        return NULL;
    if (key.state != TEXT_SET || key.len > USER_CUSTOM_KEY_BYTES) {
        say(b, MAPPING_ERROR, "bad-text", s, NULL,
            arena_printf(b->arena, "the name of a custom field has 1 to %d bytes",
                         USER_CUSTOM_KEY_BYTES));
        return NULL;
    }
    return arena_printf(b->arena, USER_CUSTOM_PREFIX "%.*s", TEXT_ARG(key));
}

static struct mapping_rule *custom_find(struct mapping_assembly *b, const char *name) {
    for (size_t i = 0; i < b->m->custom_n; i++)
        if (strcmp(b->m->custom[i].name, name) == 0)
            return &b->m->custom[i];
    return NULL;
}

static void say_again(struct mapping_assembly *b, const struct mapping_statement *s,
                      uint32_t line) {
    say(b, MAPPING_ERROR, "duplicate-rule", s, NULL,
        arena_printf(b->arena, "line %u says this already: one of them has to go", line));
}

/* A field or the name of a group as such needs no walk. */
static void choose_how(struct mapping_assembly *b, struct mapping_rule *r, uint32_t root) {
    const struct mapping_node *n = &b->syntax.nodes[root];
    r->root = root;
    r->how = n->op == OP_FIELD || n->op == OP_NAME ? RULE_COPY : RULE_NODES;
    r->field = n->field;
}

/* A language tag: two or three letters, then further parts (RFC 5646, its shape alone). */
bool mapping_is_language(struct text t) {
    size_t part = 0, parts = 0;
    for (size_t i = 0; i <= t.len; i++) {
        char c = i < t.len ? t.ptr[i] : '-';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-') {
            if (part == 0 || part > 8 || (parts == 0 && (part < 2 || part > 3)))
                return false;
            parts++;
            part = 0;
        } else if (letter || (parts > 0 && c >= '0' && c <= '9')) {
            part++;
        } else {
            return false;
        }
    }
    return t.len <= 35;
}

static void add_field_rule(struct mapping_assembly *b, const struct mapping_statement *s) {
    int f = target_of(b, s);
    if (f < 0)
        return;
    struct mapping_rule *r = &b->m->rules[f];
    if (b->rules[f] != NULL) {
        if (!s->is_default)
            say_again(b, s, line_of(b, b->rules[f]));
        return; /* the default gives way */
    }
    b->rules[f] = s;
    r->is_default = s->is_default;
    r->line = line_of(b, s);
    if (s->unmapped) {
        if (is_required(f))
            say(b, MAPPING_ERROR, "required-field", s, NULL,
                "nobody can be brought to the platform without this field");
        return;
    }
    b->check.report = s->is_default ? &b->by_default : &b->report;
    if (mapping_check_value(&b->check, s->root, type_of_target(f)) == TYPE_NONE)
        return;
    if (f == USER_LANGUAGE)
        mapping_check_words(&b->check, s->root, mapping_is_language, "not-a-language",
                            "no language: write en, de, pt-BR or the like");
    choose_how(b, r, s->root);
}

static void add_custom_rule(struct mapping_assembly *b, const struct mapping_statement *s) {
    const char *name = custom_name(b, s);
    struct mapping_rule *r = name != NULL ? custom_find(b, name) : NULL;
    if (name == NULL)
        return;
    if (r != NULL) {
        say_again(b, s, r->line);
        return;
    }
    if (b->m->custom_n == USER_CUSTOM_MAX) {
        say(b, MAPPING_ERROR, "too-many-fields", s, NULL,
            arena_printf(b->arena, "a mapping fills at most %d custom fields", USER_CUSTOM_MAX));
        return;
    }
    r = &b->m->custom[b->m->custom_n++];
    *r = (struct mapping_rule){ .name = name,
                                .key = text_of(name + strlen(USER_CUSTOM_PREFIX)),
                                .empty = MAPPING_EMPTY_CLEARS,
                                .line = line_of(b, s) };
    b->check.report = &b->report;
    if (!s->unmapped && mapping_check_shown(&b->check, s->root) != TYPE_NONE)
        choose_how(b, r, s->root);
}

static void add_rules(struct mapping_assembly *b, bool of_default) {
    for (size_t i = 0; i < b->syntax.statements_n; i++) {
        const struct mapping_statement *s = &b->syntax.statements[i];
        if (s->kind != STATEMENT_RULE || s->is_default != of_default)
            continue;
        if (s->custom)
            add_custom_rule(b, s);
        else
            add_field_rule(b, s);
    }
}

/* ---- what an empty value means ---- */

static void add_empty(struct mapping_assembly *b, const struct mapping_statement *s) {
    const char *name = s->custom ? custom_name(b, s) : NULL;
    int f = s->custom ? -1 : target_of(b, s);
    struct mapping_rule *r = name != NULL ? custom_find(b, name) : f >= 0 ? &b->m->rules[f] : NULL;
    const struct mapping_statement **seen = f >= 0 ? &b->empties[f] : NULL;
    if (name != NULL && r == NULL)
        say(b, MAPPING_ERROR, "unknown-field", s, NULL,
            arena_printf(b->arena, "there is no rule for %s", name));
    if (r == NULL)
        return;
    for (size_t i = 0; seen == NULL && i < b->custom_empties_n; i++)
        if (strcmp(custom_name(b, b->custom_empties[i]), name) == 0)
            seen = &b->custom_empties[i];
    if (seen == NULL)
        seen = &b->custom_empties[b->custom_empties_n++];
    if (*seen != NULL) {
        if (!s->is_default)
            say_again(b, s, line_of(b, *seen));
        return;
    }
    *seen = s;
    r->empty = s->keeps ? MAPPING_EMPTY_KEEPS : MAPPING_EMPTY_CLEARS;
    if (!s->is_default && r->how == RULE_NONE && b->report.findings->errors_n == 0)
        say(b, MAPPING_WARNING, "no-effect", s, NULL, "this field is not filled at all");
}

static void add_empties(struct mapping_assembly *b) {
    b->custom_empties =
        ARENA_NEW(b->arena, const struct mapping_statement *, MAPPING_STATEMENTS_MAX + 1);
    for (int of_default = 0; of_default <= 1; of_default++)
        for (size_t i = 0; i < b->syntax.statements_n; i++) {
            const struct mapping_statement *s = &b->syntax.statements[i];
            if (s->kind == STATEMENT_EMPTY && s->is_default == (of_default != 0))
                add_empty(b, s);
        }
}

/* ---- filters ---- */

static void add_condition(struct mapping_assembly *b, const struct mapping_statement *s) {
    struct mapping_condition *c = &b->m->conditions[b->m->conditions_n];
    enum mapping_truth truth;
    b->check.report = &b->report;
    if (s->because.len > 200)
        say(b, MAPPING_ERROR, "bad-text", s, NULL, "a reason has at most 200 bytes");
    if (mapping_check_condition(&b->check, s->root, &truth) == TYPE_NONE)
        truth = TRUTH_UNKNOWN; /* it has a finding */
    b->may_include = b->may_include || (s->includes && truth != TRUTH_NO);
    if (!s->includes && truth == TRUTH_YES)
        say(b, MAPPING_ERROR, "excludes-everybody", s, NULL,
            "this is so for everybody: nobody would be left");
    else if (truth == TRUTH_YES)
        say(b, MAPPING_WARNING, "constant-condition", s, NULL,
            "this is so for everybody: whatever else is to be included comes anyway");
    else if (truth == TRUTH_NO && !s->includes)
        say(b, MAPPING_WARNING, "constant-condition", s, NULL,
            "this is so for nobody, and changes nothing");
    else if (truth == TRUTH_NO)
        b->never = s;
    *c = (struct mapping_condition){ .includes = s->includes,
                                     .root = s->root,
                                     .line = line_of(b, s),
                                     .because = trimmed(b->arena, s->because) };
    b->m->conditions_n++;
}

static void add_conditions(struct mapping_assembly *b) {
    for (size_t i = 0; i < b->syntax.statements_n; i++) {
        const struct mapping_statement *s = &b->syntax.statements[i];
        if (s->kind != STATEMENT_CONDITION)
            continue;
        add_condition(b, s);
    }
    if (b->never != NULL && !b->may_include)
        say(b, MAPPING_ERROR, "excludes-everybody", b->never, NULL,
            "no include can ever be so: nobody would be left");
    else if (b->never != NULL)
        say(b, MAPPING_WARNING, "constant-condition", b->never, NULL,
            "this is so for nobody, and changes nothing");
}

/* Who is left out is told the rule itself where nobody wrote a reason; of several rules that
 * include it is the first with a reason that speaks for all. */
static void give_reasons(struct mapping_assembly *b) {
    struct text of_includes = TEXT_LIT("no include rule fits");
    for (size_t i = b->m->conditions_n; i-- > 0;)
        if (b->m->conditions[i].includes && b->m->conditions[i].because.state == TEXT_SET)
            of_includes = b->m->conditions[i].because;
    for (size_t i = 0; i < b->m->conditions_n; i++) {
        struct mapping_condition *c = &b->m->conditions[i];
        struct buf printed;
        c->reason = c->includes ? of_includes : c->because;
        if (c->reason.state == TEXT_SET)
            continue;
        buf_init(&printed, 4 * MAPPING_TEXT_BYTES);
        mapping_print_value(b->m, c->root, &printed);
        size_t len = printed.len < 200 ? printed.len : 200;
        while (len < printed.len && ((unsigned char)printed.ptr[len] & 0xc0) == 0x80)
            len--;
        c->reason = trimmed(b->arena, text_from(arena_copy(b->arena, printed.ptr, len), len));
        buf_done(&printed);
    }
}

/* ---- what is read ---- */

static int by_bytes(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* Sorts the keys of the custom attributes that are read, and makes every node refer to them as they
 * are then. A branch that was cut off reads nothing. */
static void order_keys(struct mapping_assembly *b, uint32_t used) {
    struct text sorted[MAPPING_CUSTOM_MAX];
    size_t n = 0;
    for (size_t i = 0; i < b->check.keys_n; i++)
        if ((used & 1u << i) != 0)
            sorted[n++] = b->check.keys[i];
    if (n > 0)
        qsort(sorted, n, sizeof *sorted, by_bytes);
    const char **keys = ARENA_NEW(b->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        keys[i] = arena_str(b->arena, sorted[i].ptr, sorted[i].len);
    for (uint32_t at = 0; at < b->syntax.nodes_n; at++) {
        struct mapping_node *node = &b->syntax.nodes[at];
        for (size_t i = 0; node->op == OP_CUSTOM && i < n; i++)
            if (text_equal(sorted[i], node->text)) {
                node->number = (int32_t)i;
                break;
            }
    }
    b->m->reads.custom = keys;
    b->m->reads.custom_n = n;
}

struct reads {
    uint32_t fields, names, custom;
};

/* named: what is a group below has to give its name. */
static void add_reads(struct mapping *m, uint32_t n, bool named, struct reads *ret) {
    const struct mapping_node *node = &m->nodes[n];
    bool reads_field = node->op == OP_FIELD || node->op == OP_NAME || node->op == OP_ID;
    ret->fields |= reads_field ? 1u << node->field : 0;
    if (node->op == OP_NAME || (node->op == OP_FIELD && node->type == TYPE_GROUP && named))
        ret->names |= 1u << node->field;
    if (node->op == OP_CUSTOM)
        ret->custom |= 1u << node->number;
    if (node->op == OP_TABLE)
        m->tables[node->number].used = true;
    for (uint32_t i = node->first; i != NODE_NONE; i = m->nodes[i].next)
        add_reads(m, i, named || node->op == OP_AS_NAME, ret);
}

static struct mapping_rule *rule_at(struct mapping *m, size_t i) {
    return i < USER_FIELDS_N ? &m->rules[i] : &m->custom[i - USER_FIELDS_N];
}

static struct reads reads_of(struct mapping *m) {
    struct reads all = { 0 };
    for (size_t i = 0; i < USER_FIELDS_N + m->custom_n; i++) {
        struct mapping_rule *r = rule_at(m, i);
        struct reads one = { 0 };
        if (r->how != RULE_NONE)
            add_reads(m, r->root, false, &one);
        r->reads_fields = one.fields;
        r->reads_custom = one.custom;
        all.fields |= one.fields;
        all.names |= one.names;
        all.custom |= one.custom;
    }
    for (size_t i = 0; i < m->conditions_n; i++)
        add_reads(m, m->conditions[i].root, false, &all);
    return all;
}

/* A table that only constants were looked up in is not used any more. */
static void collect_reads(struct mapping_assembly *b) {
    for (size_t i = 0; i < b->m->tables_n; i++)
        b->m->tables[i].used = false;
    order_keys(b, reads_of(b->m).custom);
    struct reads all = reads_of(b->m);
    b->m->reads.fields = all.fields;
    b->m->reads.names = all.names;
}

/* ---- the whole ---- */

static int by_rule_name(const void *a, const void *b) {
    return strcmp(((const struct mapping_rule *)a)->name, ((const struct mapping_rule *)b)->name);
}

const struct mapping *mapping_assemble(struct mapping_assembly *b) {
    struct mapping *m = b->m;
    m->nodes = b->syntax.nodes;
    m->custom = ARENA_NEW(b->arena, struct mapping_rule, USER_CUSTOM_MAX);
    m->conditions = ARENA_NEW(b->arena, struct mapping_condition, b->syntax.statements_n);
    for (int f = 0; f < USER_FIELDS_N; f++) {
        m->rules[f].name = user_field_name((enum user_field)f);
        m->rules[f].empty = MAPPING_EMPTY_CLEARS;
    }
    b->check.syntax = &b->syntax;
    b->check.mapping = m;
    collect_tables(b);
    add_rules(b, false);
    add_rules(b, true);
    add_empties(b);
    add_conditions(b);
    look_for_unused_tables(b);
    m->nodes_n = b->syntax.nodes_n;
    if (b->report.findings->errors_n > 0)
        return NULL;
    if (m->custom_n > 0)
        qsort(m->custom, m->custom_n, sizeof *m->custom, by_rule_name);
    collect_reads(b);
    give_reasons(b);
    m->fingerprint = mapping_print_hash(m);
    return m;
}
