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
        if (!w.decision.by_names)
            continue;
        if (text_equal(w.is.sought.name, w.is.name) &&
            (rc = team_candidates_read(w.is.sought.candidates, a, &w.candidates, &w.candidates_n,
                                       err)) != RC_OK)
            return rc;
        (*ret)[(*ret_n)++] = w;
    }
    return RC_OK;
}

/* ---- what somebody says ---- */

struct answer {
    enum accounts_answer is;
    struct text remote_id, overwrites;
};

/* Of all of the teams, as an answer about one may be about another one too. */
struct asked {
    struct team_row *rows, *row;
    size_t n;
    struct policy policy;
    struct team_decision decision; /* by what is remembered */
};

static enum rc_code find_asked(const struct accounts_context *x, int64_t team_id, struct arena *a,
                               struct asked *ret, struct rc_error *err) {
    enum rc_code rc = policy_text_read(x->platform->policy, a, &ret->policy, err);
    if (rc == RC_OK)
        rc = team_link_list(x->st, x->company->company_id, x->platform->destination_id, a,
                            &ret->rows, &ret->n, err);
    ret->row = NULL;
    for (size_t i = 0; i < ret->n && rc == RC_OK; i++)
        if (ret->rows[i].team_id == team_id)
            ret->row = &ret->rows[i];
    if (rc == RC_OK && ret->row == NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "team.unknown", "HR has no such team any more");
    if (rc == RC_OK)
        deciding_team_recall(ret->row, &ret->policy, a, &ret->decision);
    return rc;
}

static enum rc_code refuse_as_platforms(const struct asked *q, struct rc_error *err) {
    bool all = q->policy.owners[USER_PRIMARY_TEAM] == POLICY_NEVER;
    return rc_fail_as(err, RC_INVALID, "account.answer",
                      "by the setting %s rollcall makes no teams there",
                      all ? "owner-primary_team" : "create-teams");
}

/* One that was deleted there. */
static enum rc_code resolve_lost(const struct accounts_context *x, const struct asked *q,
                                 const struct answer *answer, struct rc_error *err) {
    bool yes = answer->is == ACCOUNTS_APPROVE || answer->is == ACCOUNTS_CREATE;
    if (answer->is == ACCOUNTS_LINK)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "that is not what is asked (recreate): one of that name that somebody "
                          "makes there is linked as any other, when all are read again");
    if (yes && (!q->policy.creates_teams || q->policy.owners[USER_PRIMARY_TEAM] == POLICY_NEVER))
        return refuse_as_platforms(q, err);
    q->row->may_recreate = yes;
    q->row->stays_deleted = !yes;
    return team_link_save(x->st, x->company->company_id, x->platform->destination_id, q->row, err);
}

/* One there is the counterpart of one team of HR's. */
static enum rc_code check_nobody_has(const struct asked *q, struct text id, struct rc_error *err) {
    for (size_t i = 0; i < q->n; i++) {
        const struct team_row *other = &q->rows[i];
        bool is_linked = other->origin != TEAM_NOT_LINKED && text_equal(other->remote_id, id);
        bool is_chosen = other->word == TEAM_WORD_LINK && text_equal(other->chosen_id, id);
        if (other != q->row && (is_linked || is_chosen))
            return rc_fail_as(err, RC_CONFLICT, "team.linked",
                              "team %.*s there is %s HR's team %.*s already, and one there is "
                              "linked to one alone",
                              TEXT_ARG(id), is_linked ? "linked to" : "to be linked to",
                              TEXT_ARG(other->key));
    }
    return RC_OK;
}

static const char *list_ids(const struct team_candidate *list, size_t n, struct arena *a) {
    const char *all = "";
    for (size_t i = 0; i < n; i++)
        all = arena_printf(a, "%s%s%.*s", all, i > 0 ? ", " : "", TEXT_ARG(list[i].id));
    return all;
}

