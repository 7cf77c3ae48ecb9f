/* One account: by id, external id, or address. Who is deactivated may not be where others are found,
 * so "there is none" is said only after both lists were asked. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PAGES_MOST = 50 }; /* of a filtered list: what has more ignores our filter */

enum rc_code learnamp_get(struct learnamp_lane *l, int64_t id, struct arena *a, json *ret_user,
                          struct account *ret, struct rc_error *err) {
    struct learnamp_answer answer;
    char path[60], what[80];
    struct account found;
    snprintf(path, sizeof path, "/v1/users/%lld", (long long)id);
    snprintf(what, sizeof what, "GET %s", path);
    const struct learnamp_call call = { LEARNAMP_READS, "GET", path, what, "users:read", NULL };
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    if (rc != RC_OK)
        return rc;
    if (answer.status == 404 || answer.status == 410)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                          "%s: Learn Amp does not know it", what);
    if (!learnamp_is_good(&answer)) /* in its own words, and about this one alone */
        return rc_fail_as(err, RC_INVALID, "destination.unreadable", "%s: %.*s", what,
                          TEXT_ARG(learnamp_said(&answer, a)));
    if (learnamp_id(answer.root) != id)
        return rc_fail_as(err, RC_INVALID, "destination.answer", "%s: answered %d, with user %lld",
                          what, answer.status, (long long)learnamp_id(answer.root));
    learnamp_read_user(answer.root, learnamp_of(l)->caps, a, &found);
    *ret_user = answer.root;
    *ret = found;
    return RC_OK;
}

/* ---- in both lists ---- */

struct looking {
    const char *filter; /* "email" */
    struct text key;
    bool by_email;
    struct account found;
    bool any, several;
};

static bool fits(const struct looking *x, const struct account *one) {
    if (one->remote_id.state != TEXT_SET)
        return false;
    if (!x->by_email)
        return text_equal(one->external_id, x->key);
    struct text email = one->fields[USER_EMAIL].known; /* folded already */
    return email.state == TEXT_SET && email.len == x->key.len &&
           strncasecmp(email.ptr, x->key.ptr, email.len) == 0;
}

static void look_at(struct looking *x, const struct destination_page *page) {
    for (size_t i = 0; i < page->accounts_n; i++) {
        const struct account *one = &page->accounts[i];
        if (!fits(x, one))
            continue;
        if (x->any && !text_equal(x->found.remote_id, one->remote_id))
            x->several = true;
        x->found = *one;
        x->any = true;
    }
}

static enum rc_code look_in(struct learnamp_lane *l, struct looking *x, bool deactivated,
                            struct arena *a, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    struct learnamp_answer answer = { 0 };
    struct buf path;
    bool ends = false;
    buf_init(&path, LEARNAMP_URL_BYTES / 2);
    for (int64_t number = 1; rc == RC_OK && !ends && number <= PAGES_MOST; number++) {
        struct destination_page page = { 0 };
        buf_clear(&path);
        buf_printf(&path, "/v1/users?expanded=true&page=%lld&filters%%5B%s%%5D=", (long long)number,
                   x->filter);
        http_escape(&path, x->key.ptr, x->key.len);
        if (deactivated)
            buf_str(&path, "&filters%5Bstatus%5D%5B%5D=deactivated");
        if (path.full) {
            rc = rc_fail_as(err, RC_INVALID, "destination.id", "what is looked for is too long");
            break;
        }
        const struct learnamp_call call = { LEARNAMP_READS,  "GET",        path.ptr,
                                            "GET /v1/users", "users:read", NULL };
        rc = learnamp_call(l, &call, &answer, err);
        if (rc == RC_OK && (answer.status == 404 || answer.status == 400) &&
            (number > 1 || !x->by_email))
            break; /* behind the last page; or a filter that this platform does not have */
        if (rc == RC_OK && !learnamp_is_good(&answer))
            rc = rc_fail_as(err, RC_INVALID, "destination.answer", "GET /v1/users: answered %d",
                            answer.status);
        if (rc == RC_OK)
            rc = learnamp_page_read(answer.root, DESTINATION_ACCOUNTS, learnamp_of(l)->caps, a,
                                    &page, err);
        look_at(x, &page);
        ends = page.accounts_n == 0 || (answer.total_pages >= 0 && number >= answer.total_pages);
    }
    buf_done(&path);
    return rc;
}

