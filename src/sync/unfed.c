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
