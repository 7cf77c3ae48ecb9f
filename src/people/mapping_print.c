/* Back to text, in one form: every rule, those of the default too, in the order of the fields;
 * tables and constants in the order of their bytes. Parsing it gives an equal mapping. The
 * fingerprint is that of this text. */
#include <string.h>

#include "people/mapping_p.h"

/* How tightly an operator binds: what binds less than its surroundings stands in brackets. */
enum {
    BINDS_LEAST,
    BINDS_OR,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON,
    BINDS_ELSE,
    BINDS_SUM,
    BINDS_MOST
};

static int binds(const struct mapping_node *n) {
    switch ((enum mapping_op)n->op) {
    case OP_OR: return BINDS_OR;
    case OP_AND: return BINDS_AND;
    case OP_NOT: return BINDS_NOT;
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
    case OP_IN: return BINDS_COMPARISON;
    case OP_ELSE: return BINDS_ELSE;
    case OP_SUM: return BINDS_SUM;
    case OP_IF: return BINDS_LEAST; /* its last value takes whatever follows */
    case OP_CONST:
    case OP_NUMBER:
    case OP_TABLE:
    case OP_WORD:
    case OP_FIELD:
    case OP_NAME:
    case OP_ID:
    case OP_SOURCE_ID:
    case OP_CUSTOM:
    case OP_AS_NAME:
    case OP_LIST:
    case OP_CALL: break;
    }
    return BINDS_MOST;
}

static void print(const struct mapping *m, uint32_t n, int at_least, struct buf *ret);

static void print_literal(struct text t, struct buf *ret) {
    buf_char(ret, '"');
    for (size_t i = 0; t.state == TEXT_SET && i < t.len; i++) {
        if (t.ptr[i] == '"' || t.ptr[i] == '\\')
            buf_char(ret, '\\');
        buf_char(ret, t.ptr[i]);
    }
    buf_char(ret, '"');
}

static void print_between(const struct mapping *m, const struct mapping_node *n,
                          const char *between, int at_least, struct buf *ret) {
    for (uint32_t i = n->first; i != NODE_NONE; i = m->nodes[i].next) {
        if (i != n->first)
            buf_str(ret, between);
        print(m, i, at_least, ret);
    }
}

/* ---- values to choose from ---- */

static bool is_condition_of_if(const struct mapping_node *n, uint32_t at) {
    return n->op == OP_IF && at % 2 == 0 && at + 1 < n->children_n;
}

static bool is_name(const struct mapping_node *n) {
    return n->op == OP_NAME || n->op == OP_AS_NAME;
}

/* The name of a group is written like the group; what it stands beside says which is meant. Where
 * that says nothing, as all the others are names too or nothing, the names are written out: the
 * first group that is set is not always the first name that is. */
static bool is_text_by_itself(const struct mapping *m, const struct mapping_node *n) {
    uint32_t at = 0;
    bool text = false;
    if (n->op == OP_CONST)
        return n->text.state == TEXT_SET;
    if (n->op != OP_ELSE && n->op != OP_IF)
        return !is_name(n);
    for (uint32_t i = n->first; i != NODE_NONE; i = m->nodes[i].next, at++)
        text = text || (!is_condition_of_if(n, at) &&
                        (is_name(&m->nodes[i]) || is_text_by_itself(m, &m->nodes[i])));
    return text && n->type == TYPE_TEXT;
}

static bool needs_names(const struct mapping *m, const struct mapping_node *n) {
    uint32_t at = 0;
    bool text = false;
    for (uint32_t i = n->first; i != NODE_NONE; i = m->nodes[i].next, at++)
        text = text || (!is_condition_of_if(n, at) && is_text_by_itself(m, &m->nodes[i]));
    return n->type == TYPE_TEXT && !text;
}

static void print_choice(const struct mapping *m, uint32_t i, bool names, int at_least,
                         struct buf *ret) {
    const struct mapping_node *n = &m->nodes[i];
    if (!names || !is_name(n)) {
        print(m, i, at_least, ret);
    } else if (n->op == OP_NAME) {
        print(m, i, at_least, ret);
        buf_str(ret, ".name");
    } else {
        buf_str(ret, "text(");
        print(m, n->first, BINDS_LEAST, ret);
        buf_char(ret, ')');
    }
}

static void print_else(const struct mapping *m, const struct mapping_node *n, struct buf *ret) {
    bool names = needs_names(m, n);
    for (uint32_t i = n->first; i != NODE_NONE; i = m->nodes[i].next) {
        if (i != n->first)
            buf_str(ret, " ?? ");
        print_choice(m, i, names, BINDS_SUM, ret);
    }
}

