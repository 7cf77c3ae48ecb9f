/* Teams, and who is in them besides their primary team. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>

/* ---- teams ---- */

static void build(struct learnamp_lane *l, struct text name, struct text external_id) {
    struct json_writer j;
    buf_clear(&l->send);
    json_begin(&j, &l->send);
    json_object(&j, NULL);
    json_put_text(&j, "name", name); /* also where it stays: a change without it may be refused */
    if (external_id.state == TEXT_SET)
        json_put_text(&j, "integrationExternalId", external_id);
    json_object_end(&j);
}

static enum rc_code refused(const struct learnamp_answer *answer, const char *what, struct arena *a,
                            struct rc_error *err) {
    struct learnamp_refusal r;
    if (answer->status == 404 || answer->status == 410)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                          "%s: Learn Amp does not know it", what);
    learnamp_refusal_read(answer, NULL, a, &r);
    if (r.external_id_taken || r.name_taken)
        return rc_fail_as(err, RC_CONFLICT, "destination.taken", "%s: a team has this %s already",
                          what, r.name_taken ? "name" : "external id");
    return rc_fail_as(err, RC_INVALID, "destination.refused", "%s: %.*s", what,
                      TEXT_ARG(learnamp_said(answer, a)));
}

/* By the external id, which no other team has; by the name where none is shown. */
static bool shows_ours(const struct destination_team *team, struct text name,
                       struct text external_id, struct arena *a) {
    if (team->external_id.state == TEXT_SET && external_id.state == TEXT_SET)
        return text_equal(team->external_id, external_id);
    return text_equal(text_fold_ascii(a, team->name), text_fold_ascii(a, name));
}

static enum rc_code send(struct learnamp_lane *l, const struct learnamp_call *call, int64_t id,
                         struct arena *a, struct destination_team *ret, struct rc_error *err) {
    struct learnamp_answer answer;
    struct destination_team team;
    enum rc_code rc = learnamp_call(l, call, &answer, err);
    if (rc != RC_OK)
        return rc;
    if (!learnamp_is_good(&answer))
        return refused(&answer, call->what, a, err);
    learnamp_read_team(answer.root, a, &team);
    int64_t shown = learnamp_id(answer.root);
    if (shown == 0 || (id != 0 && shown != id))
        return rc_fail_as(err, RC_UNSURE, "destination.answer",
                          "%s: answered %d, with team %lld: nobody can say what was done",
                          call->what, answer.status, (long long)shown);
    *ret = team;
    return RC_OK;
}

/* The call about one team, and what errors call it. */
struct team_path {
    int64_t id;
    char path[60], what[80];
};

static enum rc_code path_of(struct text remote_id, const char *method, struct team_path *ret,
                            struct rc_error *err) {
    if (!learnamp_id_parse(remote_id, &ret->id))
        return rc_fail_as(err, RC_INVALID, "destination.id",
                          "learnamp: the id of a team is a number from 1");
    snprintf(ret->path, sizeof ret->path, "/v1/teams/%lld", (long long)ret->id);
    snprintf(ret->what, sizeof ret->what, "%s %s", method, ret->path);
    return RC_OK;
}

enum rc_code learnamp_team_find(struct destination_lane *base, struct text remote_id,
                                struct arena *a, struct destination_team *ret,
                                struct rc_error *err) {
    struct learnamp_answer answer;
    struct team_path p;
    enum rc_code rc = path_of(remote_id, "GET", &p, err);
    if (rc != RC_OK)
        return rc;
    const struct learnamp_call call = { LEARNAMP_READS, "GET", p.path, p.what, "teams:read", NULL };
    rc = learnamp_call((struct learnamp_lane *)base, &call, &answer, err);
    if (rc == RC_OK && (answer.status == 404 || answer.status == 410))
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "%s: Learn Amp does not know it",
                        p.what);
    else if (rc == RC_OK && (!learnamp_is_good(&answer) || learnamp_id(answer.root) != p.id))
        rc = rc_fail_as(err, RC_INVALID, "destination.answer", "%s: answered %d, with team %lld",
                        p.what, answer.status, (long long)learnamp_id(answer.root));
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp");
    learnamp_read_team(answer.root, a, ret);
    return RC_OK;
}

