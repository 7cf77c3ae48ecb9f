#include "store/our_id.h"

#include <string.h>
#include "store/integration.h"
#include "store/store.h"

bool our_id_begins(struct text prefix, struct text id) {
    return prefix.state == TEXT_SET && id.state == TEXT_SET && id.len > prefix.len &&
           memcmp(id.ptr, prefix.ptr, prefix.len) == 0 && id.ptr[prefix.len] == ':';
}

bool our_id_split(struct text prefix, struct text id, struct text *ret_key,
                  struct text *ret_source_id) {
    if (!our_id_begins(prefix, id))
        return false;
    const char *key = id.ptr + prefix.len + 1;
    size_t left = id.len - prefix.len - 1;
    const char *colon = memchr(key, ':', left);
    if (colon == NULL)
        return false;
    *ret_key = text_from(key, (size_t)(colon - key));
    *ret_source_id = text_from(colon + 1, left - ret_key->len - 1);
    return true;
}

static enum rc_code is_staged(struct store *st, const struct integration *in, struct text source_id,
                              bool *ret, struct rc_error *err) {
    static const char sql[] =
        "SELECT COUNT(*) FROM run AS r JOIN version AS v ON v.company_id = r.company_id"
        " AND v.run_id = r.run_id WHERE r.company_id = $1 AND r.integration_id = $2"
        " AND r.state IN ('listing', 'checking', 'passed', 'held', 'previewed')"
        " AND v.source_id = $3";
    int64_t n = 0;
    enum rc_code rc =
        store_number(st, &n, err, sql, "iit", in->company_id, in->integration_id, source_id);
    *ret = n > 0;
    return rc;
}

enum rc_code our_id_of(struct store *st, int64_t company_id, struct text prefix, struct text id,
                       struct arena *a, enum our_id *ret, struct person *ret_person,
                       struct rc_error *err) {
    struct integration in;
    bool any = false, staged = false;
    struct text key, source_id;
    *ret = OUR_ID_NOT;
    if (!our_id_split(prefix, id, &key, &source_id))
        return RC_OK;
    *ret = OUR_ID_NOBODYS;
    enum rc_code rc =
        integration_find(st, company_id, arena_str(a, key.ptr, key.len), NULL, a, &in, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = directory_find(st, company_id, in.integration_id, source_id, a, ret_person, err);
    if (rc != RC_NOT_FOUND) {
        *ret = OUR_ID_SOMEBODYS;
        return rc;
    }
    if ((rc = directory_has_any(st, company_id, in.integration_id, &any, err)) != RC_OK ||
        (rc = is_staged(st, &in, source_id, &staged, err)) != RC_OK)
        return rc;
    if (!any || staged)
        *ret = OUR_ID_UNSETTLED;
    return RC_OK;
}