static void print_if(const struct mapping *m, const struct mapping_node *n, struct buf *ret) {
    bool names = needs_names(m, n);
    uint32_t i = n->first;
    while (m->nodes[i].next != NODE_NONE) {
        buf_str(ret, "if ");
        print(m, i, BINDS_OR, ret);
        buf_str(ret, " then ");
        i = m->nodes[i].next;
        print_choice(m, i, names, BINDS_LEAST, ret);
        buf_str(ret, " else ");
        i = m->nodes[i].next;
    }
    print_choice(m, i, names, BINDS_LEAST, ret);
}

static void print_comparison(const struct mapping *m, const struct mapping_node *n,
                             struct buf *ret) {
    static const char *const marks[] = {
        [OP_EQUAL] = " == ",      [OP_UNEQUAL] = " != ", [OP_LESS] = " < ",
        [OP_LESS_EQUAL] = " <= ", [OP_GREATER] = " > ",  [OP_GREATER_EQUAL] = " >= ",
    };
    print_between(m, n, marks[n->op], BINDS_ELSE, ret);
}

static void print_in(const struct mapping *m, const struct mapping_node *n, struct buf *ret) {
    print(m, n->first, BINDS_ELSE, ret);
    buf_str(ret, " in [");
    for (uint32_t i = m->nodes[n->first].next, first = i; i != NODE_NONE; i = m->nodes[i].next) {
        if (i != first)
            buf_str(ret, ", ");
        print(m, i, BINDS_OR, ret);
    }
    buf_char(ret, ']');
}

static void print_constant(const struct mapping_node *n, struct buf *ret) {
    if (n->type == TYPE_CONDITION) /* a filter that says the same of everybody */
        buf_str(ret, n->number == TRUTH_YES ? "\"\" == \"\"" : "\"\" != \"\"");
    else if (n->type == TYPE_DATE && n->text.state == TEXT_SET)
        buf_append(ret, n->text.ptr, n->text.len);
    else
        print_literal(n->text, ret);
}

static void print_node(const struct mapping *m, const struct mapping_node *n, struct buf *ret) {
    switch ((enum mapping_op)n->op) {
    case OP_CONST: print_constant(n, ret); return;
    case OP_NUMBER: buf_printf(ret, "%d", n->number); return;
    case OP_TABLE: buf_printf(ret, "%.*s", TEXT_ARG(m->tables[n->number].name)); return;
    case OP_WORD: buf_printf(ret, "%.*s", TEXT_ARG(n->text)); return;
    case OP_FIELD:
    case OP_NAME: buf_str(ret, employee_field_name((enum employee_field)n->field)); return;
    case OP_ID:
        buf_printf(ret, "%s.id", employee_field_name((enum employee_field)n->field));
        return;
    case OP_SOURCE_ID: buf_str(ret, "id"); return;
    case OP_CUSTOM:
        buf_str(ret, "custom(");
        print_literal(n->text, ret);
        buf_char(ret, ')');
        return;
    case OP_AS_NAME: print(m, n->first, BINDS_LEAST, ret); return;
    case OP_LIST:
        buf_char(ret, '[');
        print_between(m, n, ", ", BINDS_LEAST, ret);
        buf_char(ret, ']');
        return;
    case OP_ELSE: print_else(m, n, ret); return;
    case OP_SUM: print_between(m, n, " + ", BINDS_MOST, ret); return;
    case OP_IF: print_if(m, n, ret); return;
    case OP_AND: print_between(m, n, " and ", BINDS_NOT, ret); return;
    case OP_OR: print_between(m, n, " or ", BINDS_AND, ret); return;
    case OP_NOT:
        buf_str(ret, "not ");
        print(m, n->first, BINDS_NOT, ret);
        return;
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: print_comparison(m, n, ret); return;
    case OP_IN: print_in(m, n, ret); return;
    case OP_CALL:
        buf_printf(ret, "%s(", mapping_function_at(n->field)->name);
        print_between(m, n, ", ", BINDS_LEAST, ret);
        buf_char(ret, ')');
        return;
    }
}

/* Past the step from a group to its name, which is not written. */
static const struct mapping_node *shown(const struct mapping *m, uint32_t n) {
    while (m->nodes[n].op == OP_AS_NAME)
        n = m->nodes[n].first;
    return &m->nodes[n];
}

static void print(const struct mapping *m, uint32_t n, int at_least, struct buf *ret) {
    bool brackets = binds(shown(m, n)) < at_least;
    if (brackets)
        buf_char(ret, '(');
    print_node(m, shown(m, n), ret);
    if (brackets)
        buf_char(ret, ')');
}

void mapping_print_value(const struct mapping *m, uint32_t node, struct buf *ret) {
    print(m, node, BINDS_LEAST, ret);
}

