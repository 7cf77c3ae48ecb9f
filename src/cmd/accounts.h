/* accounts.h - whom an argument names: shared by accounts.c and undo.c. */
#pragma once
#include "cmd/destination.h"
#include "show/account.h"

/* Exactly one, by the id in HR or the address. */
enum rc_code cmd_person_of(struct cmd *c, const struct company *co, const char *what,
                           struct person *ret);
/* What to type where somebody was to be invited and HR states another address since (invite.c); NULL: that is not so. */
const char *cmd_invite_again(struct cmd *c, const struct company *co, const struct platform *p,
                             struct text person, const struct account_row *row);
