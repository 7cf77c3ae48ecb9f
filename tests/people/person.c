#include "tests/people/person.h"

#include "tests/base/helper.h"
#include "people/mapping_p.h"

static const char *behind(const char *p) {
    while (*p == ' ' || *p == '\n' || *p == ',')
        p++;
    return p;
}

/* A word, and what stands behind it. */
static struct text take_word(const char **p) {
    const char *from = *p;
    while ((**p >= 'a' && **p <= 'z') || (**p >= '0' && **p <= '9') || **p == '_')
        (*p)++;
    return text_from(from, (size_t)(*p - from));
}

static struct text take_quoted(const char **p, const char *all) {
    const char *from = ++*p, *end = strchr(from, '"');
    if (from[-1] != '"' || end == NULL)
        fail_msg("no text in quotation marks at \"%s\" of: %s", from - 1, all);
    *p = end + 1;
    return text_from(from, (size_t)(end - from));
}

static void put_custom(struct employee *e, struct text key, struct text value, struct arena *a) {
    for (size_t i = 0; i < e->custom_n; i++)
        if (text_equal(e->custom[i].key, key))
            employee_put_custom(e, i, a, value.ptr, value.len);
}

static void put_field(struct employee *e, struct text name, struct text id, struct text value,
                      struct arena *a, const char *all) {
    int f = mapping_attribute_find(name);
    if (f < 0)
        fail_msg("no attribute \"%.*s\" in: %s", TEXT_ARG(name), all);
    if (f == EMPLOYEE_FIELDS_N)
        assert_int_equal(employee_put_id(e, a, value.ptr, value.len, NULL), RC_OK);
    else if (value.state == TEXT_EMPTY)
        employee_put_empty(e, (enum employee_field)f);
    else if (employee_field_kind((enum employee_field)f) == EMPLOYEE_KIND_GROUP)
        employee_put_group(e, (enum employee_field)f, a, id, value.ptr, value.len);
    else
        employee_put(e, (enum employee_field)f, a, value.ptr, value.len);
}

struct employee person_read(const char *written, const struct mapping *m, struct arena *a) {
    static const struct employee_reads nothing;
    struct employee_reads reads = m != NULL ? mapping_reads(m) : nothing;
    struct employee e;
    employee_begin(&e, &reads, a);
    e.source_id = TEXT_LIT("4711");
    for (const char *p = behind(written); *p != '\0'; p = behind(p)) {
        struct text name = take_word(&p), id = TEXT_NONE, key = TEXT_NONE;
        bool is_custom = text_is(name, "custom") && *p == '(';
        if (is_custom) {
            p++;
            key = take_quoted(&p, written);
            p++;
        }
        p = behind(p);
        if (*p != '=')
            fail_msg("no = at \"%s\" of: %s", p, written);
        p = behind(p + 1);
        if (*p != '"')
            id = take_word(&p);
        p = behind(p);
        struct text value = take_quoted(&p, written);
        if (is_custom)
            put_custom(&e, key, value, a);
        else
            put_field(&e, name, id, value, a, written);
    }
    return e;
}

const char *person_shown(struct text t, struct arena *a) {
    char *shown;
    if (t.state != TEXT_SET)
        return t.state == TEXT_MISSING ? "(missing)" : "(empty)";
    shown = arena_zalloc(a, 2 * t.len + 1);
    for (size_t i = 0, n = 0; i < t.len; i++) {
        shown[n++] = t.ptr[i] == USER_TEAMS_BETWEEN ? ',' : t.ptr[i];
        if (t.ptr[i] == USER_TEAMS_BETWEEN)
            shown[n++] = ' ';
    }
    return shown;
}

const struct mapping *person_mapping(const char *text, struct arena *a) {
    struct mapping_findings f;
    const struct mapping *m = NULL;
    if (mapping_parse(text_of(text), NULL, a, &m, &f, NULL) == RC_OK)
        return m;
    for (size_t i = 0; i < f.n; i++)
        print_error("%u:%u %s: %s\n", f.list[i].line, f.list[i].column, f.list[i].code,
                    f.list[i].sentence);
    fail_msg("no mapping: %s", text);
    return NULL;
}
