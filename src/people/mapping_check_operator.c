/* Operators: what they join, and what of it can never matter. */
#include "people/mapping_check_p.h"

enum mapping_type mapping_check_list(struct mapping_check *c, uint32_t n) {
    bool good = true;
    if (mapping_check_node(c, n)->children_n > MAPPING_LIST_MAX)
        return mapping_check_wrong(c, n, "wrong-count", NULL, "a list has at most %d groups",
                                   MAPPING_LIST_MAX);
    for (uint32_t i = mapping_check_node(c, n)->first; i != NODE_NONE;
         i = mapping_check_node(c, i)->next)
        good = mapping_check_as(c, i, TYPE_GROUP) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    mapping_check_node(c, n)->type = TYPE_LIST;
    return TYPE_LIST;
}

/* A sum within a sum is one sum: blanks at the ends of its parts count, those at its own do not. */
static void flatten(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    for (uint32_t i = node->first, before = NODE_NONE; i != NODE_NONE;
         before = i, i = mapping_check_node(c, i)->next) {
        struct mapping_node *inner = mapping_check_node(c, i);
        if (inner->op != OP_SUM)
            continue;
        uint32_t first = inner->first, last = first, next = inner->next;
        while (mapping_check_node(c, last)->next != NODE_NONE)
            last = mapping_check_node(c, last)->next;
        node->children_n += inner->children_n - 1;
        mapping_check_node(c, last)->next = next;
        *(before == NODE_NONE ? &node->first : &mapping_check_node(c, before)->next) = first;
        i = last;
    }
}

enum mapping_type mapping_check_sum(struct mapping_check *c, uint32_t n) {
    bool good = true;
    for (uint32_t i = mapping_check_node(c, n)->first; i != NODE_NONE;
         i = mapping_check_node(c, i)->next)
        good = mapping_check_as(c, i, TYPE_TEXT) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    flatten(c, n);
    return mapping_check_fold(c, n, TYPE_TEXT);
}

/* Has a value whatever HR sends. */
static bool is_always_set(const struct mapping_check *c, uint32_t n) {
    const struct mapping_node *node = mapping_check_node(c, n);
    if (node->op == OP_CONST)
        return node->text.state == TEXT_SET;
    return node->op == OP_SOURCE_ID;
}

enum mapping_type mapping_check_else(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    struct mapping_kin kin = { 0 };
    for (uint32_t i = node->first; i != NODE_NONE; i = mapping_check_node(c, i)->next)
        mapping_check_kin(c, &kin, i);
    for (uint32_t i = node->first; i != NODE_NONE && kin.type != TYPE_NONE;
         i = mapping_check_node(c, i)->next)
        mapping_check_want(c, i, (enum mapping_type)mapping_check_node(c, i)->type, kin.type);
    if (kin.type == TYPE_NONE)
        return TYPE_NONE;
    node->type = (uint8_t)kin.type;
    uint32_t kept = 1;
    for (uint32_t i = node->first; mapping_check_node(c, i)->next != NODE_NONE;
         i = mapping_check_node(c, i)->next, kept++)
        if (is_always_set(c, i)) {
            mapping_check_warn(c, mapping_check_node(c, i)->next, "unreachable",
                               "this is never used: what stands before ?? always has a value");
            mapping_check_node(c, i)->next = NODE_NONE;
            node->children_n = kept;
            break;
        }
    if (node->children_n == 1)
        mapping_check_become(c, n, node->first);
    return (enum mapping_type)node->type;
}

static void warn_constant(struct mapping_check *c, uint32_t n) {
    mapping_check_warn(c, n, "constant-condition",
                       mapping_check_node(c, n)->number == TRUTH_YES
                           ? "this is always so, whoever it is about"
                           : "this is never so, whoever it is about");
}

