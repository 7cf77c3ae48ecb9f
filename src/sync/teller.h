/* teller.h - the thread of `rollcall serve` that tells people (alerts.h), beside the workers: a mail server
 * that is down or slow keeps nobody from being synced.
 *
 * Shape:  it has a connection to the database of its own, and looks every LOOK_S seconds. With nothing to tell that is a few
 *         small queries a company, and nobody writes.
 * Errors: as store_open(). A database that fails later is waited for. */
#pragma once
#include "sync/alerts.h"

enum { TELLER_LOOK_S = 5 };

struct teller;
/* where and what o points to are borrowed until teller_stop(). */
enum rc_code teller_start(const char *where, const struct alerts_options *o, struct teller **ret,
                          struct rc_error *err);
/* A mail that is being sent is broken off, and sent once more by whoever comes next. */
void teller_stop(struct teller *t);
