/* Names, types and constants of the nodes of a value. Types are found from the leaves up; where
 * another one is wanted than there is, a group gives its name, and nothing else is converted. What
 * does not depend on a person is computed here, once. */
#include <string.h>

#include "people/mapping_p.h"
#include "people/problem.h"

static struct mapping_node *node_at(const struct mapping_check *c, uint32_t n) {
    return &c->syntax->nodes[n];
}

static struct text written_at(const struct mapping_check *c, struct mapping_span span) {
    return text_from(c->report->source.ptr + span.at, span.len);
}

/* Reports, and gives TYPE_NONE. */
static enum mapping_type wrong(struct mapping_check *c, uint32_t n, const char *code,
                               const char *suggestion, const char *fmt, ...) RC_PRINTF(5, 6);
static enum mapping_type wrong(struct mapping_check *c, uint32_t n, const char *code,
                               const char *suggestion, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    mapping_vreport(c->report, MAPPING_ERROR, code, node_at(c, n)->span, suggestion, fmt, args);
    va_end(args);
    return TYPE_NONE;
}

static void warn(struct mapping_check *c, uint32_t n, const char *code, const char *sentence) {
    mapping_report(c->report, MAPPING_WARNING, code, node_at(c, n)->span, NULL, "%s", sentence);
}

static enum mapping_type check(struct mapping_check *c, uint32_t n);

/* ---- constants ---- */

static bool is_constant(const struct mapping_check *c, uint32_t n) {
    return node_at(c, n)->op == OP_CONST;
}

/* n becomes a copy of another node and keeps its place among its siblings. */
static void become(struct mapping_check *c, uint32_t n, uint32_t other) {
    uint32_t next = node_at(c, n)->next;
    *node_at(c, n) = *node_at(c, other);
    node_at(c, n)->next = next;
}

static void become_truth(struct mapping_check *c, uint32_t n, enum mapping_truth truth) {
    struct mapping_node *node = node_at(c, n);
    node->op = OP_CONST;
    node->type = TYPE_CONDITION;
    node->number = (int32_t)truth;
    node->children_n = 0;
    node->first = NODE_NONE;
}

/* Nothing below but constants: computed now. */
static enum mapping_type fold(struct mapping_check *c, uint32_t n, enum mapping_type type) {
    struct mapping_node *node = node_at(c, n);
    struct mapping_run run = { .mapping = c->mapping, .arena = c->report->arena };
    struct mapping_value v;
    node->type = (uint8_t)type;
    if (type != TYPE_TEXT && type != TYPE_DATE && type != TYPE_CONDITION)
        return type;
    for (uint32_t i = node->first; i != NODE_NONE; i = node_at(c, i)->next)
        if (!is_constant(c, i) && node_at(c, i)->op != OP_NUMBER && node_at(c, i)->op != OP_TABLE)
            return type;
    mapping_eval(&run, n, &v);
    if (type == TYPE_CONDITION) {
        become_truth(c, n, v.truth);
        return type;
    }
    if (v.text.state == TEXT_MISSING && (run.problems >> PROBLEM_BAD_DATE & 1) != 0)
        return wrong(c, n, "bad-date", NULL, "this gives no day between the years 1900 and 9999");
    if (v.text.state == TEXT_MISSING)
        return wrong(c, n, "bad-text", NULL, "this gives a text of more than %d bytes",
                     EMPLOYEE_TEXT_BYTES);
    node->op = OP_CONST;
    node->children_n = 0;
    node->first = NODE_NONE;
    node->text = v.text;
    node->blank_ends =
        v.text.state == TEXT_SET && (v.text.ptr[0] == ' ' || v.text.ptr[v.text.len - 1] == ' ');
    return type;
}

/* ---- wanting ---- */

/* A node around n, which takes its place. */
static void wrap(struct mapping_check *c, uint32_t n, enum mapping_op op, enum mapping_type type) {
    uint32_t inner = mapping_node_new(c->syntax, op, node_at(c, n)->span);
    struct mapping_node *in = node_at(c, inner), *out = node_at(c, n);
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
    struct mapping_node *node = node_at(c, n);
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
    struct text t = written_at(c, node_at(c, n)->span);
    if (t.len > 60 || memchr(t.ptr, '\n', t.len) != NULL || node_at(c, n)->op == OP_CONST)
        return NULL;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].have == have && steps[i].want == want)
            return arena_printf(c->report->arena, "%s%.*s%s", steps[i].front, TEXT_ARG(t),
                                steps[i].back);
    return NULL;
}