/* By the last listing, so that whoever mistypes is told at once; the next one decides. */
static enum rc_code check_chosen(const struct asked *q, struct answer *answer, struct arena *a,
                                 struct rc_error *err) {
    const struct team_sought *sought = &q->row->sought;
    struct team_candidate *list;
    size_t n;
    enum rc_code rc;
    if (answer->remote_id.state != TEXT_SET)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "say which team there it is, by its id: `rollcall conflict list` names "
                          "those that are called so");
    if ((rc = check_nobody_has(q, answer->remote_id, err)) != RC_OK ||
        !text_equal(sought->name, q->row->name))
        return rc;
    if ((rc = team_candidates_read(sought->candidates, a, &list, &n, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (text_equal(list[i].id, answer->remote_id)) {
            answer->overwrites = list[i].external_id;
            return RC_OK;
        }
    if ((int64_t)n < sought->found) /* there are more than are kept */
        return RC_OK;
    return rc_fail_as(err, RC_NOT_FOUND, "team.not-there",
                      "no team %.*s was called %.*s there when they were listed last (%s); "
                      "`rollcall deliver --inventory` lists them again",
                      TEXT_ARG(answer->remote_id), TEXT_ARG(q->row->name),
                      n > 0 ? list_ids(list, n, a) : "none was");
}

static enum rc_code resolve_waiting(const struct accounts_context *x, const struct asked *q,
                                    struct answer *answer, struct arena *a, struct rc_error *err) {
    static const enum team_word words[ACCOUNTS_ANSWERS_N] = { [ACCOUNTS_LINK] = TEAM_WORD_LINK,
                                                              [ACCOUNTS_CREATE] = TEAM_WORD_CREATE,
                                                              [ACCOUNTS_IGNORE] =
                                                                  TEAM_WORD_IGNORE };
    int64_t company = x->company->company_id, there = x->platform->destination_id;
    struct team_row *row = q->row;
    enum rc_code rc = RC_OK;
    if (answer->is == ACCOUNTS_APPROVE)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "nobody is asked whether: say link and which team there it is, create, "
                          "or ignore");
    if (answer->is == ACCOUNTS_LINK && (rc = check_chosen(q, answer, a, err)) != RC_OK)
        return rc;
    row->word = words[answer->is];
    row->chosen_id = answer->is == ACCOUNTS_LINK     ? answer->remote_id
                     : answer->is == ACCOUNTS_CREATE ? row->name
                                                     : (struct text){ 0 };
    row->refused = (struct team_refusal){ 0 }; /* it is tried again */
    row->sought.missed_id = (struct text){ 0 };
    if ((rc = team_link_word(x->st, company, there, row, err)) != RC_OK)
        return rc;
    return team_link_sought(x->st, company, there, row->team_id, &row->sought, err);
}

static enum rc_code resolve_team(const struct accounts_context *x, int64_t team_id,
                                 struct answer *answer, struct arena *a, struct rc_error *err) {
    struct asked q;
    enum rc_code rc = find_asked(x, team_id, a, &q, err);
    if (rc != RC_OK)
        return rc;
    const struct team_row *row = q.row;
    bool waits = q.decision.by_names || row->word != TEAM_WORD_NONE;
    if (row->was_deleted && !(row->may_recreate && waits))
        rc = resolve_lost(x, &q, answer, err);
    else if (row->origin != TEAM_NOT_LINKED && !row->was_deleted)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "nothing is asked about this team: when all were read last, it had not "
                          "been deleted there, and it is linked to %.*s",
                          TEXT_ARG(row->remote_id));
    else if (q.policy.owners[USER_PRIMARY_TEAM] == POLICY_NEVER)
        return refuse_as_platforms(&q, err);
    else if (!waits)
        return rc_fail_as(err, RC_INVALID, "account.answer",
                          "nothing is asked about this team: `rollcall conflict list` shows those "
                          "that wait for an answer");
    else
        rc = resolve_waiting(x, &q, answer, a, err);
    if (rc != RC_OK || (row->was_deleted && row->stays_deleted))
        return rc;
    return account_mark_all(x->st, x->company->company_id, x->platform->destination_id, err);
}

static enum rc_code say(const struct accounts_context *x, int64_t team_id, struct answer *answer,
                        struct arena *a, struct rc_error *err) {
    struct lease l;
    enum rc_code rc = accounts_begin(x, &l, err);
    if (rc != RC_OK)
        return rc;
    const char *what =
        arena_printf(a, "destination %.*s: team #%lld: %s%s%.*s", TEXT_ARG(x->platform->key),
                     (long long)team_id, accounts_answer_name(answer->is),
                     answer->remote_id.state == TEXT_SET ? " " : "", TEXT_ARG(answer->remote_id));
    return accounts_end(x, &l, resolve_team(x, team_id, answer, a, err), what, err);
}

enum rc_code accounts_resolve_team(const struct accounts_context *x, int64_t team_id,
                                   enum accounts_answer answer, struct rc_error *err) {
    struct answer said = { .is = answer };
    struct arena a;
    arena_init(&a);
    enum rc_code rc = say(x, team_id, &said, &a, err);
    arena_done(&a);
    return rc;
}

enum rc_code accounts_link_team(const struct accounts_context *x, int64_t team_id,
                                struct text remote_id, struct arena *a, struct text *ret_overwrites,
                                struct rc_error *err) {
    struct answer said = { .is = ACCOUNTS_LINK, .remote_id = remote_id };
    enum rc_code rc = say(x, team_id, &said, a, err);
    if (rc == RC_OK && ret_overwrites != NULL)
        *ret_overwrites = said.overwrites;
    return rc;
}
