/* accounts_p.h - what accounts.c and the files beside it have in common. */
#pragma once
#include "store/lease.h"
#include "sync/accounts.h"

enum rc_code accounts_take(const struct accounts_context *x, struct lease *ret,
                           struct rc_error *err);
/* The lease and a transaction, and their end: `what` was done is on record, if rc is RC_OK. */
enum rc_code accounts_begin(const struct accounts_context *x, struct lease *l,
                            struct rc_error *err);
enum rc_code accounts_end(const struct accounts_context *x, struct lease *l, enum rc_code rc,
                          const char *what, struct rc_error *err);
/* RC_NOT_FOUND "account.unknown". */
enum rc_code accounts_by_remote(const struct accounts_context *x, struct text remote_id,
                                struct arena *a, struct account_row *ret, struct rc_error *err);
/* What is kept there of a person. Of whom nothing is, no account is unknown: no delivery has looked at them yet
 * (then ret->account_id is 0), or they are none of this platform's: RC_CONFLICT "account.not-fed". */
enum rc_code accounts_of_person(const struct accounts_context *x, int64_t user_id, struct arena *a,
                                struct account_row *ret, struct rc_error *err);
/* Whether the account is nobody's: a person has unlinked it, and it may still carry the id that it was given. */
enum rc_code accounts_is_unlinked(const struct accounts_context *x, struct text remote_id,
                                  struct arena *a, bool *ret, struct rc_error *err);
/* A user's is looked at by the next delivery. In the current transaction. */
enum rc_code accounts_save(const struct accounts_context *x, struct account_row *row,
                           struct rc_error *err);
/* What `accounts unlink` does, and a no to its being theirs. In the current transaction. */
enum rc_code accounts_part(const struct accounts_context *x, struct account_row *row,
                           struct arena *a, struct rc_error *err);
/* A person has taken back that it was somebody's, and has said no more of it since: it is left alone, and may be closed
 * by hand. Its own id stands for that where that of somebody else's stands on people. */
bool accounts_was_unlinked(const struct account *is);
/* Once it is no longer left alone. */
enum account_tie accounts_tie_of(const struct accounts_context *x, const struct account *is);
/* RC_INVALID "account.answer": account so-and-so `why`. */
enum rc_code accounts_refuse(struct rc_error *err, const struct account_row *row, const char *why);