enum rc_code learnamp_team_create(struct destination_lane *base, struct text name,
                                  struct text external_id, struct arena *a,
                                  struct destination_team *ret, struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    const struct learnamp_call call = { LEARNAMP_MAKES,   "POST",         "/v1/teams",
                                        "POST /v1/teams", "teams:create", &l->send };
    struct destination_team team;
    build(l, name, external_id);
    enum rc_code rc = send(l, &call, 0, a, &team, err);
    if (rc == RC_NOT_FOUND)
        rc = rc_fail_as(err, RC_INVALID, "destination.answer",
                        "POST /v1/teams: answered 404: is base-url right?");
    if (rc == RC_OK && !shows_ours(&team, name, external_id, a))
        rc = rc_fail_as(err, RC_UNSURE, "destination.answer",
                        "%s: answered with another team than was made: nobody can say what was "
                        "done",
                        call.what);
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp");
    *ret = team;
    return RC_OK;
}

enum rc_code learnamp_team_update(struct destination_lane *base, struct text remote_id,
                                  struct text name, struct text external_id, struct arena *a,
                                  struct destination_team *ret, struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    struct destination_team team;
    struct team_path p;
    enum rc_code rc = path_of(remote_id, "PUT", &p, err);
    if (rc != RC_OK)
        return rc;
    const struct learnamp_call call = { LEARNAMP_SETS, "PUT",          p.path,
                                        p.what,        "teams:update", &l->send };
    build(l, name, external_id);
    rc = send(l, &call, p.id, a, &team, err);
    if (rc == RC_OK && external_id.state == TEXT_SET && !text_equal(team.external_id, external_id))
        rc = rc_fail_as(err, RC_INVALID, "destination.external-id",
                        "%s: Learn Amp did not keep the external id", p.what);
    if (rc != RC_OK)
        return rc_context(err, rc, "learnamp");
    *ret = team;
    return RC_OK;
}

enum rc_code learnamp_team_delete(struct destination_lane *base, struct text remote_id,
                                  struct rc_error *err) {
    struct learnamp_lane *l = (struct learnamp_lane *)base;
    struct learnamp_answer answer;
    struct arena a;
    struct team_path p;
    enum rc_code rc = path_of(remote_id, "DELETE", &p, err);
    if (rc != RC_OK)
        return rc;
    const struct learnamp_call call = { LEARNAMP_SETS, "DELETE",       p.path,
                                        p.what,        "teams:delete", NULL };
    if (!learnamp_of(l)->prunes)
        return rc_fail_as(err, RC_INVALID, "destination.refused",
                          "learnamp: the setting prune-teams is no, so no team is deleted");
    arena_init(&a);
    rc = learnamp_call(l, &call, &answer, err);
    bool is_gone = rc == RC_OK && answer.status == 404 && answer.again;
    if (rc == RC_OK && !learnamp_is_good(&answer) && !is_gone)
        rc = refused(&answer, p.what, &a, err);
    arena_done(&a);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}

/* ---- members ---- */

static enum rc_code leave(struct learnamp_lane *l, int64_t team, int64_t account,
                          struct rc_error *err) {
    struct learnamp_answer answer;
    struct arena a;
    char path[80], what[100];
    snprintf(path, sizeof path, "/v1/teams/%lld/users/%lld", (long long)team, (long long)account);
    snprintf(what, sizeof what, "DELETE %s", path);
    const struct learnamp_call call = { LEARNAMP_SETS,       "DELETE", path, what,
                                        "team_users:delete", NULL };
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    if (rc != RC_OK || learnamp_is_good(&answer) || answer.status == 404 || answer.status == 410)
        return rc;
    arena_init(&a);
    rc = refused(&answer, what, &a, err);
    arena_done(&a);
    return rc;
}

