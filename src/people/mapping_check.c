/* Names, types and constants of the nodes of a value. Types are found from the leaves up; where
 * another one is wanted than there is, a group gives its name, and nothing else is converted. What
 * does not depend on a person is computed here, once. */
#include <string.h>

#include "people/mapping_check_p.h"
#include "people/problem.h"

static struct text written_at(const struct mapping_check *c, struct mapping_span span) {
    return text_from(c->report->source.ptr + span.at, span.len);
}

/* Reports, and gives TYPE_NONE. */
enum mapping_type mapping_check_wrong(struct mapping_check *c, uint32_t n, const char *code,
                                      const char *suggestion, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    mapping_vreport(c->report, MAPPING_ERROR, code, mapping_check_node(c, n)->span, suggestion, fmt,
                    args);
    va_end(args);
    return TYPE_NONE;
}

void mapping_check_warn(struct mapping_check *c, uint32_t n, const char *code,
                        const char *sentence) {
    mapping_report(c->report, MAPPING_WARNING, code, mapping_check_node(c, n)->span, NULL, "%s",
                   sentence);
}

/* ---- constants ---- */

/* n becomes a copy of another node and keeps its place among its siblings. */
void mapping_check_become(struct mapping_check *c, uint32_t n, uint32_t other) {
    uint32_t next = mapping_check_node(c, n)->next;
    *mapping_check_node(c, n) = *mapping_check_node(c, other);
    mapping_check_node(c, n)->next = next;
}

void mapping_check_become_truth(struct mapping_check *c, uint32_t n, enum mapping_truth truth) {
    struct mapping_node *node = mapping_check_node(c, n);
    node->op = OP_CONST;
    node->type = TYPE_CONDITION;
    node->number = (int32_t)truth;
    node->children_n = 0;
    node->first = NODE_NONE;
}

/* Nothing below but constants: computed now. */
enum mapping_type mapping_check_fold(struct mapping_check *c, uint32_t n, enum mapping_type type) {
    struct mapping_node *node = mapping_check_node(c, n);
    struct mapping_run run = { .mapping = c->mapping, .arena = c->report->arena };
    struct mapping_value v;
    node->type = (uint8_t)type;
    if (type != TYPE_TEXT && type != TYPE_DATE && type != TYPE_CONDITION)
        return type;
    for (uint32_t i = node->first; i != NODE_NONE; i = mapping_check_node(c, i)->next)
        if (!mapping_check_is_constant(c, i) && mapping_check_node(c, i)->op != OP_NUMBER &&
            mapping_check_node(c, i)->op != OP_TABLE)
            return type;
    mapping_eval(&run, n, &v);
    if (type == TYPE_CONDITION) {
        mapping_check_become_truth(c, n, v.truth);
        return type;
    }
    if (v.text.state == TEXT_MISSING && (run.problems >> PROBLEM_BAD_DATE & 1) != 0)
        return mapping_check_wrong(c, n, "bad-date", NULL,
                                   "this gives no day between the years 1900 and 9999");
    if (v.text.state == TEXT_MISSING ||
        !mapping_lex_clean(c->report->arena, v.text.ptr, v.text.len, &v.text))
        return mapping_check_wrong(c, n, "bad-text", NULL,
                                   "this gives a text of more than %d bytes", EMPLOYEE_TEXT_BYTES);
    node->op = OP_CONST;
    node->children_n = 0;
    node->first = NODE_NONE;
    node->text = v.text;
    if (v.text.state == TEXT_EMPTY)
        node->type = TYPE_NOTHING;
    node->blank_ends =
        v.text.state == TEXT_SET && (v.text.ptr[0] == ' ' || v.text.ptr[v.text.len - 1] == ' ');
    return (enum mapping_type)node->type;
}

/* ---- wanting ---- */

/* A node around n, which takes its place. */
static void wrap(struct mapping_check *c, uint32_t n, enum mapping_op op, enum mapping_type type) {
    uint32_t inner = mapping_node_new(c->syntax, op, mapping_check_node(c, n)->span);
    struct mapping_node *in = mapping_check_node(c, inner), *out = mapping_check_node(c, n);
    uint32_t next = out->next;
    *in = *out;
    in->next = NODE_NONE;
    *out = (struct mapping_node){ .op = (uint8_t)op,
                                  .type = (uint8_t)type,
                                  .children_n = 1,
                                  .first = inner,
                                  .next = next,
                                  .span = in->span };
}

