/* learnamp_p.h - Learn Amp's parts among themselves: learnamp_token.c (one token for all lanes),
 * learnamp_http.c (pace, repeating, one call), learnamp_read.c (one user, one team),
 * learnamp_refuse.c (what a refusal is about), learnamp_list.c, learnamp_find.c, learnamp_write.c
 * (accounts), learnamp_team.c (teams and who is in them), learnamp_check.c, learnamp.c (settings).
 *
 * Source: docs/wire-learnamp.md. */
#pragma once
#include <pthread.h>
#include "destination/destination_p.h"
#include "json/json.h"
#include "net/client.h"
#include "net/pace.h"

enum {
    LEARNAMP_BODY_BYTES = 8 << 20,
    LEARNAMP_SEND_BYTES = 256 << 10,
    LEARNAMP_URL_BYTES = 8 << 10,
    LEARNAMP_TOKEN_BYTES = 4000,
    LEARNAMP_SCOPE_BYTES = 2000,
    LEARNAMP_TEXT_BYTES = 4 << 10,
    LEARNAMP_PER_PAGE_MOST = 1000,
    LEARNAMP_WAIT_MOST_S =
        300, /* longer pauses are the caller's to plan, not ours to sleep through */
};
#define LEARNAMP_WHERE "Learn Amp: Company Settings > API & sFTP > the key of rollcall"

/* What the documented API lacks and some platforms announce. */
enum learnamp_cap {
    LEARNAMP_AVATAR = 1 << 0,
    LEARNAMP_LEAVE_DATE = 1 << 1,
    LEARNAMP_INVITE = 1 << 2,
    LEARNAMP_CAPS_KNOWN = 1 << 3, /* asked already */
};

struct learnamp {
    struct destination base;
    const struct clock_source *clock;
    char *base_url; /* without a slash at its end */
    char *client_id, *client_secret, *scope, *ca_file;
    struct http_client_options http;
    unsigned retries, per_page;
    bool prunes;
    _Atomic unsigned caps; /* bits of enum learnamp_cap */

    pthread_mutex_t pace_lock; /* never held while anybody sleeps or calls */
    struct pace pace;

    pthread_mutex_t token_lock; /* likewise */
    pthread_cond_t token_changed;
    bool token_renewing;       /* by one lane, while the others wait for token_changed */
    uint64_t token_n;          /* which token this is, from 1; 0: none yet */
    uint64_t token_attempts_n; /* renewals that have ended, well or not */
    int64_t token_until_us;    /* monotonic: renewed before it is used after that */
    char token[LEARNAMP_TOKEN_BYTES];
    char granted[LEARNAMP_SCOPE_BYTES]; /* as the token answer names them; "": it does not */
    struct rc_error token_err;          /* why the last renewal failed */
};

struct learnamp_lane {
    struct destination_lane base;
    struct http_client *http;
    struct buf url, send, body;
    struct json_reader *reader;

    bool listing;
    enum destination_list what;
    unsigned pass;
    int64_t page; /* of this pass, from 1: the one to be asked for next */
    unsigned per_page;
    int64_t first_id, last_id; /* of the page before; 0 none */
};
static inline struct learnamp *learnamp_of(const struct learnamp_lane *l) {
    return (struct learnamp *)(uintptr_t)l->base.destination;
}

/* ---- learnamp_token.c ---- */

/* Copies the token. `stale`: the number of one that was refused; 0: none was. One lane fetches, the
 * others wait for it and share what comes of it. */
enum rc_code learnamp_token(struct learnamp_lane *l, uint64_t stale, char ret[LEARNAMP_TOKEN_BYTES],
                            uint64_t *ret_n, struct rc_error *err);
/* Asks for a token with these scopes and keeps nothing. ret: what was granted, "" when the answer
 * does not say. RC_AUTH destination.scope, destination.credentials. */
enum rc_code learnamp_token_try(struct learnamp_lane *l, const char *scope,
                                char ret[LEARNAMP_SCOPE_BYTES], struct rc_error *err);
bool learnamp_scopes_have(const char *scopes, const char *one, size_t len);

/* ---- learnamp_http.c ---- */

enum learnamp_kind {
    LEARNAMP_READS, /* GET: repeated whenever no good answer came */
    LEARNAMP_SETS,  /* PUT, DELETE: doing it twice is doing it once, so a lost answer is repeated */
    LEARNAMP_MAKES, /* POST: a lost answer is RC_UNSURE at once */
};
struct learnamp_call {
    enum learnamp_kind kind;
    const char *method, *path; /* path with query: "/v1/users?page=1" */
    const char *what;          /* for messages, without personal data: "GET /v1/users" */
    const char *scope;         /* that it needs */
    const struct buf *send;    /* JSON; NULL: nothing */
};
struct learnamp_answer {
    int status;
    json root;                  /* lives until the lane's next call; NULL: none */
    int64_t total, total_pages; /* as its headers say; -1: they do not */
    bool again;                 /* an earlier try may have done it already, its answer was lost */
};
/* RC_OK: Learn Amp itself has answered: 2xx with JSON or 204, or 400, 403 (not about a scope), 404,
 * 409, 410, 422 in its own form. Everything else is an error; RC_AUTH names the scope. */
enum rc_code learnamp_call(struct learnamp_lane *l, const struct learnamp_call *c,
                           struct learnamp_answer *ret, struct rc_error *err);
