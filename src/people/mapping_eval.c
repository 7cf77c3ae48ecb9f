/* One value for one employee. Missing goes through: what depends on something missing is missing,
 * and a condition about it is unknown. Only ??, if, and, or decide for themselves. */
#include <string.h>

#include "people/mapping_p.h"
#include "people/problem.h"

/* Texts on their way may have blanks at the ends that the last step takes away. */
enum { MADE_BYTES = 2 * EMPLOYEE_TEXT_BYTES, FEW = 16 };

static void set_state(struct mapping_value *ret, enum text_state state) {
    ret->text = state == TEXT_SET     ? TEXT_LIT("a list") /* what is in it is in its items */
                : state == TEXT_EMPTY ? TEXT_NONE
                                      : (struct text){ 0 };
    ret->id = (struct text){ 0 };
    ret->items_n = 0;
    ret->made = false;
}

enum text_state mapping_value_state(const struct mapping_value *v) {
    return v->id.state == TEXT_SET ? TEXT_SET : v->text.state;
}

char *mapping_run_room(struct mapping_run *r, size_t len) {
    if (len > MADE_BYTES || r->made_bytes + len > MAPPING_WORK_BYTES) {
        r->problems |= (uint64_t)1 << PROBLEM_BAD_VALUE;
        return NULL;
    }
    r->made_bytes += len;
    return arena_alloc(r->arena, len);
}

void mapping_value_clean(struct mapping_run *r, struct mapping_value *v) {
    struct text clean = { 0 };
    if (!v->made)
        return;
    v->made = false;
    if (v->text.state == TEXT_SET && text_clean(r->arena, v->text.ptr, v->text.len,
                                                EMPLOYEE_TEXT_BYTES, &clean, NULL) != RC_OK) {
        r->problems |= (uint64_t)1 << PROBLEM_BAD_VALUE;
        clean = (struct text){ 0 };
    }
    if (v->text.state == TEXT_SET)
        v->text = clean;
}

/* ---- what HR states ---- */

static void read_field(struct mapping_run *r, const struct mapping_node *n,
                       struct mapping_value *ret) {
    enum employee_field f = (enum employee_field)n->field;
    const struct employee_value *v = &r->employee->fields[f];
    ret->text = v->text;
    if (n->op == OP_ID && employee_field_kind(f) == EMPLOYEE_KIND_GROUP) {
        /* A group without an id has an empty one; only of a group that did not come it is missing. */
        ret->text =
            v->id.state == TEXT_MISSING && v->text.state != TEXT_MISSING ? TEXT_NONE : v->id;
    } else if (n->type == TYPE_GROUP) {
        ret->id = v->id;
        ret->kind = employee_field_name(f);
    }
    if (r->trace != NULL)
        mapping_trace_read(r, n, ret->text.state == TEXT_MISSING ? ret->id : ret->text);
}

/* An employee read by this mapping has its custom attributes in this order; one that was stored may
 * have others. */
static void read_custom(struct mapping_run *r, const struct mapping_node *n,
                        struct mapping_value *ret) {
    const struct employee *e = r->employee;
    size_t i = (size_t)n->number;
    if (i >= e->custom_n || !text_equal(e->custom[i].key, n->text))
        for (i = 0; i < e->custom_n && !text_equal(e->custom[i].key, n->text);)
            i++;
    ret->text = i < e->custom_n ? e->custom[i].value : (struct text){ 0 };
    if (r->trace != NULL)
        mapping_trace_read(r, n, ret->text);
}

/* ---- values of several ---- */

static const struct mapping_node *node_at(const struct mapping_run *r, uint32_t n) {
    return &r->mapping->nodes[n];
}

static void eval_else(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *ret) {
    enum text_state state = TEXT_MISSING;
    for (uint32_t i = n->first; i != NODE_NONE; i = node_at(r, i)->next) {
        mapping_eval(r, i, ret);
        mapping_value_clean(r, ret);
        enum text_state one = mapping_value_state(ret);
        if (one == TEXT_SET)
            return;
        if (one == TEXT_EMPTY)
            state = TEXT_EMPTY;
    }
    set_state(ret, state);
}

