/* accounts_p.h - what accounts.c and accounts_close.c have in common. */
#pragma once
#include "store/lease.h"
#include "sync/accounts.h"

enum rc_code accounts_take(const struct accounts_context *x, struct lease *ret,
                           struct rc_error *err);
/* RC_NOT_FOUND "account.unknown". */
enum rc_code accounts_by_remote(const struct accounts_context *x, struct text remote_id,
                                struct arena *a, struct account_row *ret, struct rc_error *err);
/* A user's is looked at by the next delivery. In the current transaction. */
enum rc_code accounts_save(const struct accounts_context *x, struct account_row *row,
                           struct rc_error *err);
/* RC_INVALID "account.answer": account so-and-so `why`. */
enum rc_code accounts_refuse(struct rc_error *err, const struct account_row *row, const char *why);
