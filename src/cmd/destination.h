/* destination.h - what commands about a learning platform and its accounts share. */
#pragma once
#include "cmd/cmd.h"
#include "cmd/delivery.h"
#include "sync/accounts.h"

struct accounts_context cmd_accounts(struct cmd *c, const struct company *co,
                                     const struct platform *p);
