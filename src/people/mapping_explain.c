#include <string.h>

#include "people/mapping_p.h"

struct mapping_trace {
    struct arena *arena;
    struct mapping_step *steps;
    size_t n;
    struct mapping_input *inputs; /* of the last step */
    size_t inputs_n, inputs_max;
};

const char *mapping_why_sentence(enum mapping_why why) {
    static const char *const sentences[] = {
        [MAPPING_SETS] = "the rule gives this value",
        [MAPPING_CLEARS] = "the rule gives an empty value, which clears the field",
        [MAPPING_KEEPS_EMPTY] = "the rule gives an empty value, and what is known stays",
        [MAPPING_KEEPS_MISSING] =
            "the rule gives nothing that can be used, and what is known stays",
        [MAPPING_LETS_IN] = "this filter leaves the person in",
        [MAPPING_LEAVES_OUT] = "this filter leaves the person out",
        [MAPPING_CANNOT_TELL] = "this filter depends on something that HR did not send",
    };
    return sentences[why];
}

static struct text printed(const struct mapping *m, uint32_t root, struct arena *a) {
    struct buf b;
    buf_init(&b, 16 * MAPPING_TEXT_BYTES);
    mapping_print_value(m, root, &b);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

void mapping_trace_begin(struct mapping_run *r, const char *target, uint32_t root, uint32_t line) {
    struct mapping_trace *t = r->trace;
    t->steps[t->n] = (struct mapping_step){ .target = target,
                                            .rule = printed(r->mapping, root, t->arena),
                                            .line = line };
    t->inputs = NULL;
    t->inputs_n = t->inputs_max = 0;
}

void mapping_trace_read(struct mapping_run *r, const struct mapping_node *n, struct text value) {
    struct mapping_trace *t = r->trace;
    struct text name = printed(r->mapping, (uint32_t)(n - r->mapping->nodes), t->arena);
    for (size_t i = 0; i < t->inputs_n; i++)
        if (text_is(name, t->inputs[i].name))
            return;
    if (t->inputs_n == t->inputs_max) {
        struct mapping_input *more =
            ARENA_NEW(t->arena, struct mapping_input, t->inputs_max * 2 + 8);
        if (t->inputs_n > 0)
            memcpy(more, t->inputs, t->inputs_n * sizeof *more);
        t->inputs = more;
        t->inputs_max = t->inputs_max * 2 + 8;
    }
    t->inputs[t->inputs_n++] = (struct mapping_input){ name.ptr, value };
}

void mapping_trace_end(struct mapping_run *r, struct text result, enum mapping_why why) {
    struct mapping_trace *t = r->trace;
    struct mapping_step *s = &t->steps[t->n++];
    s->inputs = t->inputs;
    s->inputs_n = t->inputs_n;
    s->result = result;
    s->why = why;
}

void mapping_explain(const struct mapping *m, const struct employee *e, const struct user *known,
                     struct arena *a, struct user *ret, struct mapping_outcome *ret_outcome,
                     struct mapping_step **ret_steps, size_t *ret_steps_n) {
    struct mapping_trace trace = { .arena = a };
    struct mapping_run r = { .mapping = m, .employee = e, .arena = a, .trace = &trace };
    trace.steps = ARENA_NEW(a, struct mapping_step, USER_FIELDS_N + m->custom_n + m->conditions_n);
    mapping_build_run(&r, known, ret, ret_outcome);
    *ret_steps = trace.steps;
    *ret_steps_n = trace.n;
}
