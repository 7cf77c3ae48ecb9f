#include "source/source_p.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
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

enum rc_code source_open(const struct source_config *config, struct source **ret,
                         struct rc_error *err) {
    const struct source_ops *ops = config->ops;
    for (const struct setting *s = ops->settings; s->key != NULL; s++) {
        const char *value = source_value(config, s->key);
        if (s->required && (value == NULL || value[0] == '\0'))
            return rc_fail_as(err, RC_INVALID, "setting", "%s: the setting %s is missing (%s)",
                              ops->name, s->key, s->help);
    }
    return ops->open(config, ret, err);
}

void source_close(struct source *s) {
    if (s != NULL)
        s->ops->close(s);
}

/* ---- for the members ---- */

const char *source_value(const struct source_config *c, const char *key) {
    const struct setting *s = c->ops->settings;
    for (size_t i = 0; s[i].key != NULL; i++)
        if (strcmp(s[i].key, key) == 0)
            return c->values != NULL && c->values[i] != NULL ? c->values[i] : s[i].fallback;
    rc_die("source %s has no setting %s", c->ops->name, key);
}

enum rc_code source_value_int(const struct source_config *c, const char *key, int64_t least,
                              int64_t most, int64_t *ret, struct rc_error *err) {
    const char *value = source_value(c, key);
    char *end = NULL;
    errno = 0;
    long long n = value != NULL ? strtoll(value, &end, 10) : 0;
    if (value == NULL || end == value || *end != '\0' || errno != 0 || n < least || n > most)
        return rc_fail_as(err, RC_INVALID, "setting",
                          "%s: the setting %s must be a whole number from %lld to %lld",
                          c->ops->name, key, (long long)least, (long long)most);
    *ret = n;
    return RC_OK;
}

enum rc_code source_cannot(const struct source *s, const char *what, struct rc_error *err) {
    return rc_fail_as(err, RC_INVALID, "source.cannot", "the source %s cannot %s", s->ops->name,
                      what);
}

void source_find_add(struct source_check *c, struct arena *a, enum finding_level level,
                     const char *name, const char *fmt, ...) {
    char text[1000];
    va_list args;
    if (c->findings == NULL)
        c->findings = ARENA_NEW(a, struct finding, SOURCE_FINDINGS_MAX);
    if (c->findings_n == SOURCE_FINDINGS_MAX) { /* nobody reads further; the worst level stays */
        struct finding *last = &c->findings[SOURCE_FINDINGS_MAX - 1];
        last->level = level > last->level ? level : last->level;
        last->name = "more";
        last->text = "there is more of this kind: put the above right and check again";
        return;
    }
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->findings[c->findings_n++] =
        (struct finding){ level, name, arena_str(a, text, strlen(text)) };
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
