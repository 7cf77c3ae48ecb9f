/* What is in a request to /api/v1: arguments, members of the body, and what a path names. */
#include <stdlib.h>
#include <string.h>

#include "server/api_p.h"

/* ---- arguments ---- */

enum rc_code api_limit(const struct api_call *c, int64_t *ret, struct rc_error *err) {
    const char *given = server_argument(c->q, "limit", 0);
    char *end;
    *ret = given != NULL ? strtoll(given, &end, 10) : API_PAGE;
    if (given == NULL || (*given >= '1' && *given <= '9' && *end == '\0' && *ret <= API_PAGE_MOST))
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.argument", "limit is a number from 1 to %d",
                      API_PAGE_MOST);
}

enum rc_code api_number(const char *part, const char *name, int64_t *ret, struct rc_error *err) {
    char *end;
    *ret = strtoll(part, &end, 10);
    if (*part >= '1' && *part <= '9' && *end == '\0' && *ret < INT64_MAX)
        return RC_OK;
    return rc_fail_as(err, RC_NOT_FOUND, "not-found", "a %s is a number", name);
}

enum rc_code api_cursor(const struct api_call *c, int64_t *ret, struct rc_error *err) {
    const char *given = server_argument(c->q, "cursor", 0);
    *ret = 0;
    if (given == NULL || api_number(given, "cursor", ret, err) == RC_OK)
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.argument",
                      "cursor is what \"next\" was in the page before");
}

void api_put_next(struct api_call *c, int64_t next) {
    if (next != 0)
        json_put_cstr(&c->w, "next", arena_printf(c->arena, "%lld", (long long)next));
    else
        json_put_null(&c->w, "next");
}

enum rc_code api_text(const struct api_call *c, const char *member, bool required, size_t most,
                      const char **ret, struct rc_error *err) {
    json v = json_get(c->body, member);
    const char *s;
    size_t len = 0;
    *ret = NULL;
    if (json_type(v) == JSON_MISSING || json_type(v) == JSON_NULL) {
        if (!required)
            return RC_OK;
    } else if (!json_str(v, &s, &len) || len > most || memchr(s, '\0', len) != NULL)
        return rc_fail_as(err, RC_INVALID, "request.body", "%s is a text of %zu bytes at most",
                          member, most);
    else if (len > 0) {
        *ret = arena_str(c->arena, s, len);
        return RC_OK;
    }
    return required ? rc_fail_as(err, RC_INVALID, "request.body", "%s is missing", member) : RC_OK;
}

enum rc_code api_texts(const struct api_call *c, const char *member, size_t most_bytes,
                       const char **ret, size_t most, size_t *ret_n, struct rc_error *err) {
    json v = json_get(c->body, member), key, one;
    struct json_iter it;
    *ret_n = 0;
    if (json_type(v) == JSON_MISSING || json_type(v) == JSON_NULL)
        return RC_OK;
    if (json_type(v) != JSON_ARRAY || json_size(v) == 0 || json_size(v) > most)
        return rc_fail_as(err, RC_INVALID, "request.body", "%s is a list of 1 to %zu texts", member,
                          most);
    it = json_iter(v);
    while (json_next(&it, &key, &one)) {
        const char *s;
        size_t len = 0;
        if (!json_str(one, &s, &len) || len == 0 || len > most_bytes ||
            memchr(s, '\0', len) != NULL)
            return rc_fail_as(err, RC_INVALID, "request.body",
                              "%s is a list of texts of 1 to %zu bytes", member, most_bytes);
        ret[(*ret_n)++] = arena_str(c->arena, s, len);
    }
    return RC_OK;
}

enum rc_code api_flag(const struct api_call *c, const char *member, bool *ret,
                      struct rc_error *err) {
    json v = json_get(c->body, member);
    *ret = false;
    if (json_type(v) == JSON_MISSING || json_type(v) == JSON_NULL || json_bool(v, ret))
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.body", "%s is true or false", member);
}

enum rc_code api_whole(const struct api_call *c, const char *member, int64_t least, int64_t most,
                       int64_t usual, int64_t *ret, struct rc_error *err) {
    json v = json_get(c->body, member);
    *ret = usual;
    if (json_type(v) == JSON_MISSING || json_type(v) == JSON_NULL)
        return RC_OK;
    if (json_type(v) == JSON_INT && json_int(v, ret) && *ret >= least && *ret <= most)
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "request.body", "%s is a whole number from %lld to %lld",
                      member, (long long)least, (long long)most);
}

enum rc_code api_argument(const struct api_call *c, const char *name, int64_t least, int64_t most,
                          int64_t usual, int64_t *ret, struct rc_error *err) {
    const char *given = server_argument(c->q, name, 0);
    char *end;
    *ret = usual;
    if (given == NULL)
        return RC_OK;
    int64_t n = strtoll(given, &end, 10);
    if (*given < '0' || *given > '9' || *end != '\0' || n < least || n > most)
        return rc_fail_as(err, RC_INVALID, "request.argument", "%s is a number from %lld to %lld",
                          name, (long long)least, (long long)most);
    *ret = n;
    return RC_OK;
}

/* ---- what a path names ---- */

enum rc_code api_integration(struct api_call *c, struct integration *ret, struct rc_error *err) {
    return integration_find(c->st, c->company.company_id, c->parts[1], NULL, c->arena, ret, err);
}

enum rc_code api_destination(struct api_call *c, struct platform *ret, struct rc_error *err) {
    return platform_find(c->st, c->company.company_id, c->parts[1], NULL, c->arena, ret, err);
}

enum rc_code api_run(struct api_call *c, struct run *ret, struct rc_error *err) {
    int64_t id;
    enum rc_code rc = api_number(c->parts[1], "run", &id, err);
    return rc != RC_OK ? rc : run_get(c->st, c->company.company_id, id, c->arena, ret, err);
}
