/* account_p.h - what the files about accounts' rows share. */
#pragma once
#include "store/account.h"

#define ACCOUNT_COLUMNS                                                                            \
    "account_id, user_id, remote_id, external_id, tie, status, state, dirty, due_on, gone_on,"     \
    " excluded_on, listed_run, verb, code, sentence, waits, remedy, approval, approves, decided_on"

/* $3 .. $102: a hundred values for IN (...), null where there are fewer. */
enum { ACCOUNT_AT_ONCE = 100 };
#define ACCOUNT_HUNDRED                                                                             \
    "($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22," \
    " $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40,"    \
    " $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58,"    \
    " $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76,"    \
    " $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89, $90, $91, $92, $93, $94,"    \
    " $95, $96, $97, $98, $99, $100, $101, $102)"

/* ---- account_row.c ---- */
/* Reads rows until there are no more, at most `most`. */
enum rc_code account_rows_read(struct store *st, struct db_statement *rows, size_t most,
                               struct arena *a, struct account_row **ret, size_t *ret_n,
                               struct rc_error *err);
/* Appends new rows, which have their ids. */
enum rc_code account_append(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct account_row *rows, size_t n, struct rc_error *err);
enum rc_code account_update(struct store *st, int64_t company_id, int64_t destination_id,
                            const struct account_row *row, struct rc_error *err);
/* ---- account_mark.c ---- */
/* Users who state one of these addresses: n at most ACCOUNT_AT_ONCE. */
enum rc_code account_mark_emails(struct store *st, int64_t company_id, int64_t destination_id,
                                 const struct text *emails, size_t n, struct rc_error *err);
