/* world.h - a company whose HR system a test writes down (source/memory.h), imported into a bed.
 *
 * Shape:  people are put, changed and dropped as HR would; world_import() imports them with the
 *         integration as the database has it; what the directory then says is read through the
 *         same functions that the command line uses. Time stands still, but for an hour an import.
 *         */
#pragma once
#include "tests/store/bed.h"
#include "people/stored.h"
#include "source/memory.h"
#include "sync/import.h"

enum { WORLD_MOST = 400, HOUR_S = 3600 };

struct world {
    struct bed *bed;
    struct company company;
    struct memory_source hr;
    struct memory_person people[WORLD_MOST]; /* hr.people: what it lists */
    const char *not_found[WORLD_MOST];       /* whom get() denies; ends with NULL */
    struct clock_fake fake;
    struct clock_source clock;
    struct import_progress progress;
    const char *attributes[8]; /* what the credential may read; ends with NULL */
    struct rc_error err;       /* of the last import that failed */
    bool watched;
    const void *row;
};

int world_make(void **state);
int world_remove(void **state);
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_make, world_remove)
#define WORLD_ROWS(tests, n, rows, fn)                                                             \
    for (size_t i_ = 0; i_ < RC_LEN(rows); i_++)                                                   \
        (tests)[(n)++] = (struct CMUnitTest) {                                                     \
            .name = (rows)[i_].name, .test_func = (fn), .setup_func = world_make,                  \
            .teardown_func = world_remove, .initial_state = (void *)(uintptr_t) & (rows)[i_]       \
        }
void world_disconnect(struct world *w); /* before a fork; a child opens for itself */
void world_connect(struct world *w);

/* ---- HR ---- */

/* n people, "1" to "n", faultless and active; 1 is everybody's supervisor. */
void world_fill(struct world *w, size_t n);
void world_add(struct world *w, const char *id);                   /* one more like them */
void world_put(struct world *w, const char *id, const char *pair); /* "last_name=Meyer", in place */
void world_unset(struct world *w, const char *id, const char *key);
void world_drop(struct world *w, const char *id); /* HR has the person no more: not even get() */
const char *world_number(struct world *w, int i); /* of the i-th: "7" */
void world_drop_many(struct world *w, int from, int to);
void world_hide(struct world *w, const char *id); /* only get() finds the person */

/* ---- imports ---- */

struct run world_import(struct world *w); /* everybody; it is no error */
struct run world_import_person(struct world *w, const char *id);
struct run world_preview(struct world *w);
/* The import fails; w->err says why. */
struct run world_import_fails(struct world *w, enum rc_code want);
struct run world_approve(struct world *w, int64_t run_id);
struct run world_begin(struct world *w, size_t n); /* n people, imported and approved */
struct run world_run(struct world *w, int64_t run_id);
void world_limits(struct world *w, const char *limits);
struct run world_mapping(struct world *w, const char *text); /* which counts from now on */
#define WORLD_NO_LIMITS                                                                            \
    "{\"leavers\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                     \
    "\"unannounced\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                  \
    "\"joins\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                        \
    "\"name\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]}}"

/* ---- the directory ---- */

const char *world_lifecycle(struct world *w, const char *id); /* "nobody" when not there */
void world_everybody_is(struct world *w, int from, int to, const char *lifecycle);
struct text world_user(struct world *w, const char *id, enum user_field f);
/* Everybody with lifecycle and fields, by source id: what the directory says, not how it came so.
 * */
char *world_directory(struct world *w);
/* How many change rows of a run say field; field NULL: any. */
int64_t world_changes(struct world *w, int64_t run_id, const char *field);
/* Writes to tables about people since the last call; the first call installs the watch. */
int64_t world_writes(struct world *w);
void assert_state(const struct run *r, enum run_state want);
void assert_says(struct text t, const char *words);
