/* place.h - a fresh database for each test: a file of its own, or a schema of its own in the
 * cluster of ROLLCALL_TEST_POSTGRES.
 *
 * Without that variable the tests on PostgreSQL fail: a database that was left out has not been
 * shown to work. */
#pragma once
#include "tests/check.h"
#include "db/db.h"

struct place {
    char where[700]; /* for db_open() */
    char dir[200];   /* SQLite: where the file "x" lies; goes away with all that is in it */
    char schema[60]; /* PostgreSQL */
    bool is_kept;    /* PostgreSQL: see place_keep() */
    struct db *db;   /* open */
};

extern const char *place_kind; /* "sqlite" or "postgresql"; main() says which */
bool place_is_sqlite(void);
int place_make(void **state);
int place_remove(void **state);
struct db *place_open(const struct place *p); /* one more connection */
/* What is there now is what later places of this program begin with. PostgreSQL takes half a second
 * to make the store's tables and to drop them, and a few milliseconds to empty them: so the schema
 * is not dropped by place_remove(), but gets its rows of now again. One whose tables, indexes or
 * triggers a test has changed is dropped all the same, and the next place is a new one. */
void place_keep(struct place *p);
const char *place_postgres(void); /* the cluster's address */

/* The call, which is given &why, succeeds; if not, its words are shown. */
extern struct rc_error why;
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RC_OK)                                                                       \
            fail_msg("%s: %s", #call, why.text);                                                   \
    } while (0)

void place_exec(struct db *db, const char *sql);
int64_t place_int(struct db *db, const char *sql); /* one row, one number */
/* main() of a test that every member has to pass: its one argument is the member's kind. */
#define PLACE_RUN(tests, argc, argv) place_run(#tests, tests, RC_LEN(tests), argc, argv)
int place_run(const char *name, const struct CMUnitTest *tests, size_t n, int argc, char **argv);

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, place_make, place_remove)
