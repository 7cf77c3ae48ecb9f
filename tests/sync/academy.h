/* academy.h - a bed (tests/store/bed.h) with a learning platform that nobody calls, as its adapter is none. */
#pragma once
#include "store/account.h"
#include "store/platform.h"
#include "sync/accounts.h"
#include "tests/store/bed.h"

extern struct platform academy; /* fed by the bed's integration */
extern struct company acme;
extern struct accounts_context academy_by_hand; /* ann's words about it */

int academy_make(void **state); /* taken away by bed_remove() */
#define ACADEMY_TEST(fn) cmocka_unit_test_setup_teardown(fn, academy_make, bed_remove)
/* An account there of that user, or of nobody (0); remote_id NULL: one that is to be made. */
struct account_row academy_add(struct bed *b, int64_t user_id, const char *remote_id);
int64_t academy_audited(struct bed *b); /* entries of the audit log */