/* Gives n the type wanted, or says why not. */
static enum mapping_type want_type(struct mapping_check *c, uint32_t n, enum mapping_type have,
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
    return wrong(c, n, "wrong-type", remedy(c, n, have, want), "this is %s, and %s is wanted here",
                 mapping_type_name(have), mapping_type_name(want));
}

static enum mapping_type check_as(struct mapping_check *c, uint32_t n, enum mapping_type want) {
    return want_type(c, n, check(c, n), want);
}

/* ---- several values of one type ---- */

struct kin {
    enum mapping_type type; /* TYPE_NONE once something below has an error */
    bool begun;
    bool compares; /* what has no order and no text does not fit */
};

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

static void join_kin(struct mapping_check *c, struct kin *k, uint32_t n) {
    enum mapping_type have = check(c, n), both;
    if (have == TYPE_CONDITION || have == TYPE_NUMBER)
        have = wrong(c, n, "wrong-type", remedy(c, n, have, TYPE_TEXT),
                     "this is %s, and a value is wanted here", mapping_type_name(have));
    if (k->compares && (have == TYPE_PERSON || have == TYPE_LIST))
        have = wrong(c, n, "wrong-type", remedy(c, n, have, TYPE_TEXT),
                     "%s cannot be compared: compare texts or dates", mapping_type_name(have));
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
        wrong(c, n, "wrong-type", remedy(c, n, have, k->type),
              "this is %s, and what stands before it is %s: both have to be the same",
              mapping_type_name(have), mapping_type_name(k->type));
    k->type = both;
}

/* ---- names ---- */

static enum mapping_type type_of_field(enum employee_field f) {
    switch (employee_field_kind(f)) {
    case EMPLOYEE_KIND_TEXT:
    case EMPLOYEE_KIND_STATUS: return TYPE_TEXT;
    case EMPLOYEE_KIND_DATE: return TYPE_DATE;
    case EMPLOYEE_KIND_GROUP: return TYPE_GROUP;
    case EMPLOYEE_KIND_PERSON: return TYPE_PERSON;
    }
    return TYPE_NONE;
}

static enum mapping_type unknown_attribute(struct mapping_check *c, uint32_t n) {
    struct mapping_guess g;
    struct text name = node_at(c, n)->text;
    const char *alias = mapping_alias(name);
    mapping_guess_begin(&g, name);
    mapping_guess_attributes(&g);
    const char *near = mapping_guess_end(&g, c->report->arena);
    if (mapping_function_find(name) >= 0 || text_is(name, "custom"))
        near = arena_printf(c->report->arena, "%.*s(...)", TEXT_ARG(name));
    return wrong(c, n, "unknown-attribute", alias != NULL ? alias : near,
                 "HR's people have no attribute \"%.*s\" here; those of your own are written "
                 "custom(\"KEY\")",
                 name.len > 60 ? 60 : (int)name.len, name.ptr);
}

static enum mapping_type check_word(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    int f = mapping_attribute_find(node->text);
    if (f < 0)
        return unknown_attribute(c, n);
    enum mapping_type type =
        f == EMPLOYEE_FIELDS_N ? TYPE_TEXT : type_of_field((enum employee_field)f);
    uint32_t part = node->first;
    node->op = f == EMPLOYEE_FIELDS_N ? OP_SOURCE_ID : OP_FIELD;
    node->field = (uint8_t)f;
    if (part != NODE_NONE) {
        struct text word = node_at(c, part)->text;
        bool name = text_is(word, "name") && type == TYPE_GROUP;
        bool id = text_is(word, "id") && (type == TYPE_GROUP || type == TYPE_PERSON);
        if (!name && !id)
            return wrong(c, part, "unknown-attribute",
                         type == TYPE_GROUP    ? "name"
                         : type == TYPE_PERSON ? "id"
                                               : NULL,
                         "%s has %s", mapping_type_name(type),
                         type == TYPE_GROUP    ? "name and id"
                         : type == TYPE_PERSON ? "only an id"
                                               : "no parts");
        node->op = name ? OP_NAME : OP_ID;
        node->children_n = 0;
        node->first = NODE_NONE;
        type = TYPE_TEXT;
    }
    node->type = (uint8_t)type;
    return type;
}

