/* What the credential may read: for sync/, which compares it with last time, and in words for
 * whoever can tick it. */
#include "source/personio_p.h"

#include <stdlib.h>
#include <string.h>

/* ---- the catalogue ---- */

/* Lists exactly what this credential may read. The answer lives until the next call. */
static enum rc_code catalogue_fetch(struct personio *p, json *ret_list, struct rc_error *err) {
    struct personio_answer answer;
    enum rc_code rc = personio_call(p, PERSONIO_CATALOGUE, "", PERSONIO_RIGHT_EMPLOYEES, &p->body,
                                    p->reader, &answer, err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "GET " PERSONIO_CATALOGUE ": answered 404: is base-url right?");
    if (rc != RC_OK)
        return rc;
    *ret_list = json_get(answer.root, "data");
    if (json_type(*ret_list) != JSON_ARRAY)
        return rc_fail_as(err, RC_INVALID, "personio.answer",
                          "GET " PERSONIO_CATALOGUE ": the answer has no list of attributes");
    return RC_OK;
}

static struct text member_text(struct arena *a, json object, const char *key) {
    const char *s;
    size_t n;
    return json_str(json_get(object, key), &s, &n) ? text_copy(a, text_from(s, n)) : TEXT_NONE;
}

static int word_compare(const void *x, const void *y) {
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* "b a" as "a b": their order means nothing and must not look like a change. */
static struct text scopes_sorted(struct arena *a, const char *scope) {
    size_t n = 0, len = strlen(scope);
    char *copy = arena_str(a, scope, len), *rest = NULL;
    char *sorted = arena_zalloc(a, len + 2), *to = sorted;
    char **words = ARENA_NEW(a, char *, len / 2 + 1);
    for (char *w = strtok_r(copy, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest))
        words[n++] = w;
    qsort(words, n, sizeof *words, word_compare);
    for (size_t i = 0; i < n; i++) {
        to = stpcpy(to, i > 0 ? " " : "");
        to = stpcpy(to, words[i]);
    }
    return text_from(sorted, (size_t)(to - sorted));
}

static enum rc_code rights_read(struct personio *p, json list, struct arena *a,
                                struct source_rights *ret, struct rc_error *err) {
    struct source_rights r = { 0 };
    size_t n = json_size(list);
    json none, one;
    r.attributes = ARENA_NEW(a, struct text, n + 1);
    r.labels = ARENA_NEW(a, struct text, n + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &none, &one);) {
        struct text key = member_text(a, one, "key");
        if (key.state != TEXT_SET)
            return rc_fail_as(err, RC_INVALID, "personio.answer",
                              "GET " PERSONIO_CATALOGUE ": entry %zu has no key", r.attributes_n);
        r.attributes[r.attributes_n] = key;
        r.labels[r.attributes_n++] = member_text(a, one, "label");
    }
    source_rights_sort(&r);
    if (p->scope != NULL)
        r.scopes = scopes_sorted(a, p->scope);
    *ret = r;
    return RC_OK;
}

enum rc_code personio_rights(struct source *s, struct arena *a, struct source_rights *ret,
                             struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    json list = NULL;
    enum rc_code rc = catalogue_fetch(p, &list, err);
    if (rc == RC_OK)
        rc = rights_read(p, list, a, ret, err);
    return rc == RC_OK ? rc : rc_context(err, rc, "personio");
}

/* ---- too much ---- */

/* Parts of keys and universal ids. Labels are the customer's and translated, so they tell nothing.
 * */
static const struct {
    const char *what;
    const char *parts[10];
} protected[] = {
    { "Pay", { "salary", "compensation", "bonus", "wage", "payroll" } },
    { "Bank details", { "iban", "bank", "bic", "account_holder", "account_number" } },
    { "Birth dates", { "birth" } },
    { "Tax, insurance or health data",
      { "social_security", "tax_", "insurance", "disabil", "denomination", "religion", "church",
        "marital", "nationality" } },
};

static bool has_part(struct text t, const char *part) {
    size_t n = strlen(part);
    return t.state == TEXT_SET && n <= t.len && memmem(t.ptr, t.len, part, n) != NULL;
}

static void warn_protected(const struct personio *p, json list, struct arena *a,
                           struct source_check *c) {
    json none, one;
    for (size_t g = 0; g < RC_LEN(protected); g++) {
        struct buf names;
        buf_init(&names, 500);
        for (struct json_iter it = json_iter(list); json_next(&it, &none, &one);) {
            struct text key = member_text(a, one, "key"), label = member_text(a, one, "label");
            struct text universal = member_text(a, one, "universal_id");
            bool hit = false, wanted = false;
            for (size_t i = 0; i < RC_LEN(protected[g].parts) && protected[g].parts[i] != NULL; i++)
                hit = hit || has_part(key, protected[g].parts[i]) ||
                      has_part(universal, protected[g].parts[i]);
            for (size_t i = 0; i < p->reads.custom_n; i++)
                wanted = wanted || text_is(key, p->reads.custom[i]);
            if (hit && !wanted)
                buf_printf(&names, "%s\"%.*s\" (%.*s)", names.len > 0 ? ", " : "", TEXT_ARG(label),
                           TEXT_ARG(key));
        }
        if (names.len > 0)
            source_find_add(c, a, FINDING_WARN, "too-much-readable",
                            "%s can be read and is not needed: %s%s. Untick it in " PERSONIO_WHERE
                            " > readable employee attributes",
                            protected[g].what, names.ptr, names.full ? " and more" : "");
        buf_done(&names);
    }
}

/* ---- too little ---- */

