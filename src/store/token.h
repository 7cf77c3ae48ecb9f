/* token.h - keys to the API: whose they are, what they may, until when.
 *
 * Shape:  a token is of one company, or of the installation, and then of every company. What its owner
 *         sends is "rollcall_ID_SECRET", shown once when it is made: 12 and 64 hexadecimal digits. The
 *         id finds the row; of the secret, 256 random bits, a hash is kept and nothing else.
 *         used_us is written once an hour at most.
 * Errors: RC_NOT_FOUND "token.unknown": no such token, a wrong secret, or one that has expired. Which of
 *         the three is not said. */
#pragma once
#include "store/store.h"

enum { TOKEN_ID_BYTES = 12, TOKEN_TEXT_BYTES = 96 };

/* Each may what the one before it may. read: look. operate: sync, approve, reject, pause, undo.
 * administer: change settings, make tokens. */
enum token_right { TOKEN_READ = 1, TOKEN_OPERATE, TOKEN_ADMINISTER, TOKEN_RIGHTS_N };
const char *token_right_name(enum token_right r);
enum token_right token_right_parse(const char *name); /* 0: none of them */

struct token {
    struct text token_id;
    int64_t company_id; /* 0: of the installation */
    struct text name;   /* for people */
    enum token_right right;
    struct text made_by;
    int64_t made_us, expires_us, used_us; /* 0: never */
};

/* Fills token_id in, which lies in the arena. */
enum rc_code token_add(struct store *st, struct token *t, struct arena *a,
                       char ret_text[TOKEN_TEXT_BYTES], struct rc_error *err);
/* Whose is this? In constant time as far as the secret is concerned. */
enum rc_code token_check(struct store *st, const char *text, int64_t now_us, struct arena *a,
                         struct token *ret, struct rc_error *err);
/* company_id 0: those of the installation. Oldest first. */
/* Whether one that was right before still is. */
enum rc_code token_counts(struct store *st, const char *token_id, int64_t now_us, bool *ret,
                          struct rc_error *err);
enum rc_code token_list(struct store *st, int64_t company_id, struct arena *a, struct token **ret,
                        size_t *ret_n, struct rc_error *err);
enum rc_code token_drop(struct store *st, int64_t company_id, struct text token_id,
                        struct rc_error *err);