/* A key that the source does not have now: the nearest one, or the one whose label was written. */
static const char *guess_key(struct mapping_check *c, struct text written) {
    struct mapping_guess g;
    const struct mapping_catalogue *all = c->catalogue;
    mapping_guess_begin(&g, written);
    for (size_t i = 0; i < all->n; i++)
        mapping_guess_offer(&g, all->list[i].key);
    unsigned by_key = g.slips;
    struct text best = g.best;
    for (size_t i = 0; i < all->n; i++) {
        mapping_guess_offer(&g, all->list[i].label);
        if (g.slips < by_key) {
            by_key = g.slips;
            best = all->list[i].key;
        }
    }
    g.best = best;
    return mapping_guess_end(&g, c->report->arena);
}

static bool is_in_catalogue(const struct mapping_catalogue *all, struct text key) {
    for (size_t i = 0; all != NULL && i < all->n; i++)
        if (text_equal(all->list[i].key, key))
            return true;
    return all == NULL;
}

static enum mapping_type check_custom(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    uint32_t arg = node->first;
    size_t i = 0;
    if (node->children_n != 1 || node_at(c, arg)->op != OP_CONST ||
        node_at(c, arg)->type != TYPE_TEXT)
        return wrong(c, n, "wrong-count", NULL,
                     "custom takes one key as HR has it: custom(\"dynamic_1234\")");
    struct text key = node_at(c, arg)->text;
    if (key.len > USER_CUSTOM_KEY_BYTES || node_at(c, arg)->blank_ends)
        return wrong(c, arg, "bad-text", NULL,
                     "a key has at most %d bytes and no blanks at its ends", USER_CUSTOM_KEY_BYTES);
    if (!is_in_catalogue(c->catalogue, key))
        return wrong(c, arg, "unknown-key", guess_key(c, key),
                     "HR lets us read no attribute with the key \"%.*s\"", TEXT_ARG(key));
    while (i < c->keys_n && !text_equal(c->keys[i], key))
        i++;
    if (i == MAPPING_CUSTOM_MAX)
        return wrong(c, n, "too-many-attributes", NULL,
                     "a mapping reads at most %d attributes by their keys", MAPPING_CUSTOM_MAX);
    if (i == c->keys_n)
        c->keys[c->keys_n++] = key;
    node->op = OP_CUSTOM;
    node->text = key;
    node->number = (int32_t)i;
    node->children_n = 0;
    node->first = NODE_NONE;
    node->type = TYPE_TEXT;
    return TYPE_TEXT;
}

/* ---- calls ---- */

static enum mapping_type check_table(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    struct mapping_guess g;
    if (node->op != OP_WORD || node->children_n != 0)
        return wrong(c, n, "wrong-type", NULL,
                     "the name of a table is wanted here: lookup(office, languages)");
    mapping_guess_begin(&g, node->text);
    for (size_t i = 0; i < c->tables_n; i++) {
        mapping_guess_offer(&g, c->tables[i].name);
        if (!text_equal(c->tables[i].name, node->text))
            continue;
        node->op = OP_TABLE;
        node->number = (int32_t)i;
        node->type = TYPE_TABLE;
        c->tables[i].used = true;
        if (c->tables[i].rows_n == 0)
            warn(c, n, "empty-table", "the table has no rows, so that this is always empty");
        return TYPE_TABLE;
    }
    return wrong(c, n, "unknown-table", mapping_guess_end(&g, c->report->arena),
                 "there is no table \"%.*s\": write table %.*s { ... }", TEXT_ARG(node->text),
                 TEXT_ARG(node->text));
}

/* The first argument of group(): what kind of group, as a word. */
static enum mapping_type check_kind(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    struct text t = node->text;
    bool good = node->op == OP_CONST && node->type == TYPE_TEXT && t.len <= 40;
    for (size_t i = 0; good && i < t.len; i++)
        good = (t.ptr[i] >= 'a' && t.ptr[i] <= 'z') || (t.ptr[i] >= '0' && t.ptr[i] <= '9') ||
               t.ptr[i] == '-' || t.ptr[i] == '_';
    if (!good)
        return wrong(c, n, "wrong-type", "\"unit\"",
                     "the kind of a group is a word in quotation marks, of small letters, digits, "
                     "- and _");
    if (mapping_attribute_find(t) >= 0)
        return wrong(c, n, "wrong-type", "\"unit\"",
                     "\"%.*s\" is a kind of HR's own: give this one another name", TEXT_ARG(t));
    node->text = text_copy(c->report->arena, t); /* ends with NUL */
    return TYPE_TEXT;
}