static void eval_sum(struct mapping_run *r, const struct mapping_node *n,
                     struct mapping_value *ret) {
    struct text few[FEW], *parts = few;
    size_t len = 0, parts_n = 0;
    bool missing = false;
    if (n->children_n > FEW)
        parts = ARENA_NEW(r->arena, struct text, n->children_n);
    for (uint32_t i = n->first; i != NODE_NONE; i = node_at(r, i)->next) {
        mapping_eval(r, i, ret);
        missing = missing || ret->text.state == TEXT_MISSING;
        len += ret->text.state == TEXT_SET ? ret->text.len : 0;
        parts[parts_n++] = ret->text;
    }
    char *to = missing || len == 0 ? NULL : mapping_run_room(r, len);
    set_state(ret, missing || len > 0 ? TEXT_MISSING : TEXT_EMPTY);
    if (to == NULL)
        return;
    ret->text = text_from(to, len);
    ret->made = true;
    for (size_t i = 0; i < parts_n; i++)
        if (parts[i].state == TEXT_SET) {
            memcpy(to, parts[i].ptr, parts[i].len);
            to += parts[i].len;
        }
}

static void eval_list(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *ret) {
    struct mapping_value *items = NULL;
    uint32_t items_n = 0;
    bool missing = false;
    if (n->children_n > 0)
        items = arena_alloc(r->arena, n->children_n * sizeof *items);
    for (uint32_t i = n->first; i != NODE_NONE; i = node_at(r, i)->next) {
        mapping_eval(r, i, &items[items_n]);
        enum text_state state = mapping_value_state(&items[items_n]);
        missing = missing || state == TEXT_MISSING;
        items_n += state == TEXT_SET;
    }
    set_state(ret, missing ? TEXT_MISSING : items_n == 0 ? TEXT_EMPTY : TEXT_SET);
    ret->items = items;
    ret->items_n = missing ? 0 : items_n;
}

static void eval_if(struct mapping_run *r, const struct mapping_node *n,
                    struct mapping_value *ret) {
    uint32_t i = n->first;
    while (node_at(r, i)->next != NODE_NONE) {
        uint32_t value = node_at(r, i)->next;
        mapping_eval(r, i, ret);
        if (ret->truth == TRUTH_UNKNOWN) {
            set_state(ret, TEXT_MISSING);
            return;
        }
        if (ret->truth == TRUTH_YES) {
            mapping_eval(r, value, ret);
            return;
        }
        i = node_at(r, value)->next;
    }
    mapping_eval(r, i, ret);
}

/* ---- conditions ---- */

/* One that decides, decides; else one that is unknown makes all unknown. */
static enum mapping_truth eval_logic(struct mapping_run *r, const struct mapping_node *n,
                                     enum mapping_truth decides) {
    enum mapping_truth truth = decides == TRUTH_NO ? TRUTH_YES : TRUTH_NO;
    struct mapping_value v;
    for (uint32_t i = n->first; i != NODE_NONE; i = node_at(r, i)->next) {
        mapping_eval(r, i, &v);
        if (v.truth == decides)
            return decides;
        if (v.truth == TRUTH_UNKNOWN)
            truth = TRUTH_UNKNOWN;
    }
    return truth;
}

static enum mapping_truth truth_of(bool is_so) {
    return is_so ? TRUTH_YES : TRUTH_NO;
}

static enum mapping_truth eval_comparison(struct mapping_run *r, const struct mapping_node *n) {
    struct mapping_value a, b;
    mapping_eval(r, n->first, &a);
    mapping_eval(r, node_at(r, n->first)->next, &b);
    mapping_value_clean(r, &a);
    mapping_value_clean(r, &b);
    if (a.text.state == TEXT_MISSING || b.text.state == TEXT_MISSING)
        return TRUTH_UNKNOWN;
    if (n->op == OP_EQUAL)
        return truth_of(text_equal(a.text, b.text));
    if (n->op == OP_UNEQUAL)
        return truth_of(!text_equal(a.text, b.text));
    if (a.text.state != TEXT_SET || b.text.state != TEXT_SET)
        return TRUTH_NO; /* nothing lies before or behind nothing */
    int order = text_compare(a.text, b.text);
    return truth_of(n->op == OP_LESS         ? order < 0
                    : n->op == OP_LESS_EQUAL ? order <= 0
                    : n->op == OP_GREATER    ? order > 0
                                             : order >= 0);
}