static void make_name(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    if (node->op != OP_FIELD) {
        wrap(c, n, OP_AS_NAME, TYPE_TEXT);
        return;
    }
    node->op = OP_NAME;
    node->type = TYPE_TEXT;
}

/* What to write to get there, if that is one step. */
static const char *remedy(const struct mapping_check *c, uint32_t n, enum mapping_type have,
                          enum mapping_type want) {
    static const struct {
        enum mapping_type have, want;
        const char *front, *back;
    } steps[] = {
        { TYPE_DATE, TYPE_TEXT, "text(", ")" },
        { TYPE_TEXT, TYPE_DATE, "date(", ")" },
        { TYPE_TEXT, TYPE_GROUP, "group(\"unit\", ", ")" },
        { TYPE_TEXT, TYPE_LIST, "[group(\"unit\", ", ")]" },
        { TYPE_PERSON, TYPE_TEXT, "", ".id" },
        { TYPE_TEXT, TYPE_CONDITION, "", " == \"yes\"" },
        { TYPE_GROUP, TYPE_CONDITION, "is_set(", ")" },
        { TYPE_DATE, TYPE_CONDITION, "is_set(", ")" },
        { TYPE_CONDITION, TYPE_TEXT, "if ", " then \"yes\" else \"no\"" },
    };
    struct text t = written_at(c, mapping_check_node(c, n)->span);
    if (t.len > 60 || memchr(t.ptr, '\n', t.len) != NULL ||
        mapping_check_node(c, n)->op == OP_CONST)
        return NULL;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].have == have && steps[i].want == want)
            return arena_printf(c->report->arena, "%s%.*s%s", steps[i].front, TEXT_ARG(t),
                                steps[i].back);
    return NULL;
}

/* Gives n the type wanted, or says why not. */
enum mapping_type mapping_check_want(struct mapping_check *c, uint32_t n, enum mapping_type have,
                                     enum mapping_type want) {
    if (have == TYPE_NONE || have == want)
        return have;
    if (have == TYPE_NOTHING && want != TYPE_CONDITION && want != TYPE_NUMBER)
        return want;
    if (have == TYPE_GROUP && want == TYPE_TEXT) {
        make_name(c, n);
        return want;
    }
    if (have == TYPE_GROUP && want == TYPE_LIST) {
        wrap(c, n, OP_LIST, TYPE_LIST);
        return want;
    }
    return mapping_check_wrong(c, n, "wrong-type", remedy(c, n, have, want),
                               "this is %s, and %s is wanted here", mapping_type_name(have),
                               mapping_type_name(want));
}

enum mapping_type mapping_check_as(struct mapping_check *c, uint32_t n, enum mapping_type want) {
    return mapping_check_want(c, n, mapping_check_any(c, n), want);
}

/* ---- several values of one type ---- */

static enum mapping_type of_both(enum mapping_type a, enum mapping_type b) {
    if (a == b || b == TYPE_NOTHING)
        return a;
    if (a == TYPE_NOTHING)
        return b;
    if ((a == TYPE_GROUP && b == TYPE_TEXT) || (a == TYPE_TEXT && b == TYPE_GROUP))
        return TYPE_TEXT;
    if ((a == TYPE_GROUP && b == TYPE_LIST) || (a == TYPE_LIST && b == TYPE_GROUP))
        return TYPE_LIST;
    return TYPE_NONE;
}

void mapping_check_kin(struct mapping_check *c, struct mapping_kin *k, uint32_t n) {
    enum mapping_type have = mapping_check_any(c, n), both;
    if (have == TYPE_CONDITION || have == TYPE_NUMBER)
        have =
            mapping_check_wrong(c, n, "wrong-type", remedy(c, n, have, TYPE_TEXT),
                                "this is %s, and a value is wanted here", mapping_type_name(have));
    if (k->compares && (have == TYPE_PERSON || have == TYPE_LIST))
        have = mapping_check_wrong(c, n, "wrong-type", remedy(c, n, have, TYPE_TEXT),
                                   "%s cannot be compared: compare texts or dates",
                                   mapping_type_name(have));
    if (!k->begun) {
        k->begun = true;
        k->type = have;
        return;
    }
    if (k->type == TYPE_NONE || have == TYPE_NONE) {
        k->type = TYPE_NONE;
        return;
    }
    both = of_both(k->type, have);
    if (both == TYPE_NONE)
        mapping_check_wrong(c, n, "wrong-type", remedy(c, n, have, k->type),
                            "this is %s, and what stands before it is %s: both have to be the same",
                            mapping_type_name(have), mapping_type_name(k->type));
    k->type = both;
}