static enum mapping_type check_number(struct mapping_check *c, uint32_t n,
                                      const struct mapping_function *f) {
    const struct mapping_node *node = node_at(c, n);
    if (node->op != OP_NUMBER)
        return wrong(c, n, "wrong-type", NULL, "a number as such is wanted here: %s", f->usage);
    if (f->result == TYPE_TEXT && node->number == 0)
        return wrong(c, n, "bad-number", "1", "counting begins with 1");
    if (f->result == TYPE_TEXT && f->most == 2 && node->number < 0)
        return wrong(c, n, "bad-number", NULL, "how many characters: a number from 1");
    return TYPE_NUMBER;
}

static enum mapping_type check_argument(struct mapping_check *c, uint32_t n,
                                        const struct mapping_function *f, unsigned i) {
    enum mapping_type have;
    unsigned at = i < 3 ? i : 2;
    while (at > 0 && f->args[at] == 0)
        at--;
    switch (f->args[at]) {
    case ARG_TEXT: return check_as(c, n, TYPE_TEXT);
    case ARG_DATE: return check_as(c, n, TYPE_DATE);
    case ARG_NUMBER: return check_number(c, n, f);
    case ARG_TABLE: return check_table(c, n);
    case ARG_KIND: return check_kind(c, n);
    case ARG_ANY:
        have = check(c, n);
        if (have == TYPE_CONDITION || have == TYPE_NUMBER)
            return wrong(c, n, "wrong-type", NULL, "this is %s, and a value is wanted here",
                         mapping_type_name(have));
        return have;
    }
    return TYPE_NONE;
}

static enum mapping_type check_call(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    int at = mapping_function_find(node->text);
    if (text_is(node->text, "custom"))
        return check_custom(c, n);
    if (at < 0) {
        struct mapping_guess g;
        const char *alias = mapping_alias(node->text);
        mapping_guess_begin(&g, node->text);
        mapping_guess_functions(&g);
        const char *near = mapping_guess_end(&g, c->report->arena);
        mapping_report(c->report, MAPPING_ERROR, "unknown-function",
                       (struct mapping_span){ node->span.at, (uint32_t)node->text.len },
                       alias != NULL ? alias : near, "there is no function \"%.*s\"",
                       node->text.len > 60 ? 60 : (int)node->text.len, node->text.ptr);
        return TYPE_NONE;
    }
    const struct mapping_function *f = mapping_function_at((unsigned)at);
    if (node->children_n < f->least || node->children_n > f->most)
        return wrong(c, n, "wrong-count", f->usage, "%s takes %u%s%s, and here are %u", f->name,
                     f->least,
                     f->most == f->least                ? ""
                     : f->most == MAPPING_ARGUMENTS_MAX ? " or more"
                                                        : " to more",
                     f->least == 1 && f->most == 1 ? " argument" : " arguments", node->children_n);
    bool good = true;
    unsigned i = 0;
    for (uint32_t arg = node->first; arg != NODE_NONE; arg = node_at(c, arg)->next)
        good = check_argument(c, arg, f, i++) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    node->op = OP_CALL;
    node->field = (uint8_t)at;
    return fold(c, n, f->result);
}

/* ---- operators ---- */

static enum mapping_type check_list(struct mapping_check *c, uint32_t n) {
    bool good = true;
    if (node_at(c, n)->children_n > MAPPING_LIST_MAX)
        return wrong(c, n, "wrong-count", NULL, "a list has at most %d groups", MAPPING_LIST_MAX);
    for (uint32_t i = node_at(c, n)->first; i != NODE_NONE; i = node_at(c, i)->next)
        good = check_as(c, i, TYPE_GROUP) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    node_at(c, n)->type = TYPE_LIST;
    return TYPE_LIST;
}

/* A sum within a sum is one sum: blanks at the ends of its parts count, those at its own do not. */
static void flatten(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    for (uint32_t i = node->first, before = NODE_NONE; i != NODE_NONE;
         before = i, i = node_at(c, i)->next) {
        struct mapping_node *inner = node_at(c, i);
        if (inner->op != OP_SUM)
            continue;
        uint32_t first = inner->first, last = first, next = inner->next;
        while (node_at(c, last)->next != NODE_NONE)
            last = node_at(c, last)->next;
        node->children_n += inner->children_n - 1;
        node_at(c, last)->next = next;
        *(before == NODE_NONE ? &node->first : &node_at(c, before)->next) = first;
        i = last;
    }
}