/* ---- statements ---- */

static bool keeps_by_default(enum user_field f) {
    return f == USER_FIRST_NAME || f == USER_LAST_NAME || f == USER_EMAIL || f == USER_STATUS;
}

static bool is_filled_by_default(enum user_field f) {
    return (int)f < (int)USER_FIELDS_FIRST_N;
}

/* custom.badge, or custom."Cost code" where the key is not one word. */
static void print_name(const struct mapping_rule *r, struct buf *ret) {
    bool word = r->key.len > 0;
    for (size_t i = 0; i < r->key.len; i++) {
        char c = r->key.ptr[i];
        word = word && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_');
    }
    if (r->key.state != TEXT_SET) {
        buf_str(ret, r->name);
        return;
    }
    buf_str(ret, USER_CUSTOM_PREFIX);
    if (word)
        buf_append(ret, r->key.ptr, r->key.len);
    else
        print_literal(r->key, ret);
}

static void print_rule(const struct mapping *m, const struct mapping_rule *r, bool filled,
                       bool keeps, struct buf *ret) {
    if (r->how != RULE_NONE || filled) {
        print_name(r, ret);
        buf_str(ret, " = ");
        if (r->how == RULE_NONE)
            buf_str(ret, "unmapped");
        else
            mapping_print_value(m, r->root, ret);
        buf_char(ret, '\n');
    }
    if (r->how == RULE_NONE || (r->empty == MAPPING_EMPTY_KEEPS) == keeps)
        return;
    buf_str(ret, "empty ");
    print_name(r, ret);
    buf_str(ret, r->empty == MAPPING_EMPTY_KEEPS ? " = keep\n" : " = clear\n");
}

void mapping_print_table(const struct mapping_table *t, struct buf *ret) {
    buf_printf(ret, "table %.*s {", TEXT_ARG(t->name));
    for (size_t i = 0; i < t->rows_n; i++) {
        buf_str(ret, i == 0 ? "\n    " : ",\n    ");
        print_literal(t->rows[i].key, ret);
        buf_str(ret, " = ");
        print_literal(t->rows[i].value, ret);
    }
    buf_str(ret, t->rows_n > 0 ? "\n}\n" : "}\n");
}

void mapping_print(const struct mapping *m, struct buf *ret) {
    for (int i = 0; i < USER_FIELDS_N; i++) {
        enum user_field f = (enum user_field)i;
        if (f != USER_EXCLUDED)
            print_rule(m, &m->rules[f], is_filled_by_default(f), keeps_by_default(f), ret);
    }
    for (size_t i = 0; i < m->custom_n; i++)
        print_rule(m, &m->custom[i], false, false, ret);
    for (size_t i = 0; i < m->conditions_n; i++) {
        const struct mapping_condition *c = &m->conditions[i];
        buf_str(ret, c->includes ? "include when " : "exclude when ");
        mapping_print_value(m, c->root, ret);
        if (c->because.state == TEXT_SET) {
            buf_str(ret, " because ");
            print_literal(c->because, ret);
        }
        buf_char(ret, '\n');
    }
    for (size_t i = 0; i < m->tables_n; i++)
        if (m->tables[i].used)
            mapping_print_table(&m->tables[i], ret);
}

/* ---- fingerprint ---- */

/* What a mapping means beyond its text, such as a function that gives something else than before:
 * when that changes, so does this number. */
enum { MEANING = 1 };

/* FNV-1a, and the last step of MurmurHash3, so that every bit of the text moves every bit of the
 * hash. */
static uint64_t hash_of(const char *bytes, size_t len) {
    uint64_t h = UINT64_C(0xcbf29ce484222325) + MEANING;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* Mappings from before there was a language: directories were digested with these numbers, and
 * nobody's must change. */
static const struct {
    uint64_t hash, fingerprint;
} firsts[] = {
    { UINT64_C(0xa8efbd4275ec5260), (uint64_t)1 << 32 | EMPLOYEE_DEPARTMENT },
    { UINT64_C(0x6cb03ac9af3a806c), (uint64_t)1 << 32 | EMPLOYEE_TEAM },
};

uint64_t mapping_print_hash(const struct mapping *m) {
    struct buf printed;
    buf_init(&printed, 16 * MAPPING_TEXT_BYTES); /* a text grows by brackets and defaults */
    mapping_print(m, &printed);
    if (printed.full)
        rc_die("mapping: more than %zu bytes when printed", printed.max_bytes);
    uint64_t hash = hash_of(printed.ptr, printed.len);
    buf_done(&printed);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        if (firsts[i].hash == hash)
            return firsts[i].fingerprint;
    return hash;
}
