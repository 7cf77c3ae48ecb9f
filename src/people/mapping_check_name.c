/* Names of attributes, functions and tables, and what they are given. */
#include <string.h>

#include "people/mapping_check_p.h"

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
    struct text name = mapping_check_node(c, n)->text;
    mapping_guess_begin(&g, name, c->report);
    mapping_guess_attributes(&g);
    const char *near = mapping_guess_end(&g, c->report->arena);
    if (mapping_function_find(name) >= 0 || text_is(name, "custom"))
        near = arena_printf(c->report->arena, "%.*s(...)", TEXT_ARG(name));
    else if (near == NULL && name.len <= 40) /* a text without its marks */
        near = arena_printf(c->report->arena, "\"%.*s\"", TEXT_ARG(name));
    return mapping_check_wrong(
        c, n, "unknown-attribute", near,
        "HR's people have no attribute \"%.*s\" here; those of your own are written "
        "custom(\"KEY\")",
        TEXT_ARG(mapping_report_quoted(name)));
}

enum mapping_type mapping_check_word(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    int f = mapping_attribute_find(node->text);
    if (f < 0)
        return unknown_attribute(c, n);
    enum mapping_type type =
        f == EMPLOYEE_FIELDS_N ? TYPE_TEXT : type_of_field((enum employee_field)f);
    uint32_t part = node->first;
    node->op = f == EMPLOYEE_FIELDS_N ? OP_SOURCE_ID : OP_FIELD;
    node->field = (uint8_t)f;
    if (part != NODE_NONE) {
        struct text word = mapping_check_node(c, part)->text;
        bool name = text_is(word, "name") && type == TYPE_GROUP;
        bool id = text_is(word, "id") && (type == TYPE_GROUP || type == TYPE_PERSON);
        if (!name && !id)
            return mapping_check_wrong(c, part, "unknown-attribute",
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
    mapping_guess_begin(&g, written, c->report);
    for (size_t i = 0; i < all->n; i++)
        mapping_guess_offer(&g, all->list[i].key, all->list[i].key);
    for (size_t i = 0; i < all->n; i++)
        mapping_guess_offer(&g, all->list[i].label, all->list[i].key);
    return mapping_guess_end(&g, c->report->arena);
}

static bool is_in_catalogue(const struct mapping_catalogue *all, struct text key) {
    for (size_t i = 0; all != NULL && i < all->n; i++)
        if (text_equal(all->list[i].key, key))
            return true;
    return all == NULL;
}

static enum mapping_type check_custom(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    uint32_t arg = node->first;
    size_t i = 0;
    if (node->children_n != 1 || mapping_check_node(c, arg)->op != OP_CONST ||
        mapping_check_node(c, arg)->type != TYPE_TEXT)
        return mapping_check_wrong(c, n, "wrong-count", NULL,
                                   "custom takes one key as HR has it: custom(\"dynamic_1234\")");
    struct text key = mapping_check_node(c, arg)->text;
    if (key.len > USER_CUSTOM_KEY_BYTES || mapping_check_node(c, arg)->blank_ends)
        return mapping_check_wrong(c, arg, "bad-text", NULL,
                                   "a key has at most %d bytes and no blanks at its ends",
                                   USER_CUSTOM_KEY_BYTES);
    if (!is_in_catalogue(c->catalogue, key))
        return mapping_check_wrong(c, arg, "unknown-key", guess_key(c, key),
                                   "HR lets us read no attribute with the key \"%.*s\"",
                                   TEXT_ARG(mapping_report_quoted(key)));
    while (i < c->keys_n && !text_equal(c->keys[i], key))
        i++;
    if (i == MAPPING_CUSTOM_MAX)
        return mapping_check_wrong(c, n, "too-many-attributes", NULL,
                                   "a mapping reads at most %d attributes by their keys",
                                   MAPPING_CUSTOM_MAX);
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
    struct mapping_node *node = mapping_check_node(c, n);
    struct mapping_guess g;
    if (node->op != OP_WORD || node->children_n != 0)
        return mapping_check_wrong(c, n, "wrong-type", NULL,
                                   "the name of a table is wanted here: lookup(office, languages)");
    mapping_guess_begin(&g, node->text, c->report);
    for (size_t i = 0; i < c->tables_n; i++) {
        mapping_guess_offer(&g, c->tables[i].name, c->tables[i].name);
        if (!text_equal(c->tables[i].name, node->text))
            continue;
        node->op = OP_TABLE;
        node->number = (int32_t)i;
        node->type = TYPE_TABLE;
        c->tables[i].used = true;
        if (c->tables[i].rows_n == 0 && !c->tables[i].broken)
            mapping_check_warn(c, n, "empty-table",
                               "the table has no rows, so that this is always empty");
        return TYPE_TABLE;
    }
    return mapping_check_wrong(c, n, "unknown-table", mapping_guess_end(&g, c->report->arena),
                               "there is no table \"%.*s\": write table %.*s { ... }",
                               TEXT_ARG(mapping_report_quoted(node->text)),
                               TEXT_ARG(mapping_report_quoted(node->text)));
}

/* The first argument of group(): what kind of group, as a word. */
static enum mapping_type check_kind(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    struct text t = node->text;
    bool good = node->op == OP_CONST && node->type == TYPE_TEXT && t.len <= 40;
    for (size_t i = 0; good && i < t.len; i++)
        good = (t.ptr[i] >= 'a' && t.ptr[i] <= 'z') || (t.ptr[i] >= '0' && t.ptr[i] <= '9') ||
               t.ptr[i] == '-' || t.ptr[i] == '_';
    if (!good)
        return mapping_check_wrong(
            c, n, "wrong-type", "\"unit\"",
            "the kind of a group is a word in quotation marks, of small letters, digits, "
            "- and _");
    if (mapping_attribute_find(t) >= 0)
        return mapping_check_wrong(c, n, "wrong-type", "\"unit\"",
                                   "\"%.*s\" is a kind of HR's own: give this one another name",
                                   TEXT_ARG(t));
    node->text = text_copy(c->report->arena, t); /* ends with NUL */
    return TYPE_TEXT;
}

static enum mapping_type check_number(struct mapping_check *c, uint32_t n,
                                      const struct mapping_function *f) {
    const struct mapping_node *node = mapping_check_node(c, n);
    if (node->op != OP_NUMBER)
        return mapping_check_wrong(c, n, "wrong-type", NULL, "a number as such is wanted here: %s",
                                   f->usage);
    if (f->result == TYPE_TEXT && node->number == 0)
        return mapping_check_wrong(c, n, "bad-number", "1", "counting begins with 1");
    if (f->result == TYPE_TEXT && f->most == 2 && node->number < 0)
        return mapping_check_wrong(c, n, "bad-number", NULL,
                                   "how many characters: a number from 1");
    return TYPE_NUMBER;
}

static enum mapping_type check_argument(struct mapping_check *c, uint32_t n,
                                        const struct mapping_function *f, unsigned i) {
    enum mapping_type have;
    unsigned at = i < 3 ? i : 2;
    while (at > 0 && f->args[at] == 0)
        at--;
    switch (f->args[at]) {
    case ARG_TEXT: return mapping_check_as(c, n, TYPE_TEXT);
    case ARG_DATE: return mapping_check_as(c, n, TYPE_DATE);
    case ARG_NUMBER: return check_number(c, n, f);
    case ARG_TABLE: return check_table(c, n);
    case ARG_KIND: return check_kind(c, n);
    case ARG_ANY:
        have = mapping_check_any(c, n);
        if (have == TYPE_CONDITION || have == TYPE_NUMBER)
            return mapping_check_wrong(c, n, "wrong-type", NULL,
                                       "this is %s, and a value is wanted here",
                                       mapping_type_name(have));
        return have;
    }
    return TYPE_NONE;
}

/* text(): of a date by a call, of a group its name, of a text itself. */
static enum mapping_type check_text(struct mapping_check *c, uint32_t n) {
    uint32_t arg = mapping_check_node(c, n)->first;
    enum mapping_type have = mapping_check_any(c, arg);
    if (have != TYPE_DATE) {
        have = mapping_check_want(c, arg, have, TYPE_TEXT);
        mapping_check_become(c, n, arg);
        return have;
    }
    mapping_check_node(c, n)->field =
        (uint8_t)mapping_function_find(mapping_check_node(c, n)->text);
    return mapping_check_fold(c, n, TYPE_TEXT);
}

enum mapping_type mapping_check_call(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    int at = mapping_function_find(node->text);
    if (text_is(node->text, "custom"))
        return check_custom(c, n);
    if (at < 0) {
        struct mapping_guess g;
        mapping_guess_begin(&g, node->text, c->report);
        mapping_guess_functions(&g);
        const char *near = mapping_guess_end(&g, c->report->arena);
        mapping_report(c->report, MAPPING_ERROR, "unknown-function",
                       (struct mapping_span){ node->span.at, (uint32_t)node->text.len }, near,
                       "there is no function \"%.*s\"",
                       TEXT_ARG(mapping_report_quoted(node->text)));
        return TYPE_NONE;
    }
    const struct mapping_function *f = mapping_function_at((unsigned)at);
    if (node->children_n < f->least || node->children_n > f->most)
        return mapping_check_wrong(
            c, n, "wrong-count", f->usage, "%s takes %u%s%s, and here are %u", f->name, f->least,
            f->most == f->least                ? ""
            : f->most == MAPPING_ARGUMENTS_MAX ? " or more"
                                               : " to more",
            f->least == 1 && f->most == 1 ? " argument" : " arguments", node->children_n);
    if (text_is(node->text, "text"))
        return check_text(c, n);
    bool good = true;
    unsigned i = 0;
    for (uint32_t arg = node->first; arg != NODE_NONE; arg = mapping_check_node(c, arg)->next)
        good = check_argument(c, arg, f, i++) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    node->op = OP_CALL;
    node->field = (uint8_t)at;
    return mapping_check_fold(c, n, f->result);
}