/* ---- all there is ---- */

enum mapping_type mapping_check_any(struct mapping_check *c, uint32_t n) {
    switch ((enum mapping_op)mapping_check_node(c, n)->op) {
    case OP_CONST:
    case OP_NUMBER: return (enum mapping_type)mapping_check_node(c, n)->type;
    case OP_WORD: return mapping_check_word(c, n);
    case OP_CALL: return mapping_check_call(c, n);
    case OP_LIST: return mapping_check_list(c, n);
    case OP_SUM: return mapping_check_sum(c, n);
    case OP_ELSE: return mapping_check_else(c, n);
    case OP_IF: return mapping_check_if(c, n);
    case OP_AND:
    case OP_OR: return mapping_check_logic(c, n);
    case OP_NOT: return mapping_check_not(c, n);
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: return mapping_check_comparison(c, n);
    case OP_IN: return mapping_check_in(c, n);
    case OP_TABLE: /* what follows is made here, and looked at once */
    case OP_FIELD:
    case OP_NAME:
    case OP_ID:
    case OP_SOURCE_ID:
    case OP_CUSTOM:
    case OP_AS_NAME: break;
    }
    return (enum mapping_type)mapping_check_node(c, n)->type;
}

/* ---- whole values ---- */

enum mapping_type mapping_check_value(struct mapping_check *c, uint32_t n, enum mapping_type want) {
    return mapping_check_as(c, n, want);
}

enum mapping_type mapping_check_shown(struct mapping_check *c, uint32_t n) {
    enum mapping_type have = mapping_check_any(c, n);
    return have == TYPE_DATE ? have : mapping_check_want(c, n, have, TYPE_TEXT);
}

enum mapping_type mapping_check_condition(struct mapping_check *c, uint32_t n,
                                          enum mapping_truth *ret_truth) {
    enum mapping_type type = mapping_check_as(c, n, TYPE_CONDITION);
    *ret_truth = type == TYPE_CONDITION && mapping_check_is_constant(c, n)
                     ? (enum mapping_truth)mapping_check_node(c, n)->number
                     : TRUTH_UNKNOWN;
    return type;
}

static void check_row_words(struct mapping_check *c, const struct mapping_table *t,
                            bool (*fits)(struct text), const char *code, const char *what) {
    for (size_t i = 0; i < t->rows_n; i++)
        if (t->rows[i].value.state == TEXT_SET && !fits(t->rows[i].value))
            mapping_report(c->report, MAPPING_ERROR, code, t->rows[i].span, NULL, "\"%.*s\" is %s",
                           TEXT_ARG(mapping_report_quoted(t->rows[i].value)), what);
}

void mapping_check_words(struct mapping_check *c, uint32_t n, bool (*fits)(struct text),
                         const char *code, const char *what) {
    const struct mapping_node *node = mapping_check_node(c, n);
    bool is_lookup =
        node->op == OP_CALL && node->children_n == 2 &&
        mapping_check_node(c, mapping_check_node(c, node->first)->next)->op == OP_TABLE;
    if (node->op == OP_CONST && node->text.state == TEXT_SET && !fits(node->text))
        mapping_check_wrong(c, n, code, NULL, "\"%.*s\" is %s",
                            TEXT_ARG(mapping_report_quoted(node->text)), what);
    if (is_lookup)
        check_row_words(
            c, &c->tables[mapping_check_node(c, mapping_check_node(c, node->first)->next)->number],
            fits, code, what);
    if (node->op != OP_ELSE && node->op != OP_IF)
        return;
    uint32_t at = 0;
    for (uint32_t i = node->first; i != NODE_NONE; i = mapping_check_node(c, i)->next, at++)
        if (node->op == OP_ELSE || at % 2 == 1 || at + 1 == node->children_n)
            mapping_check_words(c, i, fits, code, what);
}
