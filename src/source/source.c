#include "source/source_p.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A new HR system is one line here. */
static const struct source_ops *const sources[] = {
    &personio_source_ops,
    &csv_source_ops,
};

const struct source_ops *source_find(const char *name) {
    for (size_t i = 0; i < RC_LEN(sources); i++)
        if (strcmp(sources[i]->name, name) == 0)
            return sources[i];
    return NULL;
}

const struct source_ops *const *source_all(size_t *ret_n) {
    *ret_n = RC_LEN(sources);
    return sources;
}

static struct setting_values values_of(const struct source_config *c) {
    return (struct setting_values){ c->ops->name, c->ops->settings, c->values };
}

enum rc_code source_open(const struct source_config *config, struct source **ret,
                         struct rc_error *err) {
    const struct source_ops *ops = config->ops;
    const struct setting_values v = values_of(config);
    enum rc_code rc = setting_check(&v, err);
    return rc != RC_OK ? rc : ops->open(config, ret, err);
}

void source_close(struct source *s) {
    if (s != NULL)
        s->ops->close(s);
}

/* ---- for the members ---- */

const char *source_value(const struct source_config *c, const char *key) {
    const struct setting_values v = values_of(c);
    return setting_value(&v, key);
}

enum rc_code source_value_int(const struct source_config *c, const char *key, int64_t least,
                              int64_t most, int64_t *ret, struct rc_error *err) {
    const struct setting_values v = values_of(c);
    return setting_int(&v, key, least, most, ret, err);
}

enum rc_code source_cannot(const struct source *s, const char *what, struct rc_error *err) {
    return rc_fail_as(err, RC_INVALID, "source.cannot", "the source %s cannot %s", s->ops->name,
                      what);
}

void source_find_add(struct source_check *c, struct arena *a, enum finding_level level,
                     const char *name, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    finding_add(&c->findings, &c->findings_n, a, level, name, fmt, args);
    va_end(args);
}

struct right {
    struct text key, label;
};

static int right_compare(const void *x, const void *y) {
    const struct right *a = x, *b = y;
    return text_compare(a->key, b->key);
}

void source_rights_sort(struct source_rights *r) {
    if (r->attributes_n == 0)
        return;
    size_t n = 0;
    struct right *rights = mem_alloc(r->attributes_n * sizeof *rights);
    for (size_t i = 0; i < r->attributes_n; i++)
        rights[i] = (struct right){ r->attributes[i], r->labels[i] };
    qsort(rights, r->attributes_n, sizeof *rights, right_compare);
    for (size_t i = 0; i < r->attributes_n; i++) {
        if (n > 0 && text_equal(rights[i].key, r->attributes[n - 1]))
            continue;
        r->attributes[n] = rights[i].key;
        r->labels[n++] = rights[i].label;
    }
    r->attributes_n = n;
    mem_free(rights);
}

bool source_rights_have(const struct source_rights *r, const char *key) {
    for (size_t i = 0; i < r->attributes_n; i++)
        if (text_is(r->attributes[i], key))
            return true;
    return false;
}
