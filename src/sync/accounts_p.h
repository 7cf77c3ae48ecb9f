/* accounts_p.h - what accounts.c, accounts_close.c and accounts_team.c have in common. */
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
/* A user's is looked at by the next delivery. In the current transaction. */
enum rc_code accounts_save(const struct accounts_context *x, struct account_row *row,
                           struct rc_error *err);
/* RC_INVALID "account.answer": account so-and-so `why`. */
enum rc_code accounts_refuse(struct rc_error *err, const struct account_row *row, const char *why);
