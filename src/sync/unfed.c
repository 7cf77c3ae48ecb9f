#include "sync/unfed.h"

#include "store/account.h"
#include "store/integration.h"

static bool is_among(const int64_t *feeds, size_t n, int64_t integration_id) {
    for (size_t i = 0; i < n; i++)
        if (feeds[i] == integration_id)
            return true;
    return false;
}

enum rc_code unfed_find(struct store *st, const struct platform *before, const int64_t *feeds,
                        size_t feeds_n, struct arena *a, struct unfed *ret, struct rc_error *err) {
    struct unfed u = { .keys = ARENA_NEW(a, struct text, before->feeds_n + 1) };
    for (size_t i = 0; i < before->feeds_n; i++) {
        struct integration in;
        int64_t n;
        enum rc_code rc;
        if (is_among(feeds, feeds_n, before->feeds[i]))
            continue;
        if ((rc = integration_get(st, before->company_id, before->feeds[i], NULL, a, &in, err)) !=
                RC_OK ||
            (rc = account_open_of(st, before->company_id, before->destination_id, before->feeds[i],
                                  &n, err)) != RC_OK)
            return rc;
        u.keys[u.n++] = in.key;
        u.people += n;
    }
    *ret = u;
    return RC_OK;
}

const char *unfed_names(const struct unfed *u, struct arena *a) {
    const char *s = "";
    for (size_t i = 0; i < u->n; i++)
        s = arena_printf(a, "%s%s%.*s", s, i > 0 ? ", " : "", TEXT_ARG(u->keys[i]));
    return s;
}

const char *unfed_says(const struct unfed *u, struct arena *a) {
    return arena_printf(a,
                        "without %s, %lld %s would be looked after no more: nobody closes them, "
                        "whatever HR says",
                        unfed_names(u, a), (long long)u->people,
                        u->people == 1 ? "person with an open account"
                                       : "people with open accounts");
}

enum rc_code unfed_words(struct store *st, const struct platform *p, struct arena *a,
                         const char **ret, struct rc_error *err) {
    int64_t n = 0;
    enum rc_code rc = account_count(st, p->company_id, p->destination_id, ACCOUNT_SAID, &n, err);
    *ret = n == 0 ? ""
                  : arena_printf(a, ", also that %lld %s, as somebody said", (long long)n,
                                 n == 1 ? "is left alone or not whose it seems"
                                        : "are left alone or not whose they seem");
    return rc;
}

/* ---- an integration that is removed ---- */

enum rc_code unfed_by_removal(struct store *st, int64_t company_id, int64_t integration_id,
                              struct arena *a, struct unfed_there **ret, size_t *ret_n,
                              struct rc_error *err) {
    struct platform *all;
    size_t all_n, n = 0;
    enum rc_code rc = platform_list(st, company_id, a, &all, &all_n, err);
    if (rc != RC_OK)
        return rc;
    struct unfed_there *list = ARENA_NEW(a, struct unfed_there, all_n + 1);
    for (size_t i = 0; i < all_n && rc == RC_OK; i++) {
        list[n].destination = all[i].key;
        rc = account_open_of(st, company_id, all[i].destination_id, integration_id, &list[n].people,
                             err);
        n += rc == RC_OK && list[n].people > 0;
    }
    if (rc != RC_OK)
        return rc;
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

/* A few of them: an error's text has its end, and there it says what to type. */
const char *unfed_removal_says(const struct unfed_there *list, size_t n, struct arena *a) {
    enum { SHOWN = 2 };
    const char *s = "";
    int64_t more = 0;
    if (n == 0)
        return NULL;
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const char *has = list[i].people == 1 ? " has an open account" : " have open accounts",
                   *joins = i + 1 < n || n > SHOWN ? ", " : " and ";
        s = arena_printf(a, "%s%s%lld%s on %.*s", s, i > 0 ? joins : "", (long long)list[i].people,
                         i > 0 ? "" : has, TEXT_ARG(list[i].destination));
    }
    for (size_t i = SHOWN; i < n; i++)
        more += list[i].people;
    if (n > SHOWN)
        s = arena_printf(a, "%s and %lld on %zu more", s, (long long)more, n - SHOWN);
    return arena_printf(a,
                        "%s, which stay open as they are: nobody keeps them in step or closes them "
                        "any more, whatever HR says",
                        s);
}