/* Branches that are never taken go; what is left of one alone takes the place of all. */
static enum mapping_type prune_if(struct mapping_check *c, uint32_t n, enum mapping_type type) {
    struct mapping_node *node = mapping_check_node(c, n);
    uint32_t *link = &node->first;
    while (mapping_check_node(c, *link)->next != NODE_NONE) {
        uint32_t condition = *link, value = mapping_check_node(c, condition)->next;
        if (!mapping_check_is_constant(c, condition)) {
            link = &mapping_check_node(c, value)->next;
            continue;
        }
        warn_constant(c, condition);
        bool is_so = mapping_check_node(c, condition)->number == TRUTH_YES;
        if (is_so) { /* this one, and none behind it */
            *link = value;
            mapping_check_node(c, value)->next = NODE_NONE;
        } else {
            *link = mapping_check_node(c, value)->next;
        }
    }
    if (mapping_check_node(c, *link)->op == OP_IF) /* else (if ...) is else if ... */
        *link = mapping_check_node(c, *link)->first;
    node->children_n = 0;
    for (uint32_t i = node->first; i != NODE_NONE; i = mapping_check_node(c, i)->next)
        node->children_n++;
    node->type = (uint8_t)type;
    if (node->children_n == 1)
        mapping_check_become(c, n, node->first);
    return (enum mapping_type)node->type;
}

enum mapping_type mapping_check_if(struct mapping_check *c, uint32_t n) {
    struct mapping_kin kin = { 0 };
    bool good = true;
    uint32_t at = 0, children_n = mapping_check_node(c, n)->children_n;
    for (uint32_t i = mapping_check_node(c, n)->first; i != NODE_NONE;
         i = mapping_check_node(c, i)->next, at++) {
        if (at % 2 == 0 && at + 1 < children_n)
            good = mapping_check_as(c, i, TYPE_CONDITION) != TYPE_NONE && good;
        else
            mapping_check_kin(c, &kin, i);
    }
    if (!good || kin.type == TYPE_NONE)
        return TYPE_NONE;
    at = 0;
    for (uint32_t i = mapping_check_node(c, n)->first; i != NODE_NONE;
         i = mapping_check_node(c, i)->next, at++)
        if (at % 2 == 1 || at + 1 == children_n)
            mapping_check_want(c, i, (enum mapping_type)mapping_check_node(c, i)->type, kin.type);
    return prune_if(c, n, kin.type);
}

/* and, or: what is constant decides alone or does not matter. */
enum mapping_type mapping_check_logic(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    enum mapping_truth decides = node->op == OP_AND ? TRUTH_NO : TRUTH_YES;
    bool good = true;
    for (uint32_t i = node->first; i != NODE_NONE; i = mapping_check_node(c, i)->next)
        good = mapping_check_as(c, i, TYPE_CONDITION) != TYPE_NONE && good;
    if (!good)
        return TYPE_NONE;
    node->type = TYPE_CONDITION;
    for (uint32_t *link = &node->first; *link != NODE_NONE;) {
        uint32_t i = *link;
        if (!mapping_check_is_constant(c, i)) {
            link = &mapping_check_node(c, i)->next;
            continue;
        }
        warn_constant(c, i);
        if (mapping_check_node(c, i)->number == (int32_t)decides) {
            mapping_check_become_truth(c, n, decides);
            return TYPE_CONDITION;
        }
        *link = mapping_check_node(c, i)->next;
        node->children_n--;
    }
    if (node->children_n == 0)
        mapping_check_become_truth(c, n, decides == TRUTH_NO ? TRUTH_YES : TRUTH_NO);
    else if (node->children_n == 1)
        mapping_check_become(c, n, node->first);
    return TYPE_CONDITION;
}

enum mapping_type mapping_check_not(struct mapping_check *c, uint32_t n) {
    uint32_t child = mapping_check_node(c, n)->first;
    if (mapping_check_as(c, child, TYPE_CONDITION) == TYPE_NONE)
        return TYPE_NONE;
    if (mapping_check_node(c, child)->op == OP_NOT)
        mapping_check_become(c, n, mapping_check_node(c, child)->first);
    return mapping_check_is_constant(c, n) ? TYPE_CONDITION
                                           : mapping_check_fold(c, n, TYPE_CONDITION);
}

/* What is compared is a text or a date: a group gives its name. */
static enum mapping_type comparable(enum mapping_type type) {
    return type == TYPE_GROUP || type == TYPE_NOTHING ? TYPE_TEXT : type;
}

static void trim_constant(struct mapping_check *c, uint32_t n) {
    struct mapping_node *node = mapping_check_node(c, n);
    if (node->op != OP_CONST || !node->blank_ends)
        return;
    text_clean(c->report->arena, node->text.ptr, node->text.len, EMPLOYEE_TEXT_BYTES, &node->text,
               NULL); /* a literal is sound UTF-8 of fitting length */
    node->blank_ends = false;
}

