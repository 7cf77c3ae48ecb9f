/* lease_p.h - who holds a row of `job`: shared by lease.c (one writer a subject) and job.c (work). */
#pragma once
#include <stdbool.h>

enum { LEASE_OWNER_BYTES = 256 };

/* This process, as "host boot namespace pid start". */
void lease_owner_name(char ret[LEASE_OWNER_BYTES]);
/* True only when it is certain: same machine, same boot, same container, and no such process any
 * more. */
bool lease_owner_is_dead(const char *text);