enum rc_code learnamp_team_leave(struct destination_lane *l, struct text team_id,
                                 struct text account_id, struct rc_error *err) {
    int64_t team, account;
    if (!learnamp_id_parse(team_id, &team) || !learnamp_id_parse(account_id, &account))
        return rc_fail_as(err, RC_INVALID, "destination.id",
                          "learnamp: the id of a team is a number from 1");
    enum rc_code rc = leave((struct learnamp_lane *)l, team, account, err);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}

/* *ret_refused: Learn Amp would not have it, and said why in *ret_said. */
static enum rc_code join(struct learnamp_lane *l, int64_t team, int64_t account, struct arena *a,
                         bool *ret_refused, struct text *ret_said, struct rc_error *err) {
    struct learnamp_answer answer;
    char path[60], what[80];
    struct json_writer j;
    snprintf(path, sizeof path, "/v1/teams/%lld/users", (long long)team);
    snprintf(what, sizeof what, "POST %s", path);
    const struct learnamp_call call = { LEARNAMP_MAKES,      "POST",  path, what,
                                        "team_users:create", &l->send };
    buf_clear(&l->send);
    json_begin(&j, &l->send);
    json_object(&j, NULL);
    json_put_int(&j, "userId", account);
    json_object_end(&j);
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    if (rc != RC_OK || learnamp_is_good(&answer))
        return rc;
    *ret_refused = true;
    *ret_said = text_of(
        arena_printf(a, "team %lld: %.*s", (long long)team, TEXT_ARG(learnamp_said(&answer, a))));
    return RC_OK;
}

static bool is_among(struct text ids, struct text id) {
    struct text one;
    for (size_t at = 0; user_teams_next(ids, &at, &one);)
        if (text_equal(one, id))
            return true;
    return false;
}

enum rc_code learnamp_teams_move(struct learnamp_lane *l, int64_t account_id, struct text from,
                                 struct text to, struct arena *a, struct account *shows,
                                 bool *ret_refused, struct text *ret_said, struct rc_error *err) {
    struct text in = shows->fields[USER_SECONDARY_TEAMS].known, one;
    struct text primary = shows->fields[USER_PRIMARY_TEAM].known;
    struct account after;
    enum rc_code rc = RC_OK;
    bool changed = false, refusals = false;
    int64_t team;
    json user;
    for (size_t at = 0; rc == RC_OK && user_teams_next(to, &at, &one);) {
        if (is_among(in, one) || text_equal(primary, one) || !learnamp_id_parse(one, &team))
            continue;
        rc = join(l, team, account_id, a, &refusals, ret_said, err);
        changed = true;
    }
    for (size_t at = 0; rc == RC_OK && user_teams_next(from, &at, &one);) {
        /* leaving the primary team would leave the account without one */
        if (is_among(to, one) || text_equal(primary, one) || !learnamp_id_parse(one, &team) ||
            (in.state != TEXT_MISSING && !is_among(in, one)))
            continue;
        rc = leave(l, team, account_id, err);
        changed = true;
    }
    if (rc != RC_OK || !changed)
        return rc;
    if (learnamp_get(l, account_id, a, &user, &after, NULL) == RC_OK) {
        *shows = after;
        in = after.fields[USER_SECONDARY_TEAMS].known;
    } else {
        shows->fields[USER_SECONDARY_TEAMS].known = text_of(NULL);
        in = text_of(NULL);
    }
    /* A refusal counts unless the account is in the team all the same. */
    for (size_t at = 0; refusals && !*ret_refused && user_teams_next(to, &at, &one);)
        *ret_refused = in.state != TEXT_MISSING && !is_among(in, one) &&
                       !text_equal(shows->fields[USER_PRIMARY_TEAM].known, one);
    return RC_OK;
}
