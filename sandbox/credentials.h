/* credentials.h - who may ask, what that credential reads, whom it sees; and the tokens that were
 * given out for it.
 *
 * Shape:  a credential's rows are the people it lists, in listing order; credentials_rows() makes
 *         them again after changes.
 * Memory: credentials are never removed, so a pointer stays good; rows are replaced under the
 *         sandbox's write lock.
 * Threads: tokens have a lock of their own; everything else goes by the sandbox's lock. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sandbox/switches.h"
#include "sandbox/world.h"

enum sees_kind { SEES_ALL, SEES_OFFICE, SEES_PERCENT };
enum { CREDENTIALS_MAX = 64, TOKENS_MAX = 1024, TOKEN_BYTES = 64 };

struct credential {
    unsigned number;
    char client_id[128], client_secret[256], scopes[400];
    uint64_t attrs;
    enum sees_kind sees;
    char office[WORLD_SCRATCH];
    unsigned percent;
    uint32_t *rows;
    size_t rows_n;
};

struct token {
    char text[TOKEN_BYTES];
    struct credential *credential;
    char scopes[400];
    int64_t issued_us, expires_us; /* in the company's time */
    bool v2, once, used;
};

struct credentials {
    struct credential *all[CREDENTIALS_MAX];
    size_t n;
    pthread_mutex_t lock;
    struct token tokens[TOKENS_MAX]; /* a ring: the oldest makes room */
    size_t tokens_n;
    uint64_t issued; /* how many ever: what makes the next one another */
    uint64_t seed;
};

void credentials_init(struct credentials *c, uint64_t seed);
void credentials_done(struct credentials *c);
struct credential *credential_find(struct credentials *c,
                                   const char *client_id); /* NULL is an answer */
struct credential *credential_add(struct credentials *c,
                                  const char *client_id); /* NULL when there are too many */
/* {client_secret, scopes, attributes, sees}: what is named is changed. RC_INVALID says what is
 * wrong. */
enum rc_code credential_set(struct credential *k, json body, struct rc_error *err);
bool credential_sees(const struct credential *k, const struct world *w, const struct person *p);
void credentials_rows(struct credentials *c, const struct world *w, const struct switches *s);
bool scopes_have(const char *scopes, const char *scope);

/* The token that still holds, or a new one. `once`: good for one request. */
void token_issue(struct credentials *c, struct credential *k, const char *scopes, bool v2,
                 bool once, bool same, int64_t now_us, int64_t seconds, struct token *ret);
/* False for one that is unknown, expired or used up; a token for one request is used up by this. */
bool token_check(struct credentials *c, const char *text, int64_t now_us, struct token *ret);
void token_revoke(struct credentials *c, const char *text);
size_t tokens_expire(struct credentials *c, const char *client_id); /* NULL: of everybody */
