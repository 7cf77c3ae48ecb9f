/* Whether a delivery could work, in words for whoever can put it right. Nothing is changed. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>

struct checking {
    struct learnamp_lane *l;
    struct arena *a;
    struct destination_check c;
};
#define FIND(x, level, name, ...)                                                                  \
    destination_find_add(&(x)->c, (x)->a, FINDING_##level, name, __VA_ARGS__)

/* ---- the key ---- */

/* Which of the scopes asked for the key may not have: each is asked for alone. */
static void find_refused_scopes(struct checking *x, const char *asked) {
    char granted[LEARNAMP_SCOPE_BYTES];
    for (const char *s = asked; *s != '\0';) {
        size_t n = strcspn(s, " ");
        struct rc_error why = { 0 };
        char *one = arena_str(x->a, s, n);
        s += n + strspn(s + n, " ");
        if (learnamp_token_try(x->l, one, granted, &why) == RC_AUTH && why.name != NULL &&
            strcmp(why.name, "destination.scope") == 0)
            FIND(x, FAIL, "scope-missing", "the key lacks the scope %s. Tick it in " LEARNAMP_WHERE,
                 one);
    }
}

/* What was asked for against what the token answer says was given. */
static void compare_scopes(struct checking *x, const char *asked, const char *granted) {
    size_t missing_n = 0;
    if (granted[0] == '\0') {
        FIND(x, WARN, "scope-unknown",
             "Learn Amp does not say which scopes the key has: whether it may write will be seen "
             "when it does");
        return;
    }
    for (const char *s = asked; *s != '\0' && !learnamp_scopes_have(granted, "public", 6);) {
        size_t n = strcspn(s, " ");
        if (!learnamp_scopes_have(granted, s, n)) {
            FIND(x, FAIL, "scope-missing",
                 "the key lacks the scope %.*s. Tick it in " LEARNAMP_WHERE, (int)n, s);
            missing_n++;
        }
        s += n + strspn(s + n, " ");
    }
    if (missing_n == 0)
        FIND(x, OK, "scopes", "the key has the scopes that were asked for");
    if (learnamp_scopes_have(granted, "users:delete", 12))
        FIND(x, WARN, "scope-too-many",
             "the key may delete users (users:delete), which rollcall never does: untick it");
}

/* False: there is nothing more to be found out. */
static bool sign_in(struct checking *x, enum rc_code *ret, struct rc_error *err) {
    const char *asked = learnamp_of(x->l)->scope;
    char granted[LEARNAMP_SCOPE_BYTES];
    struct rc_error why = { 0 };
    enum rc_code rc = learnamp_token_try(x->l, asked, granted, &why);
    *ret = RC_OK;
    if (rc == RC_OK) {
        FIND(x, OK, "connected", "signed in at %s", learnamp_of(x->l)->base_url);
        compare_scopes(x, asked, granted);
        return true;
    }
    if (rc != RC_AUTH) {
        if (err != NULL)
            *err = why;
        *ret = rc;
        return false;
    }
    if (why.name == NULL || strcmp(why.name, "destination.scope") != 0) {
        FIND(x, FAIL, "credentials", "%s", why.text);
        return false;
    }
    size_t before = x->c.findings_n;
    find_refused_scopes(x, asked);
    if (x->c.findings_n == before) /* each alone is good, together they are not */
        FIND(x, FAIL, "scope-missing", "%s", why.text);
    return false;
}

/* ---- what can be read ---- */

/* A call that reads. RC_OK with *ret_root NULL: a finding was made of it. */
static enum rc_code readable(struct checking *x, const char *path, const char *what,
                             const char *scope, struct learnamp_answer *ret, struct rc_error *err) {
    const struct learnamp_call call = { LEARNAMP_READS, "GET", path, what, scope, NULL };
    struct rc_error why = { 0 };
    enum rc_code rc = learnamp_call(x->l, &call, ret, &why);
    if (rc == RC_OK && learnamp_is_good(ret))
        return RC_OK;
    if (rc == RC_OK)
        FIND(x, FAIL, "not-readable", "%s: %.*s", what, TEXT_ARG(learnamp_said(ret, x->a)));
    else if (rc == RC_AUTH)
        FIND(x, FAIL,
             why.name != NULL && strcmp(why.name, "destination.scope") == 0 ? "scope-missing"
                                                                            : "credentials",
             "%s", why.text);
    else if (err != NULL)
        *err = why;
    ret->root = NULL;
    return rc == RC_AUTH ? RC_OK : rc;
}

static bool knows_custom(json rows, struct arena *a, struct text name, bool *ret_shown) {
    json none, row;
    struct account one;
    *ret_shown = false;
    for (struct json_iter it = json_iter(rows); json_next(&it, &none, &row);) {
        learnamp_read_user(row, 0, a, &one);
        for (size_t i = 0; i < one.custom_n; i++) {
            *ret_shown = true;
            if (text_equal(one.custom[i].name, name))
                return true;
        }
    }
    return false;
}

