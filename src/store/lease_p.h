/* lease_p.h - who holds a row of `job`: shared by lease.c (one writer a subject) and job.c (work). */
#pragma once
#include <stdbool.h>
#include "store/store.h"

enum { LEASE_OWNER_BYTES = 256 };

/* This process, as "host boot namespace pid start". */
void lease_owner_name(char ret[LEASE_OWNER_BYTES]);
/* True only when it is certain: same machine, same boot, same container, and no such process any
 * more; or, of a database in a file, which is one machine's, another boot. */
bool lease_owner_is_dead(const struct store *st, const char *text);