/* Without these no account can be made, or none closed. */
static enum finding_level level_of(enum employee_field f) {
    switch (f) {
    case EMPLOYEE_FIRST_NAME:
    case EMPLOYEE_LAST_NAME:
    case EMPLOYEE_EMAIL:
    case EMPLOYEE_STATUS: return FINDING_FAIL;
    default: return FINDING_WARN;
    }
}

/* Whether the answers have it, for an attribute that the catalogue has. Without a row nobody can
 * tell. */
static bool row_has(json row, const char *key) {
    json all = json_get(row, "attributes");
    return json_type(all) != JSON_OBJECT || json_get(all, key) != NULL;
}

static void need(const struct source_rights *rights, json row, struct arena *a,
                 enum finding_level level, const char *label, const char *key,
                 struct source_check *c) {
    if (!source_rights_have(rights, key))
        source_find_add(
            c, a, level, "attribute-missing",
            "%s (%s) is read by the mapping and not readable. Tick it in " PERSONIO_WHERE
            " > readable employee attributes",
            label, key);
    else if (!row_has(row, key))
        source_find_add(
            c, a, level, "attribute-not-sent",
            "%s (%s) is ticked as readable, but Personio does not send it. Untick and tick it "
            "again in " PERSONIO_WHERE " > readable employee attributes, or ask Personio",
            label, key);
}

static void find_missing(const struct personio *p, const struct source_rights *rights, json row,
                         struct arena *a, struct source_check *c) {
    for (enum employee_field f = 0; f < EMPLOYEE_FIELDS_N; f++)
        if ((p->reads.fields & 1u << f) != 0)
            need(rights, row, a, level_of(f), personio_label(f), personio_key(f), c);
    for (size_t i = 0; i < p->reads.custom_n; i++)
        need(rights, row, a, FINDING_WARN, "A custom attribute", p->reads.custom[i], c);
}

/* ---- people ---- */

static enum rc_code one_person(struct personio *p, struct arena *a, json *ret_row,
                               struct source_check *c, struct rc_error *err) {
    struct personio_page page = { 0 };
    struct personio_answer answer;
    struct buf query;
    buf_init(&query, 2 * PERSONIO_QUERY_BYTES);
    personio_list_query(p, "", 1, 0, &query);
    enum rc_code rc = personio_call(p, PERSONIO_EMPLOYEES, query.ptr, PERSONIO_RIGHT_EMPLOYEES,
                                    &p->body, p->reader, &answer, err);
    buf_done(&query);
    if (rc == RC_NOT_FOUND)
        rc = rc_fail_as(err, RC_INVALID, "personio.answer",
                        "GET " PERSONIO_EMPLOYEES ": answered 404: is base-url right?");
    if (rc == RC_OK)
        rc = personio_page_take(&page, &answer, err);
    if (rc != RC_OK)
        return rc;
    *ret_row = page.base.rows_n > 0 ? page.rows[0] : NULL;
    c->people_n = page.base.declared_total;
    if (page.base.rows_n == 0 && c->people_n > 0) /* one row was asked for; some pages lack one */
        source_find_add(c, a, FINDING_WARN, "no-people",
                        "Personio says that %lld people can be read, and shows none when asked for "
                        "one: whether all attributes come cannot be told",
                        (long long)c->people_n);
    else if (page.base.rows_n == 0)
        source_find_add(c, a, FINDING_FAIL, "no-people",
                        "Personio shows nobody to this credential. Is its access limited to some "
                        "people? See " PERSONIO_WHERE);
    else if (c->people_n < 0)
        source_find_add(
            c, a, FINDING_FAIL, "no-total",
            "Personio does not say how many people there are, so no list can be proven complete, "
            "and none is imported");
    else
        source_find_add(c, a, FINDING_OK, "people", "%lld people can be read",
                        (long long)c->people_n);
    mem_free(page.rows);
    return RC_OK;
}

/* A refusal is what check is there to find. What cannot be reached, it cannot tell about. */
static enum rc_code refused(enum rc_code rc, const struct rc_error *why, struct arena *a,
                            struct source_check *c, struct source_check *ret,
                            struct rc_error *err) {
    if (rc == RC_AUTH) {
        bool credentials = why->name != NULL && strcmp(why->name, "personio.credentials") == 0;
        source_find_add(c, a, FINDING_FAIL, credentials ? "credentials" : "right-missing", "%s",
                        why->text);
        *ret = *c;
        return RC_OK;
    }
    if (err != NULL)
        *err = *why;
    return rc_context(err, rc, "personio");
}

enum rc_code personio_check(struct source *s, struct arena *a, struct source_check *ret,
                            struct rc_error *err) {
    struct personio *p = (struct personio *)s;
    struct source_check c = { .people_n = -1 };
    struct source_rights rights;
    struct rc_error why = { 0 };
    json list = NULL, row = NULL;
    enum rc_code rc = personio_authorise(p, NULL, &why);
    if (rc != RC_OK)
        return refused(rc, &why, a, &c, ret, err);
    source_find_add(&c, a, FINDING_OK, "connected", "signed in at %s", p->base_url);
    rc = catalogue_fetch(p, &list, &why);
    if (rc == RC_OK)
        rc = rights_read(p, list, a, &rights, &why);
    if (rc != RC_OK)
        return refused(rc, &why, a, &c, ret, err);
    warn_protected(p, list, a, &c);
    rc = one_person(p, a, &row, &c, &why);
    if (rc != RC_OK)
        return refused(rc, &why, a, &c, ret, err);
    find_missing(p, &rights, row, a, &c);
    *ret = c;
    return RC_OK;
}