static enum rc_code look(struct learnamp_lane *l, struct looking *x, struct arena *a,
                         struct account *ret, struct rc_error *err) {
    enum rc_code rc = look_in(l, x, false, a, err);
    if (rc == RC_OK)
        rc = look_in(l, x, true, a, err);
    if (rc != RC_OK)
        return rc;
    if (x->several)
        return rc_fail_as(err, RC_CONFLICT, "destination.several", "several accounts have this %s",
                          x->by_email ? "address" : "external id");
    if (!x->any)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                          "Learn Amp has no account with this %s",
                          x->by_email ? "address" : "external id");
    *ret = x->found;
    return RC_OK;
}

/* ---- by external id ---- */

static enum rc_code by_external_id(struct learnamp_lane *l, struct text key, struct arena *a,
                                   struct account *ret, struct rc_error *err) {
    struct looking x = { .filter = "integration_external_id", .key = key };
    struct learnamp_answer answer;
    struct buf path;
    buf_init(&path, LEARNAMP_URL_BYTES / 2);
    buf_str(&path, "/v1/users/by_integration_external_id/");
    http_escape(&path, key.ptr, key.len);
    if (path.full) {
        buf_done(&path);
        return rc_fail_as(err, RC_INVALID, "destination.id", "the external id is too long");
    }
    const struct learnamp_call call = { LEARNAMP_READS, "GET",
                                        path.ptr,       "GET /v1/users/by_integration_external_id",
                                        "users:read",   NULL };
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    buf_done(&path);
    if (rc != RC_OK)
        return rc;
    if (answer.status == 404 || answer.status == 410)
        return look(l, &x, a, ret, err);
    if (!learnamp_is_good(&answer))
        return rc_fail_as(err, RC_INVALID, "destination.answer", "%s: answered %d", call.what,
                          answer.status);
    struct account found;
    learnamp_read_user(answer.root, learnamp_of(l)->caps, a, &found);
    if (fits(&x, &found)) {
        *ret = found;
        return RC_OK;
    }
    if (found.external_id.state == TEXT_SET && found.external_id.len == key.len &&
        strncasecmp(found.external_id.ptr, key.ptr, key.len) == 0)
        return rc_fail_as(err, RC_CONFLICT, "destination.taken",
                          "user %.*s has this external id in other letters",
                          TEXT_ARG(found.remote_id));
    return rc_fail_as(err, RC_INVALID, "destination.answer", "%s: answered with another user, %.*s",
                      call.what, TEXT_ARG(found.remote_id));
}

/* ---- */

enum rc_code learnamp_find(struct destination_lane *base, enum destination_key by, struct text key,
                           struct arena *a, struct account *ret, struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    struct looking x = { .filter = "email", .key = key, .by_email = true };
    int64_t id;
    json user;
    enum rc_code rc = RC_INVALID;
    if (key.state != TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "destination.id", "learnamp: nothing to look for");
    switch (by) {
    case DESTINATION_BY_ID:
        if (!learnamp_id_parse(key, &id))
            return rc_fail_as(err, RC_INVALID, "destination.id",
                              "learnamp: an id there is a number, not \"%.*s\"", TEXT_ARG(key));
        rc = learnamp_get(l, id, a, &user, ret, err);
        break;
    case DESTINATION_BY_EXTERNAL_ID: rc = by_external_id(l, key, a, ret, err); break;
    case DESTINATION_BY_EMAIL: rc = look(l, &x, a, ret, err); break;
    }
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}