static void find_customs(struct checking *x, json rows, const struct text *custom,
                         size_t custom_n) {
    struct buf names;
    bool shown;
    buf_init(&names, 600);
    for (size_t i = 0; i < custom_n; i++) {
        if (knows_custom(rows, x->a, custom[i], &shown))
            continue;
        if (shown)
            FIND(x, FAIL, "custom-field-missing",
                 "Learn Amp has no custom field \"%.*s\": an administrator has to make it under "
                 "Company Settings, with exactly this name",
                 TEXT_ARG(custom[i]));
        else
            buf_printf(&names, "%s\"%.*s\"", names.len > 0 ? ", " : "", TEXT_ARG(custom[i]));
    }
    if (names.len > 0)
        FIND(x, WARN, "custom-fields-unseen",
             "Learn Amp does not show its custom fields here, so nobody can tell whether it has "
             "these: %s%s. An administrator has to make them by hand, with exactly these names",
             names.ptr, names.full ? " and more" : "");
    buf_done(&names);
}

static void find_external_ids(struct checking *x, json rows) {
    json none, row;
    bool any = false;
    for (struct json_iter it = json_iter(rows); json_next(&it, &none, &row);)
        any = any || json_get(row, "integrationExternalId") != NULL;
    if (any)
        FIND(x, OK, "external-ids", "users show their external id");
    else
        FIND(x, WARN, "external-ids-unseen",
             "no user shows integrationExternalId, by which rollcall knows its accounts again. If "
             "Learn Amp does not keep it, linking will say so: ask Learn Amp to switch it on");
}

static enum rc_code check_users(struct checking *x, const struct text *custom, size_t custom_n,
                                struct rc_error *err) {
    struct learnamp_answer answer;
    enum rc_code rc =
        readable(x, "/v1/users?expanded=true&page=1", "GET /v1/users", "users:read", &answer, err);
    if (rc != RC_OK || answer.root == NULL)
        return rc;
    json rows = learnamp_rows(answer.root, DESTINATION_ACCOUNTS);
    if (rows == NULL)
        return rc_fail_as(err, RC_INVALID, "destination.answer",
                          "GET /v1/users: the answer has no list of users");
    x->c.accounts_n = answer.total;
    find_external_ids(x, rows);
    find_customs(x, rows, custom, custom_n);
    if (answer.total < 0)
        FIND(x, FAIL, "no-total",
             "Learn Amp does not say how many users there are, so no list of them can be proven "
             "complete, and nothing will be delivered");
    return RC_OK;
}

static enum rc_code check_teams(struct checking *x, struct rc_error *err) {
    struct learnamp_answer answer;
    char path[80];
    json none, row;
    enum rc_code rc = readable(x, "/v1/teams?page=1", "GET /v1/teams", "teams:read", &answer, err);
    struct json_iter it = json_iter(learnamp_rows(answer.root, DESTINATION_TEAMS));
    if (rc != RC_OK || answer.root == NULL || !json_next(&it, &none, &row) || learnamp_id(row) == 0)
        return rc;
    snprintf(path, sizeof path, "/v1/teams/%lld/users?page=1", (long long)learnamp_id(row));
    return readable(x, path, "GET /v1/teams/{id}/users", "team_users:read", &answer, err);
}

/* What no setting and no right would change. */
static enum rc_code check_caps(struct checking *x, struct rc_error *err) {
    unsigned caps;
    enum rc_code rc = learnamp_caps(x->l, &caps, err);
    if (rc != RC_OK)
        return rc;
    bool avatar = (caps & LEARNAMP_AVATAR) != 0, leave = (caps & LEARNAMP_LEAVE_DATE) != 0;
    if (!avatar || !leave)
        FIND(x, WARN, "not-transferred", "Learn Amp's API does not take %s%s%s%s",
             !avatar ? "pictures" : "", !avatar && !leave ? " and " : "",
             !leave ? "leave dates (accounts are closed on their day all the same; the setting "
                      "leave-date-field shows the date in a custom field)"
                    : "",
             !avatar ? "; people upload pictures themselves" : "");
    if ((caps & LEARNAMP_INVITE) == 0)
        FIND(x, WARN, "invites-by-hand",
             "Learn Amp's API cannot invite somebody who has an account already: who was made "
             "without an invitation is invited by hand, under People > Individuals");
    return RC_OK;
}

enum rc_code learnamp_check(struct destination_lane *base, const struct text *custom,
                            size_t custom_n, struct arena *a, struct destination_check *ret,
                            struct rc_error *err) {
    struct checking x = { .l = (struct learnamp_lane *)base, .a = a, .c.accounts_n = -1 };
    enum rc_code rc;
    if (sign_in(&x, &rc, err)) {
        rc = check_users(&x, custom, custom_n, err);
        if (rc == RC_OK)
            rc = check_teams(&x, err);
        if (rc == RC_OK)
            rc = check_caps(&x, err);
        if (rc == RC_OK && x.c.accounts_n >= 0)
            FIND(&x, OK, "accounts", "%lld accounts can be read", (long long)x.c.accounts_n);
    }
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp");
    *ret = x.c;
    return RC_OK;
}
