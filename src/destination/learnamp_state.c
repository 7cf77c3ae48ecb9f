/* Accounts closed, opened again, invited. Each is asked for by the number of the account. A refusal
 * may only mean that it is so already, and nobody tells how that sounds: then we look. Likewise before
 * one is taken for deleted: whoever is would be asked about, and closed no more. */
#include "destination/learnamp_p.h"

#include <stdio.h>
#include <string.h>

/* The account as it is; somebody deactivated may be hidden where one is asked for by id. */
static enum rc_code look_up(struct learnamp_lane *l, int64_t id, const struct account *now,
                            struct arena *a, struct account *ret, struct rc_error *err) {
    struct text email = account_shows(&now->fields[USER_EMAIL]);
    json user;
    enum rc_code rc = learnamp_get(l, id, a, &user, ret, err);
    if (rc != RC_NOT_FOUND || email.state != TEXT_SET)
        return rc;
    struct account found;
    rc = learnamp_find(&l->base, DESTINATION_BY_EMAIL, email, a, &found, err);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && !text_equal(found.remote_id, now->remote_id)))
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                        "user %lld: Learn Amp does not know it", (long long)id);
    if (rc == RC_OK)
        *ret = found;
    return rc;
}

static bool is_so(const struct account *shows, bool deactivated) {
    return deactivated ? shows->status == ACCOUNT_DEACTIVATED || shows->status == ACCOUNT_ANONYMISED
                       : shows->status == ACCOUNT_ACTIVE;
}

/* 204 is all that Learn Amp documents. Another good answer has the account in it, or says nothing that we
 * know of: then we look, since whoever is taken for closed, or for open, and is not would be taken for
 * somebody's doing. */
static enum rc_code believe(struct learnamp_lane *l, const struct learnamp_answer *answer,
                            int64_t id, const struct account *now, bool deactivated,
                            const char *what, struct rc_error *err) {
    struct account shows = { 0 };
    struct arena a;
    if (answer->status == 204)
        return RC_OK;
    arena_init(&a);
    bool so = learnamp_id(answer->root) == id;
    if (so)
        learnamp_read_user(answer->root, learnamp_of(l)->caps, &a, &shows);
    so = so && is_so(&shows, deactivated);
    if (!so)
        so = look_up(l, id, now, &a, &shows, NULL) == RC_OK && is_so(&shows, deactivated);
    arena_done(&a);
    return so ? RC_OK
              : rc_fail_as(err, RC_UNSURE, "destination.not-done",
                           "%s: Learn Amp says that it is done, and the account does not show it",
                           what);
}

static enum rc_code set(struct learnamp_lane *l, const struct account *now, bool deactivates,
                        struct rc_error *err) {
    const char *verb = deactivates ? "deactivate" : "reactivate";
    char path[80], what[100], scope[40];
    struct learnamp_answer answer;
    struct account shows;
    struct arena a;
    int64_t id;
    if (!learnamp_id_parse(now->remote_id, &id))
        return rc_fail_as(err, RC_INVALID, "destination.id", "an id there is a number from 1");
    snprintf(path, sizeof path, "/v1/users/%lld/%s", (long long)id, verb);
    snprintf(what, sizeof what, "PUT %s", path);
    snprintf(scope, sizeof scope, "users:%s", verb);
    const struct learnamp_call call = { LEARNAMP_SETS, "PUT", path, what, scope, NULL };
    enum rc_code rc = learnamp_call(l, &call, &answer, err);
    if (rc != RC_OK)
        return rc;
    if (learnamp_is_good(&answer))
        return believe(l, &answer, id, now, deactivates, what, err);
    arena_init(&a);
    bool unknown = answer.status == 404 || answer.status == 410;
    struct text said = learnamp_said(&answer, &a);
    rc = look_up(l, id, now, &a, &shows, err);
    if (rc == RC_OK && !is_so(&shows, deactivates))
        rc = unknown ? rc_fail_as(err, RC_UNSURE, "destination.not-done",
                                  "%s: Learn Amp does not know it, and shows it all the same", what)
                     : rc_fail_as(err, RC_INVALID, "destination.refused", "%s: %.*s%s", what,
                                  TEXT_ARG(said),
                                  text_is(shows.role, "owner")
                                      ? " (one Owner must stay: make somebody else an Owner first)"
                                      : "");
    arena_done(&a);
    return rc;
}

enum rc_code learnamp_deactivate(struct destination_lane *l, const struct account *now,
                                 struct rc_error *err) {
    enum rc_code rc = set((struct learnamp_lane *)l, now, true, err);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}

enum rc_code learnamp_reactivate(struct destination_lane *l, const struct account *now,
                                 struct rc_error *err) {
    enum rc_code rc = set((struct learnamp_lane *)l, now, false, err);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}

/* Whoever shows an invitation has been sent one, and gets no second. Negative control: without, and
 * without the look in sync/lane.c, the system tests must find somebody who gets two. */
#ifdef ROLLCALL_WITHOUT_LOST
enum { LOOKS_AT_MAIL = 0 };
#else
enum { LOOKS_AT_MAIL = 1 };
#endif

static enum rc_code invite(struct learnamp_lane *l, const struct account *now, struct arena *a,
                           struct rc_error *err) {
    struct learnamp_answer answer;
    struct account shows;
    unsigned caps;
    int64_t id;
    json user;
    char path[80], what[100];
    if (!learnamp_id_parse(now->remote_id, &id))
        return rc_fail_as(err, RC_INVALID, "destination.id", "an id there is a number from 1");
    enum rc_code rc = learnamp_caps(l, &caps, err);
    if (rc != RC_OK)
        return rc;
    if ((caps & LEARNAMP_INVITE) == 0)
        return rc_fail_as(err, RC_INVALID, "destination.refused",
                          "this Learn Amp cannot be asked to invite: invite under People > "
                          "Individuals");
    rc = learnamp_get(l, id, a, &user, &shows, err);
    if (rc != RC_OK || (LOOKS_AT_MAIL && shows.mail == ACCOUNT_MAIL_SENT))
        return rc;
    snprintf(path, sizeof path, "/v1/users/%lld/invite", (long long)id);
    snprintf(what, sizeof what, "POST %s", path);
    const struct learnamp_call call = { LEARNAMP_MAKES, "POST", path, what, "users:update", NULL };
    rc = learnamp_call(l, &call, &answer, err);
    bool is_good = rc == RC_OK && learnamp_is_good(&answer);
    if (is_good && json_get(answer.root, "error") != NULL)
        return rc_fail_as(err, RC_UNSURE, "destination.answer",
                          "%s: answered %d, and an error: nobody can say what was done", what,
                          answer.status);
    if (rc != RC_OK || is_good)
        return rc;
    if (answer.status == 404 || answer.status == 410)
        return rc_fail_as(err, RC_NOT_FOUND, "destination.unknown",
                          "%s: Learn Amp does not know it", what);
    return rc_fail_as(err, RC_INVALID, "destination.refused", "%s: %.*s", what,
                      TEXT_ARG(learnamp_said(&answer, a)));
}

enum rc_code learnamp_invite(struct destination_lane *l, const struct account *now,
                             struct rc_error *err) {
    struct arena a;
    arena_init(&a);
    enum rc_code rc = invite((struct learnamp_lane *)l, now, &a, err);
    arena_done(&a);
    return rc == RC_OK ? rc : rc_context(err, rc, "learnamp");
}
