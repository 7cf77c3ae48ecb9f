/* company.h - what commands about companies share. */
#pragma once
#include "cmd/cmd.h"

void cmd_company_print(struct cmd *c, const struct company *co);