/* One request without token, as above, whatever its status below 500. */
enum rc_code learnamp_exchange(struct learnamp_lane *l, const struct http_request *q,
                               enum learnamp_kind kind, const char *what,
                               struct learnamp_answer *ret, struct rc_error *err);
/* The answer's `error`, tidied, or what its number means. In the arena. */
struct text learnamp_said(const struct learnamp_answer *answer, struct arena *a);
/* Which extras the platform announces; asked once. */
enum rc_code learnamp_caps(struct learnamp_lane *l, unsigned *ret, struct rc_error *err);
static inline bool learnamp_is_good(const struct learnamp_answer *answer) {
    return answer->status >= 200 && answer->status < 300;
}

/* ---- learnamp_read.c ---- */

/* Everything that a user shows; remote_id missing where the row has no usable id. */
void learnamp_read_user(json user, unsigned caps, struct arena *a, struct account *ret);
void learnamp_read_team(json team, struct arena *a, struct destination_team *ret);
/* "Invite pending" and "Sent 25 Sep 19". */
void learnamp_read_status(struct text label, struct text time, struct account *ret);
int64_t learnamp_id(json object);                     /* 0: no usable id */
bool learnamp_id_parse(struct text t, int64_t *ret);  /* our text of an id as Learn Amp's number */
struct text learnamp_raw(json user, const char *key); /* as it stands there, borrowed */
/* "en-GB" is "en" there; missing: it has no such language. */
struct text learnamp_language(struct text tag);
/* The rows of {"users": [...]} or {"teams": [...]}; NULL: there is no such list. */
json learnamp_rows(json root, enum destination_list what);

/* ---- learnamp_refuse.c ---- */

struct learnamp_refusal {
    bool *fields; /* beside those of the change */
    size_t fields_n;
    bool email_taken, external_id_taken, name_taken;
};
void learnamp_refusal_read(const struct learnamp_answer *answer,
                           const struct destination_change *change, struct arena *a,
                           struct learnamp_refusal *ret);
/* The parameter of a field; NULL: it has none. */
const char *learnamp_param(enum user_field f);

/* ---- learnamp_list.c ---- */

enum rc_code learnamp_list_begin(struct destination_lane *l, enum destination_list what,
                                 struct rc_error *err);
enum rc_code learnamp_list_next(struct destination_lane *l, struct arena *a,
                                struct destination_page *ret, struct rc_error *err);
/* Reads rows into the page. RC_INVALID destination.answer: there is no list of rows. */
enum rc_code learnamp_page_read(json root, enum destination_list what, unsigned caps,
                                struct arena *a, struct destination_page *ret,
                                struct rc_error *err);

/* ---- learnamp_find.c ---- */

enum rc_code learnamp_find(struct destination_lane *l, enum destination_key by, struct text key,
                           struct arena *a, struct account *ret, struct rc_error *err);
/* One user by id, its JSON too, which lives until the next call. */
enum rc_code learnamp_get(struct learnamp_lane *l, int64_t id, struct arena *a, json *ret_user,
                          struct account *ret, struct rc_error *err);

/* ---- learnamp_write.c ---- */

enum rc_code learnamp_create(struct destination_lane *l, const struct destination_change *c,
                             struct arena *a, struct destination_outcome *ret,
                             struct rc_error *err);
enum rc_code learnamp_update(struct destination_lane *l, const struct destination_change *c,
                             struct arena *a, struct destination_outcome *ret,
                             struct rc_error *err);

/* ---- learnamp_state.c ---- */

enum rc_code learnamp_deactivate(struct destination_lane *l, const struct account *now,
                                 struct rc_error *err);
enum rc_code learnamp_reactivate(struct destination_lane *l, const struct account *now,
                                 struct rc_error *err);
enum rc_code learnamp_invite(struct destination_lane *l, const struct account *now,
                             struct rc_error *err);

/* ---- learnamp_team.c ---- */

enum rc_code learnamp_team_find(struct destination_lane *base, struct text remote_id,
                                struct arena *a, struct destination_team *ret,
                                struct rc_error *err);
enum rc_code learnamp_team_create(struct destination_lane *l, struct text name,
                                  struct text external_id, struct arena *a,
                                  struct destination_team *ret, struct rc_error *err);
enum rc_code learnamp_team_update(struct destination_lane *l, struct text remote_id,
                                  struct text name, struct text external_id, struct arena *a,
                                  struct destination_team *ret, struct rc_error *err);
enum rc_code learnamp_team_delete(struct destination_lane *l, struct text remote_id,
                                  struct rc_error *err);
enum rc_code learnamp_team_leave(struct destination_lane *l, struct text team_id,
                                 struct text account_id, struct rc_error *err);
/* From the secondary teams `from` (ours) to those of `to`, for an account that shows `shows`; its
 * teams are read again when something was changed. *ret_refused: some team would not have it. */
enum rc_code learnamp_teams_move(struct learnamp_lane *l, int64_t account_id, struct text from,
                                 struct text to, struct arena *a, struct account *shows,
                                 bool *ret_refused, struct text *ret_said, struct rc_error *err);

/* ---- learnamp_check.c ---- */

enum rc_code learnamp_check(struct destination_lane *l, const struct text *custom, size_t custom_n,
                            struct arena *a, struct destination_check *ret, struct rc_error *err);