static enum mapping_type check_sum(struct mapping_check *c, uint32_t n) {
    bool good = true;
    for (uint32_t i = node_at(c, n)->first; i != NODE_NONE; i = node_at(c, i)->next)
        good = check_as(c, i, TYPE_TEXT) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    flatten(c, n);
    return fold(c, n, TYPE_TEXT);
}

/* Has a value whatever HR sends. */
static bool is_always_set(const struct mapping_check *c, uint32_t n) {
    const struct mapping_node *node = node_at(c, n);
    if (node->op == OP_CONST)
        return node->text.state == TEXT_SET;
    return node->op == OP_SOURCE_ID;
}

static enum mapping_type check_else(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    struct kin kin = { 0 };
    for (uint32_t i = node->first; i != NODE_NONE; i = node_at(c, i)->next)
        join_kin(c, &kin, i);
    for (uint32_t i = node->first; i != NODE_NONE && kin.type != TYPE_NONE; i = node_at(c, i)->next)
        want_type(c, i, (enum mapping_type)node_at(c, i)->type, kin.type);
    if (kin.type == TYPE_NONE)
        return TYPE_NONE;
    node->type = (uint8_t)kin.type;
    uint32_t kept = 1;
    for (uint32_t i = node->first; node_at(c, i)->next != NODE_NONE;
         i = node_at(c, i)->next, kept++)
        if (is_always_set(c, i)) {
            warn(c, node_at(c, i)->next, "unreachable",
                 "this is never used: what stands before ?? always has a value");
            node_at(c, i)->next = NODE_NONE;
            node->children_n = kept;
            break;
        }
    if (node->children_n == 1)
        become(c, n, node->first);
    return kin.type;
}

static void warn_constant(struct mapping_check *c, uint32_t n) {
    warn(c, n, "constant-condition",
         node_at(c, n)->number == TRUTH_YES ? "this is always so, whoever it is about"
                                            : "this is never so, whoever it is about");
}

/* Branches that are never taken go; what is left of one alone takes the place of all. */
static enum mapping_type prune_if(struct mapping_check *c, uint32_t n, enum mapping_type type) {
    struct mapping_node *node = node_at(c, n);
    uint32_t *link = &node->first;
    while (node_at(c, *link)->next != NODE_NONE) {
        uint32_t condition = *link, value = node_at(c, condition)->next;
        if (!is_constant(c, condition)) {
            link = &node_at(c, value)->next;
            continue;
        }
        warn_constant(c, condition);
        if (node_at(c, condition)->number == TRUTH_YES) { /* this one, and none behind it */
            *link = value;
            node_at(c, value)->next = NODE_NONE;
        } else {
            *link = node_at(c, value)->next;
        }
    }
    node->children_n = 0;
    for (uint32_t i = node->first; i != NODE_NONE; i = node_at(c, i)->next)
        node->children_n++;
    node->type = (uint8_t)type;
    if (node->children_n == 1)
        become(c, n, node->first);
    return type;
}

static enum mapping_type check_if(struct mapping_check *c, uint32_t n) {
    struct kin kin = { 0 };
    bool good = true;
    uint32_t at = 0, children_n = node_at(c, n)->children_n;
    for (uint32_t i = node_at(c, n)->first; i != NODE_NONE; i = node_at(c, i)->next, at++) {
        if (at % 2 == 0 && at + 1 < children_n)
            good = check_as(c, i, TYPE_CONDITION) != TYPE_NONE && good;
        else
            join_kin(c, &kin, i);
    }
    if (!good || kin.type == TYPE_NONE)
        return TYPE_NONE;
    at = 0;
    for (uint32_t i = node_at(c, n)->first; i != NODE_NONE; i = node_at(c, i)->next, at++)
        if (at % 2 == 1 || at + 1 == children_n)
            want_type(c, i, (enum mapping_type)node_at(c, i)->type, kin.type);
    return prune_if(c, n, kin.type);
}

