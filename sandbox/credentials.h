/* credentials.h - who may ask, with which scopes; and the tokens that were given out for it.
 *
 * Shape:  a played system may keep more about a credential: it names the size of a struct that
 *         embeds struct credential first.
 * Memory: credentials are never removed, so a pointer stays good.
 * Threads: tokens have a lock of their own; everything else goes by the sandbox's lock. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "json/json.h"

enum { CREDENTIALS_MAX = 64, TOKENS_MAX = 1024, TOKEN_BYTES = 64, SCOPES_BYTES = 1200 };

struct credential {
    unsigned number;
    char client_id[128], client_secret[256], scopes[SCOPES_BYTES];
};

struct token {
    char text[TOKEN_BYTES];
    struct credential *credential;
    char scopes[SCOPES_BYTES];
    int64_t issued_us, expires_us; /* in the company's time */
    bool v2, once, used, revoked;
};
enum token_state { TOKEN_UNKNOWN, TOKEN_GOOD, TOKEN_EXPIRED, TOKEN_REVOKED };

struct credentials {
    struct credential *all[CREDENTIALS_MAX];
    size_t n, each_bytes;
    const char *prefix; /* of tokens */
    pthread_mutex_t lock;
    struct token *tokens; /* TOKENS_MAX, a ring: the oldest makes room */
    size_t tokens_n;
    uint64_t issued; /* how many ever: what makes the next one another */
    uint64_t seed;
};

void credentials_init(struct credentials *c, uint64_t seed, size_t each_bytes, const char *prefix);
void credentials_done(struct credentials *c);
struct credential *credential_find(struct credentials *c,
                                   const char *client_id); /* NULL is an answer */
struct credential *credential_add(struct credentials *c,
                                  const char *client_id); /* NULL when there are too many */
/* {client_secret, scopes}: what is named is changed. */
void credential_set(struct credential *k, json body);
bool scopes_have(const char *scopes, const char *scope);
/* Whether all that is asked for is granted; ret is what was asked for, with one blank between. */
bool scopes_cut(const char *granted, const char *asked, char ret[SCOPES_BYTES]);

/* The token that still holds, or a new one. `once`: good for one request. */
void token_issue(struct credentials *c, struct credential *k, const char *scopes, bool v2,
                 bool once, bool same, int64_t now_us, int64_t seconds, struct token *ret);
/* *ret is written unless unknown. A token for one request is used up by this, and expired then. */
enum token_state token_check(struct credentials *c, const char *text, int64_t now_us,
                             struct token *ret);
void token_revoke(struct credentials *c, const char *text);
/* Ends the tokens of a credential (NULL: of everybody), as if their time were over or as revoked. */
size_t tokens_expire(struct credentials *c, const char *client_id, bool revoked);
