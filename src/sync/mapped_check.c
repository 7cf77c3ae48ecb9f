/* Whether the attributes that a text names by their keys are there: as they were readable when
 * everybody was last listed, and in doubt as HR says now. */
#include <string.h>
#include "sync/import_p.h"
#include "sync/mapped.h"

const char *mapped_keys_name(enum mapped_keys k) {
    static const char *const names[] = { [MAPPED_KEYS_UNCHECKED] = NULL,
                                         [MAPPED_KEYS_NONE] = "none",
                                         [MAPPED_KEYS_LISTED] = "last-listing",
                                         [MAPPED_KEYS_ASKED] = "hr" };
    return names[k];
}

/* lookup.c writes it. Labels came later: where there are not as many of them, there are none. */
static bool catalogue_listed(const struct integration *in, struct arena *a,
                             struct mapping_catalogue *ret) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    json doc, key, value;
    const char *s;
    size_t len, i = 0;
    if (in->rights.state != TEXT_SET ||
        json_parse_copy(r, in->rights.ptr, in->rights.len, &doc, NULL) != RC_OK)
        return false;
    json keys = json_get(doc, "attributes"), labels = json_get(doc, "labels");
    size_t n = json_type(keys) == JSON_ARRAY ? json_size(keys) : 0;
    struct mapping_attribute *list = ARENA_NEW(a, struct mapping_attribute, n + 1);
    for (struct json_iter it = json_iter(keys); i < n && json_next(&it, &key, &value); i++)
        if (json_str(value, &s, &len))
            list[i].key = text_copy(a, text_from(s, len));
    i = 0;
    if (json_type(labels) == JSON_ARRAY && json_size(labels) == n)
        for (struct json_iter it = json_iter(labels); i < n && json_next(&it, &key, &value); i++)
            if (json_str(value, &s, &len))
                list[i].label = text_copy(a, text_from(s, len));
    *ret = (struct mapping_catalogue){ list, n };
    return n > 0;
}

static enum rc_code catalogue_asked(const struct integration *in, const struct mapped_source *from,
                                    struct arena *a, struct mapping_catalogue *ret,
                                    struct rc_error *err) {
    RC_CLEANUP(source_closep) struct source *source = NULL;
    const struct mapping *m = mapping_default(a);
    struct source_rights r = { 0 };
    enum rc_code rc = from->ops != NULL
                          ? import_connect_to(from->ops, in, m, from->clock, &source, err)
                          : import_connect(in, m, from->clock, &source, err);
    if (rc != RC_OK)
        return rc;
    if ((source->ops->caps & SOURCE_RIGHTS) == 0)
        return rc_fail(err, RC_NOT_FOUND, "%s does not tell what may be read", source->ops->title);
    if ((rc = source->ops->rights(source, a, &r, err)) != RC_OK)
        return rc;
    if (r.attributes_n == 0)
        return rc_fail(err, RC_NOT_FOUND, "%s names no attribute", source->ops->title);
    struct mapping_attribute *list = ARENA_NEW(a, struct mapping_attribute, r.attributes_n);
    for (size_t i = 0; i < r.attributes_n; i++)
        list[i] =
            (struct mapping_attribute){ text_copy(a, r.attributes[i]), text_copy(a, r.labels[i]) };
    *ret = (struct mapping_catalogue){ list, r.attributes_n };
    return RC_OK;
}

static bool names_unknown_key(const struct mapping_findings *f) {
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->list[i].code, "unknown-key") == 0)
            return true;
    return f->errors_n > f->n; /* some found no place in the list */
}

enum rc_code mapped_check(const struct integration *in, struct text text,
                          const struct mapped_source *from, struct arena *a,
                          struct mapped_checked *ret, struct rc_error *err) {
    struct mapping_catalogue all;
    bool listed = catalogue_listed(in, a, &all);
    *ret = (struct mapped_checked){ .keys = listed ? MAPPED_KEYS_LISTED : MAPPED_KEYS_UNCHECKED };
    enum rc_code rc =
        mapping_parse(text, listed ? &all : NULL, a, &ret->mapping, &ret->findings, err);
    /* A key that was not there then may be there now; whatever else is wrong is told first. */
    bool ask = listed ? names_unknown_key(&ret->findings) : rc == RC_OK;
    if (rc == RC_OK && mapping_reads(ret->mapping).custom_n == 0) {
        ret->keys = MAPPED_KEYS_NONE;
        return rc;
    }
    if (!ask || catalogue_asked(in, from, a, &all, &ret->not_asked) != RC_OK)
        return rc;
    ret->keys = MAPPED_KEYS_ASKED;
    return mapping_parse(text, &all, a, &ret->mapping, &ret->findings, err);
}

enum rc_code mapped_team_agrees(const struct integration *in, const struct mapping *m,
                                struct rc_error *err) {
    if (text_is(in->team_from, "department") || mapping_has_own_rule(m, USER_PRIMARY_TEAM))
        return RC_OK;
    return rc_fail_as(err, RC_CONFLICT, "mapping.team",
                      "the primary team of this integration comes from HR's %.*s (integration set "
                      "--team), and the mapping has no rule for it, which would make it the "
                      "department: write primary_team = %.*s into it, or primary_team = department",
                      TEXT_ARG(in->team_from), TEXT_ARG(in->team_from));
}