/* and, or: what is constant decides alone or does not matter. */
static enum mapping_type check_logic(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    enum mapping_truth decides = node->op == OP_AND ? TRUTH_NO : TRUTH_YES;
    bool good = true;
    for (uint32_t i = node->first; i != NODE_NONE; i = node_at(c, i)->next)
        good = check_as(c, i, TYPE_CONDITION) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    node->type = TYPE_CONDITION;
    for (uint32_t *link = &node->first; *link != NODE_NONE;) {
        uint32_t i = *link;
        if (!is_constant(c, i)) {
            link = &node_at(c, i)->next;
            continue;
        }
        warn_constant(c, i);
        if (node_at(c, i)->number == (int32_t)decides) {
            become_truth(c, n, decides);
            return TYPE_CONDITION;
        }
        *link = node_at(c, i)->next;
        node->children_n--;
    }
    if (node->children_n == 0)
        become_truth(c, n, decides == TRUTH_NO ? TRUTH_YES : TRUTH_NO);
    else if (node->children_n == 1)
        become(c, n, node->first);
    return TYPE_CONDITION;
}

static enum mapping_type check_not(struct mapping_check *c, uint32_t n) {
    uint32_t child = node_at(c, n)->first;
    if (check_as(c, child, TYPE_CONDITION) == TYPE_NONE)
        return TYPE_NONE;
    if (node_at(c, child)->op == OP_NOT)
        become(c, n, node_at(c, child)->first);
    return is_constant(c, n) ? TYPE_CONDITION : fold(c, n, TYPE_CONDITION);
}

/* What is compared is a text or a date: a group gives its name. */
static enum mapping_type comparable(enum mapping_type type) {
    return type == TYPE_GROUP || type == TYPE_NOTHING ? TYPE_TEXT : type;
}

static void trim_constant(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = node_at(c, n);
    if (node->op != OP_CONST || !node->blank_ends)
        return;
    text_clean(c->report->arena, node->text.ptr, node->text.len, EMPLOYEE_TEXT_BYTES, &node->text,
               NULL); /* a literal is sound UTF-8 of fitting length */
    node->blank_ends = false;
}

/* A text that no status ever is: likely HR's page in another language. */
static void look_at_status(struct mapping_check *c, uint32_t value, uint32_t constant) {
    const struct mapping_node *v = node_at(c, value), *k = node_at(c, constant);
    if (v->op != OP_FIELD || v->field != EMPLOYEE_STATUS || k->op != OP_CONST ||
        k->text.state != TEXT_SET || employment_status_parse(k->text) != EMPLOYMENT_UNKNOWN)
        return;
    warn(c, constant, "unlikely-status",
         "the status is onboarding, active, leave or inactive, or a word of HR's that is none "
         "of them");
}

static enum mapping_type check_comparison(struct mapping_check *c, uint32_t n) {
    uint32_t left = node_at(c, n)->first, right = node_at(c, left)->next;
    struct kin kin = { .compares = true };
    join_kin(c, &kin, left);
    join_kin(c, &kin, right);
    enum mapping_type type = comparable(kin.type);
    if (type == TYPE_NONE)
        return TYPE_NONE;
    want_type(c, left, (enum mapping_type)node_at(c, left)->type, type);
    want_type(c, right, (enum mapping_type)node_at(c, right)->type, type);
    trim_constant(c, left);
    trim_constant(c, right);
    look_at_status(c, left, right);
    look_at_status(c, right, left);
    return fold(c, n, TYPE_CONDITION);
}

/* Puts a constant into its place among those before it. */
static void sort_in(struct mapping_check *c, uint32_t *first, uint32_t item) {
    while (*first != NODE_NONE &&
           text_compare(node_at(c, *first)->text, node_at(c, item)->text) < 0)
        first = &node_at(c, *first)->next;
    node_at(c, item)->next = *first;
    *first = item;
}

