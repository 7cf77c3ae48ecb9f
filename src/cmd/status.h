/* status.h - status in two files: people and imports, and the platforms. */
#pragma once
#include "cmd/cmd.h"

/* A company's destinations. */
enum rc_code status_there(struct cmd *c, const struct company *co, bool *ret_held);
