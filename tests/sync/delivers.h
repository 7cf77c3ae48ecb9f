/* delivers.h - a world (world.h) with a learning platform beside its HR system: people are imported and
 * delivered to a platform in memory.
 *
 * Shape:  there is the platform's own truth; deliveries run with it as adapter. A day passes by
 *         delivers_day(). */
#pragma once
#include "destination/memory.h"
#include "store/account.h"
#include "store/effect.h"
#include "store/platform.h"
#include "sync/delivery.h"
#include "tests/sync/world.h"

struct delivers {
    struct world *w;
    struct memory_platform there;
    struct text owner; /* remote id of somebody whom HR does not know */
    int64_t destination_id;
    struct delivery_progress progress;
    struct rc_error err;
    const void *row;
};
int delivers_make(void **state);
int delivers_remove(void **state);
#define DELIVERS_TEST(fn) cmocka_unit_test_setup_teardown(fn, delivers_make, delivers_remove)
#define DELIVERS_ROWS(tests, n, rows, fn)                                                          \
    for (size_t i_ = 0; i_ < RC_LEN(rows); i_++)                                                   \
        (tests)[(n)++] = (struct CMUnitTest) {                                                     \
            .name = (rows)[i_].name, .test_func = (fn), .setup_func = delivers_make,               \
            .teardown_func = delivers_remove, .initial_state = (void *)(uintptr_t) & (rows)[i_]    \
        }

struct platform delivers_platform(struct delivers *d);          /* as it is kept */
void delivers_policy(struct delivers *d, const char *settings); /* settings that differ */
void delivers_limits(struct delivers *d, const char *settings); /* NULL: none at all */
void delivers_day(struct delivers *d, int days);

struct delivery_options delivers_options(struct delivers *d);
struct run delivers_run(struct delivers *d); /* no error */
struct run delivers_fails(struct delivers *d, enum rc_code want);
struct run delivers_preview(struct delivers *d, int64_t overlay_run_id);
struct run delivers_approve(struct delivers *d, int64_t run_id);
struct run delivers_reject(struct delivers *d, int64_t run_id);
/* n people, imported, delivered, both approved. */
void delivers_begin(struct delivers *d, size_t n);

/* 4 joins, and whether their account was made nobody knows. */
void delivers_leave_in_doubt(struct delivers *d);

/* ---- looking ---- */

/* Remote id of a person's account by our external id; missing: there is none. */
struct text delivers_id(struct delivers *d, const char *person);
struct text delivers_shows(struct delivers *d, const char *person, const char *field);
enum account_status delivers_status(struct delivers *d, const char *person);
unsigned delivers_writes(const struct delivers *d); /* changing calls so far */
/* What was decided last about a person, and what there is of their account. */
struct account_row delivers_row(struct delivers *d, const char *person);
/* The code; "no row": there is none. */
const char *delivers_code(struct delivers *d, const char *person);
/* The effects of a run, a line each: "create 2 done". */
char *delivers_effects(struct delivers *d, int64_t run_id);