static enum mapping_type check_in(struct mapping_check *c, uint32_t n) {
    uint32_t value = node_at(c, n)->first, sorted = NODE_NONE, next, kept = 0;
    struct kin kin = { .compares = true };
    join_kin(c, &kin, value);
    enum mapping_type type = comparable(kin.type);
    if (type == TYPE_NONE)
        return TYPE_NONE;
    want_type(c, value, (enum mapping_type)node_at(c, value)->type, type);
    bool good = true;
    for (uint32_t i = node_at(c, value)->next; i != NODE_NONE; i = next) {
        next = node_at(c, i)->next;
        if (check_as(c, i, type) == TYPE_NONE) {
            good = false;
            continue;
        }
        if (!is_constant(c, i)) {
            good = false;
            wrong(c, i, "wrong-type", NULL,
                  "a list behind \"in\" holds texts or dates as such; compare others with == and "
                  "or");
            continue;
        }
        trim_constant(c, i);
        look_at_status(c, value, i);
        bool again = false;
        for (uint32_t k = sorted; k != NODE_NONE && !again; k = node_at(c, k)->next)
            again = text_equal(node_at(c, k)->text, node_at(c, i)->text);
        if (again) {
            warn(c, i, "repeated", "this stands in the list already");
            continue;
        }
        sort_in(c, &sorted, i);
        kept++;
    }
    if (!good)
        return TYPE_NONE;
    node_at(c, value)->next = sorted;
    node_at(c, n)->children_n = kept + 1;
    if (kept == 0) {
        become_truth(c, n, TRUTH_NO);
        return TYPE_CONDITION;
    }
    return fold(c, n, TYPE_CONDITION);
}

static enum mapping_type check(struct mapping_check *c, uint32_t n) {
    switch ((enum mapping_op)node_at(c, n)->op) {
    case OP_CONST:
    case OP_NUMBER: return (enum mapping_type)node_at(c, n)->type;
    case OP_WORD: return check_word(c, n);
    case OP_CALL: return check_call(c, n);
    case OP_LIST: return check_list(c, n);
    case OP_SUM: return check_sum(c, n);
    case OP_ELSE: return check_else(c, n);
    case OP_IF: return check_if(c, n);
    case OP_AND:
    case OP_OR: return check_logic(c, n);
    case OP_NOT: return check_not(c, n);
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: return check_comparison(c, n);
    case OP_IN: return check_in(c, n);
    case OP_TABLE: /* what follows is made here, and looked at once */
    case OP_FIELD:
    case OP_NAME:
    case OP_ID:
    case OP_SOURCE_ID:
    case OP_CUSTOM:
    case OP_AS_NAME: break;
    }
    return (enum mapping_type)node_at(c, n)->type;
}

/* ---- whole values ---- */

enum mapping_type mapping_check_value(struct mapping_check *c, uint32_t n, enum mapping_type want) {
    return check_as(c, n, want);
}

enum mapping_type mapping_check_shown(struct mapping_check *c, uint32_t n) {
    enum mapping_type have = check(c, n);
    return have == TYPE_DATE ? have : want_type(c, n, have, TYPE_TEXT);
}

enum mapping_type mapping_check_condition(struct mapping_check *c, uint32_t n,
                                          enum mapping_truth *ret_truth) {
    enum mapping_type type = check_as(c, n, TYPE_CONDITION);
    *ret_truth = type == TYPE_CONDITION && is_constant(c, n)
                     ? (enum mapping_truth)node_at(c, n)->number
                     : TRUTH_UNKNOWN;
    return type;
}

static void check_row_words(struct mapping_check *c, const struct mapping_table *t,
                            bool (*fits)(struct text), const char *code, const char *what) {
    for (size_t i = 0; i < t->rows_n; i++)
        if (t->rows[i].value.state == TEXT_SET && !fits(t->rows[i].value))
            mapping_report(c->report, MAPPING_ERROR, code, t->rows[i].span, NULL, "\"%.*s\" is %s",
                           TEXT_ARG(t->rows[i].value), what);
}

void mapping_check_words(struct mapping_check *c, uint32_t n, bool (*fits)(struct text),
                         const char *code, const char *what) {
    const struct mapping_node *node = node_at(c, n);
    bool is_lookup = node->op == OP_CALL && node->children_n == 2 &&
                     node_at(c, node_at(c, node->first)->next)->op == OP_TABLE;
    if (node->op == OP_CONST && node->text.state == TEXT_SET && !fits(node->text))
        wrong(c, n, code, NULL, "\"%.*s\" is %s", TEXT_ARG(node->text), what);
    if (is_lookup)
        check_row_words(c, &c->tables[node_at(c, node_at(c, node->first)->next)->number], fits,
                        code, what);
    if (node->op != OP_ELSE && node->op != OP_IF)
        return;
    uint32_t at = 0;
    for (uint32_t i = node->first; i != NODE_NONE; i = node_at(c, i)->next, at++)
        if (node->op == OP_ELSE || at % 2 == 1 || at + 1 == node->children_n)
            mapping_check_words(c, i, fits, code, what);
}
