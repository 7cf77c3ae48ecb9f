/* What differs between two mappings, field by field, from their printed form. */
#include <string.h>

#include "people/mapping_p.h"

struct differ {
    const struct mapping *old, *new;
    struct arena *arena;
    struct buf printed;
    struct mapping_difference *list;
    size_t n;
};

static void add(struct differ *d, const char *what, struct text was, struct text becomes) {
    if (!text_equal(was, becomes))
        d->list[d->n++] = (struct mapping_difference){ what, was, becomes };
}

static struct text taken(struct differ *d) {
    struct text t = text_copy(d->arena, text_from(d->printed.ptr, d->printed.len));
    buf_clear(&d->printed);
    return t;
}

static struct text value_of(struct differ *d, const struct mapping *m,
                            const struct mapping_rule *r) {
    if (r == NULL || r->how == RULE_NONE)
        return (struct text){ 0 };
    mapping_print_value(m, r->root, &d->printed);
    return taken(d);
}

static struct text empty_of(const struct mapping_rule *r) {
    return text_of(r == NULL || r->how == RULE_NONE  ? NULL
                   : r->empty == MAPPING_EMPTY_KEEPS ? "keep"
                                                     : "clear");
}

static void compare_rules(struct differ *d, const struct mapping_rule *old,
                          const struct mapping_rule *new) {
    const char *name = new != NULL ? new->name : old->name;
    struct text was = empty_of(old), is = empty_of(new);
    add(d, name, value_of(d, d->old, old), value_of(d, d->new, new));
    if (was.state == TEXT_SET && is.state == TEXT_SET)
        add(d, arena_printf(d->arena, "empty %s", name), was, is);
}

static void compare_custom(struct differ *d) {
    size_t i = 0, j = 0;
    while (i < d->old->custom_n || j < d->new->custom_n) {
        const struct mapping_rule *old = i < d->old->custom_n ? &d->old->custom[i] : NULL,
                                  *new = j < d->new->custom_n ? &d->new->custom[j] : NULL;
        int order = old == NULL ? 1 : new == NULL ? -1 : strcmp(old->name, new->name);
        compare_rules(d, order <= 0 ? old : NULL, order >= 0 ? new : NULL);
        i += order <= 0;
        j += order >= 0;
    }
}

/* ---- filters ---- */

static struct text condition_of(struct differ *d, const struct mapping *m,
                                const struct mapping_condition *c) {
    mapping_print_value(m, c->root, &d->printed);
    if (c->because.state == TEXT_SET)
        buf_printf(&d->printed, " because \"%.*s\"", TEXT_ARG(c->because));
    return taken(d);
}

static bool has_condition(struct differ *d, const struct mapping *m, bool includes,
                          struct text printed) {
    for (size_t i = 0; i < m->conditions_n; i++)
        if (m->conditions[i].includes == includes &&
            text_equal(condition_of(d, m, &m->conditions[i]), printed))
            return true;
    return false;
}

/* Those of one mapping that the other does not have. */
static void compare_conditions(struct differ *d, const struct mapping *of,
                               const struct mapping *other, bool are_new) {
    static const struct text none;
    for (size_t i = 0; i < of->conditions_n; i++) {
        const struct mapping_condition *c = &of->conditions[i];
        struct text t = condition_of(d, of, c);
        if (!has_condition(d, other, c->includes, t))
            add(d, c->includes ? "include" : "exclude", are_new ? none : t, are_new ? t : none);
    }
}

/* ---- tables ---- */

static const struct mapping_table *table_find(const struct mapping *m, struct text name) {
    for (size_t i = 0; i < m->tables_n; i++)
        if (m->tables[i].used && text_equal(m->tables[i].name, name))
            return &m->tables[i];
    return NULL;
}

static struct text value_in(const struct mapping_table *t, struct text key) {
    for (size_t i = 0; t != NULL && i < t->rows_n; i++)
        if (text_equal(t->rows[i].key, key))
            return t->rows[i].value;
    return (struct text){ 0 };
}

/* The rows of a table that the other does not have, as text. */
static struct text rows_of(struct differ *d, const struct mapping_table *t,
                           const struct mapping_table *other) {
    size_t n = 0;
    for (size_t i = 0; t != NULL && i < t->rows_n; i++)
        if (!text_equal(value_in(other, t->rows[i].key), t->rows[i].value))
            buf_printf(&d->printed, "%s\"%.*s\" = \"%.*s\"", n++ > 0 ? ", " : "",
                       TEXT_ARG(t->rows[i].key), TEXT_ARG(t->rows[i].value));
    return n == 0 ? (struct text){ 0 } : taken(d);
}

static void compare_tables(struct differ *d, const struct mapping *of, bool are_new) {
    for (size_t i = 0; i < of->tables_n; i++) {
        struct text name = of->tables[i].name;
        const struct mapping_table *old = table_find(d->old, name), *new = table_find(d->new, name);
        if (!of->tables[i].used || (!are_new && new != NULL)) /* once for both */
            continue;
        add(d, arena_printf(d->arena, "table %.*s", TEXT_ARG(name)), rows_of(d, old, new),
            rows_of(d, new, old));
    }
}

size_t mapping_diff(const struct mapping *old, const struct mapping *new, struct arena *a,
                    struct mapping_difference **ret) {
    struct differ d = { .old = old, .new = new, .arena = a };
    buf_init(&d.printed, 16 * MAPPING_TEXT_BYTES);
    d.list = ARENA_NEW(a, struct mapping_difference,
                       2 * USER_FIELDS_N + 2 * (old->custom_n + new->custom_n) + old->conditions_n +
                           new->conditions_n + old->tables_n + new->tables_n);
    for (int f = 0; f < USER_FIELDS_N; f++)
        compare_rules(&d, &old->rules[f], &new->rules[f]);
    compare_custom(&d);
    compare_conditions(&d, old, new, false);
    compare_conditions(&d, new, old, true);
    compare_tables(&d, new, true);
    compare_tables(&d, old, false);
    buf_done(&d.printed);
    *ret = d.list;
    return d.n;
}
