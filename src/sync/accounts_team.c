/* Teams that people wait for: deleted on the platform, and what somebody says about them; or not to be given. */
#include <stdio.h>
#include "sync/accounts_p.h"
#include "sync/deciding.h"
#include "sync/policy_text.h"

enum rc_code accounts_lost_teams(struct store *st, const struct platform *p, struct arena *a,
                                 struct team_lost **ret, size_t *ret_n, struct rc_error *err) {
    struct policy policy;
    enum rc_code rc = policy_text_read(p->policy, a, &policy, err);
    *ret_n = 0;
    if (rc != RC_OK || policy.owners[USER_PRIMARY_TEAM] == POLICY_NEVER)
        return rc;
    return team_link_lost(st, p->company_id, p->destination_id, a, ret, ret_n, err);
}

enum rc_code accounts_waiting_teams(struct store *st, const struct platform *p, struct arena *a,
                                    struct accounts_team_wait **ret, size_t *ret_n,
                                    struct rc_error *err) {
    struct team_lost *all;
    struct policy policy;
    size_t n;
    enum rc_code rc = policy_text_read(p->policy, a, &policy, err);
    *ret_n = 0;
    if (rc != RC_OK ||
        (rc = team_link_waiting(st, p->company_id, p->destination_id, a, &all, &n, err)) != RC_OK)
        return rc;
    *ret = ARENA_NEW(a, struct accounts_team_wait, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct accounts_team_wait w = { .is = all[i].is, .people_n = all[i].people_n };
        w.is.is_stated = true;
        deciding_team_recall(&w.is, &policy, a, &w.decision);
        if (w.decision.by_names)
            (*ret)[(*ret_n)++] = w;
    }
    return RC_OK;
}

static enum rc_code find_deleted(const struct accounts_context *x, int64_t team_id, struct arena *a,
                                 struct team_row *ret, struct rc_error *err) {
    struct team_row *rows;
    size_t n = 0;
    enum rc_code rc = team_link_linked(x->st, x->company->company_id, x->platform->destination_id,
                                       a, &rows, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if (rows[i].team_id == team_id && rows[i].was_deleted) {
            *ret = rows[i];
            return RC_OK;
        }
    return rc != RC_OK ? rc
                       : rc_fail_as(err, RC_INVALID, "account.answer",
                                    "nothing is asked about this team: when all were read last, it "
                                    "had not been deleted there");
}

static enum rc_code resolve_team(const struct accounts_context *x, int64_t team_id,
                                 enum accounts_answer answer, struct arena *a,
                                 struct rc_error *err) {
    bool yes = answer == ACCOUNTS_APPROVE || answer == ACCOUNTS_CREATE;
    struct policy policy;
    struct team_row row;
    enum rc_code rc = find_deleted(x, team_id, a, &row, err);
    if (rc != RC_OK || (rc = policy_text_read(x->platform->policy, a, &policy, err)) != RC_OK)
        return rc;
    if (answer == ACCOUNTS_LINK)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "that is not what is asked (recreate): one of that name that somebody "
                          "makes there is linked as any other, when all are read again");
    if (yes && (!policy.creates_teams || policy.owners[USER_PRIMARY_TEAM] == POLICY_NEVER))
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "by the setting %s rollcall makes no teams there",
                          policy.creates_teams ? "owner-primary_team" : "create-teams");
    row.may_recreate = yes;
    row.stays_deleted = !yes;
    rc = team_link_save(x->st, x->company->company_id, x->platform->destination_id, &row, err);
    if (rc != RC_OK || !yes)
        return rc;
    return account_mark_all(x->st, x->company->company_id, x->platform->destination_id, err);
}

enum rc_code accounts_resolve_team(const struct accounts_context *x, int64_t team_id,
                                   enum accounts_answer answer, struct rc_error *err) {
    struct lease l;
    struct arena a;
    char what[120];
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    snprintf(what, sizeof what, "destination %.*s: team #%lld: %s", TEXT_ARG(x->platform->key),
             (long long)team_id, accounts_answer_name(answer));
    arena_init(&a);
    rc = accounts_end(x, &l, resolve_team(x, team_id, answer, &a, err), what, err);
    arena_done(&a);
    return rc;
}