static enum mapping_truth eval_in(struct mapping_run *r, const struct mapping_node *n) {
    struct mapping_value v;
    mapping_eval(r, n->first, &v);
    mapping_value_clean(r, &v);
    if (v.text.state == TEXT_MISSING)
        return TRUTH_UNKNOWN;
    for (uint32_t i = node_at(r, n->first)->next; i != NODE_NONE; i = node_at(r, i)->next)
        if (text_equal(node_at(r, i)->text, v.text))
            return TRUTH_YES;
    return TRUTH_NO;
}

/* ---- functions ---- */

static void eval_call(struct mapping_run *r, const struct mapping_node *n,
                      struct mapping_value *ret) {
    const struct mapping_function *f = mapping_function_at(n->field);
    struct mapping_value args[MAPPING_ARGUMENTS_MAX];
    bool missing = false;
    int args_n = 0;
    for (uint32_t i = n->first; i != NODE_NONE; i = node_at(r, i)->next, args_n++) {
        const struct mapping_node *arg = node_at(r, i);
        if (arg->op == OP_NUMBER || arg->op == OP_TABLE) /* the function looks at the node */
            continue;
        mapping_eval(r, i, &args[args_n]);
        if (args_n == f->cleans)
            mapping_value_clean(r, &args[args_n]);
        missing = missing || mapping_value_state(&args[args_n]) == TEXT_MISSING;
    }
    set_state(ret, TEXT_MISSING);
    ret->truth = TRUTH_UNKNOWN;
    if (missing)
        return;
    if (!f->takes_empty && mapping_value_state(&args[0]) == TEXT_EMPTY) {
        set_state(ret, TEXT_EMPTY);
        ret->truth = TRUTH_NO;
        return;
    }
    f->call(r, n, args, ret);
}

void mapping_eval(struct mapping_run *r, uint32_t node, struct mapping_value *ret) {
    const struct mapping_node *n = node_at(r, node);
    ret->id = (struct text){ 0 };
    ret->kind = "";
    ret->items_n = 0;
    ret->made = false;
    switch ((enum mapping_op)n->op) {
    case OP_CONST:
        ret->text = n->text;
        ret->made = n->blank_ends;
        ret->truth = (enum mapping_truth)n->number;
        return;
    case OP_FIELD:
    case OP_NAME:
    case OP_ID: read_field(r, n, ret); return;
    case OP_SOURCE_ID:
        ret->text = r->employee->source_id;
        if (r->trace != NULL)
            mapping_trace_read(r, n, ret->text);
        return;
    case OP_CUSTOM: read_custom(r, n, ret); return;
    case OP_AS_NAME:
        mapping_eval(r, n->first, ret);
        ret->id = (struct text){ 0 };
        return;
    case OP_LIST: eval_list(r, n, ret); return;
    case OP_ELSE: eval_else(r, n, ret); return;
    case OP_SUM: eval_sum(r, n, ret); return;
    case OP_IF: eval_if(r, n, ret); return;
    case OP_AND: ret->truth = eval_logic(r, n, TRUTH_NO); return;
    case OP_OR: ret->truth = eval_logic(r, n, TRUTH_YES); return;
    case OP_NOT:
        mapping_eval(r, n->first, ret);
        if (ret->truth != TRUTH_UNKNOWN)
            ret->truth = ret->truth == TRUTH_NO ? TRUTH_YES : TRUTH_NO;
        return;
    case OP_EQUAL:
    case OP_UNEQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: ret->truth = eval_comparison(r, n); return;
    case OP_IN: ret->truth = eval_in(r, n); return;
    case OP_CALL: eval_call(r, n, ret); return;
    case OP_NUMBER: /* never by themselves */
    case OP_TABLE:
    case OP_WORD: break;
    }
    set_state(ret, TEXT_MISSING);
}