/* A text that no status ever is: likely HR's page in another language. */
static void look_at_status(struct mapping_check *c, uint32_t value, uint32_t constant) {
    const struct mapping_node *v = mapping_check_node(c, value),
                              *k = mapping_check_node(c, constant);
    if (v->op != OP_FIELD || v->field != EMPLOYEE_STATUS || k->op != OP_CONST ||
        k->text.state != TEXT_SET || employment_status_parse(k->text) != EMPLOYMENT_UNKNOWN)
        return;
    mapping_check_warn(
        c, constant, "unlikely-status",
        "the status is onboarding, active, leave or inactive, or a word of HR's that is none "
        "of them");
}

enum mapping_type mapping_check_comparison(struct mapping_check *c, uint32_t n) {
    uint32_t left = mapping_check_node(c, n)->first, right = mapping_check_node(c, left)->next;
    struct mapping_kin kin = { .compares = true };
    mapping_check_kin(c, &kin, left);
    mapping_check_kin(c, &kin, right);
    enum mapping_type type = comparable(kin.type);
    if (type == TYPE_NONE)
        return TYPE_NONE;
    mapping_check_want(c, left, (enum mapping_type)mapping_check_node(c, left)->type, type);
    mapping_check_want(c, right, (enum mapping_type)mapping_check_node(c, right)->type, type);
    trim_constant(c, left);
    trim_constant(c, right);
    look_at_status(c, left, right);
    look_at_status(c, right, left);
    return mapping_check_fold(c, n, TYPE_CONDITION);
}

/* Puts a constant into its place among those before it. */
static void sort_in(struct mapping_check *c, uint32_t *first, uint32_t item) {
    while (*first != NODE_NONE &&
           text_compare(mapping_check_node(c, *first)->text, mapping_check_node(c, item)->text) < 0)
        first = &mapping_check_node(c, *first)->next;
    mapping_check_node(c, item)->next = *first;
    *first = item;
}

enum mapping_type mapping_check_in(struct mapping_check *c, uint32_t n) {
    uint32_t value = mapping_check_node(c, n)->first, sorted = NODE_NONE, next, kept = 0;
    struct mapping_kin kin = { .compares = true };
    mapping_check_kin(c, &kin, value);
    enum mapping_type type = comparable(kin.type);
    if (type == TYPE_NONE)
        return TYPE_NONE;
    mapping_check_want(c, value, (enum mapping_type)mapping_check_node(c, value)->type, type);
    bool good = true;
    if (mapping_check_node(c, n)->children_n > MAPPING_ROWS_MAX + 1)
        return mapping_check_wrong(c, n, "too-many-rows", NULL, "a list has at most %d items",
                                   MAPPING_ROWS_MAX);
    for (uint32_t i = mapping_check_node(c, value)->next; i != NODE_NONE; i = next) {
        next = mapping_check_node(c, i)->next;
        if (mapping_check_as(c, i, type) == TYPE_NONE) {
            good = false;
            continue;
        }
        if (!mapping_check_is_constant(c, i)) {
            good = false;
            mapping_check_wrong(
                c, i, "wrong-type", NULL,
                "a list behind \"in\" holds texts or dates as such; compare others with == and "
                "or");
            continue;
        }
        trim_constant(c, i);
        look_at_status(c, value, i);
        bool again = false;
        for (uint32_t k = sorted; k != NODE_NONE && !again; k = mapping_check_node(c, k)->next)
            again = text_equal(mapping_check_node(c, k)->text, mapping_check_node(c, i)->text);
        if (again) {
            mapping_check_warn(c, i, "repeated", "this stands in the list already");
            continue;
        }
        sort_in(c, &sorted, i);
        kept++;
    }
    if (!good)
        return TYPE_NONE;
    mapping_check_node(c, value)->next = sorted;
    mapping_check_node(c, n)->children_n = kept + 1;
    if (kept == 0) {
        mapping_check_become_truth(c, n, TRUTH_NO);
        return TYPE_CONDITION;
    }
    return mapping_check_fold(c, n, TYPE_CONDITION);
}
