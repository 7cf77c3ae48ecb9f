/* bed.h - an opened store in a place of its own, with a key, a company and an integration: what the
 * tests of floors 3 and 4 begin with. The argument of main() says on which database. */
#pragma once
#include "tests/db/place.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/directory.h"
#include "store/integration.h"
#include "store/lease.h"
#include "store/run.h"
#include "store/version.h"

#define T0     INT64_C(1790000000000000) /* when everything begins: 2026-09-21 */
#define DAY_US INT64_C(86400000000)

struct bed {
    struct place *place;
    struct store *st;
    struct secret_key *key;
    struct arena a;
    int64_t company_id;
    struct integration in; /* "hr" */
    const void *row;       /* of the test's table */
};

int bed_make(void **state);
int bed_remove(void **state);
struct store *bed_connect(const struct bed *b); /* one more connection */
#define BED_TEST(fn) cmocka_unit_test_setup_teardown(fn, bed_make, bed_remove)
#define BED_ROWS(tests, n, rows, fn)                                                               \
    for (size_t i_ = 0; i_ < RC_LEN(rows); i_++)                                                   \
        (tests)[(n)++] = (struct CMUnitTest) {                                                     \
            .name = (rows)[i_].name, .test_func = (fn), .setup_func = bed_make,                    \
            .teardown_func = bed_remove, .initial_state = (void *)(uintptr_t) & (rows)[i_]         \
        }

struct secret_key *bed_key(void);                   /* a new one */
int64_t bed_number(struct bed *b, const char *sql); /* one row, one number */
struct integration bed_integration(struct bed *b, int64_t company_id, const char *key);

/* A run that stands in a state, begun at T0. */
struct run bed_run(struct bed *b, int64_t company_id, int64_t integration_id, enum run_state state);
/* One person as a run stages them; texts beside the id are made of `name`. base_run_id 0: joins. */
struct version bed_version(struct bed *b, int64_t user_id, int64_t base_run_id,
                           const char *source_id, const char *name);
void bed_stage(struct bed *b, const struct run *r, const struct version *v, size_t n);
struct version_applied bed_apply(struct bed *b, struct run *r); /* and saves the run as applied */
/* Everybody of an integration as one text, a line a person; read a few at a time. */
char *bed_people(struct bed *b, int64_t company_id, int64_t integration_id, int64_t overlay_run_id);
