/* bed.h - a real rollcall-sandbox learnamp beside the test, and a destination opened on it, with a
 * clock that only a pause moves: no test sleeps. */
#pragma once
#include "tests/check.h"
#include "base/arena.h"
#include "destination/destination_p.h"
#include "json/json.h"

struct bed {
    int pid;
    char url[64];
    struct clock_fake fake;
    struct clock_source clock;
    struct arena arena;
    struct destination *d;
    struct destination_lane *l;
    struct http_client *http;
    struct buf body;
    struct json_reader *reader;
    int64_t next_number; /* for addresses that nobody has */
};
extern struct bed bed;

/* profile: "public" or "full". The program is the test's first argument. */
void bed_start(const char *sandbox, const char *profile);
void bed_stop(void);
/* As it was when it started, and the destination opened with the usual settings. */
int bed_fresh(void **state);
int bed_left(void **state);
#define TEST(f) cmocka_unit_test_setup_teardown(f, bed_fresh, bed_left)
#define ROW_TEST(f, row)                                                                           \
    {                                                                                              \
        .name = (row)->name, .test_func = f, .setup_func = bed_fresh, .teardown_func = bed_left,   \
        .initial_state = (void *)(uintptr_t)(row)                                                  \
    }
/* Opens it anew; extra: pairs of setting and value, ends with NULL; or NULL. */
void bed_open(const char *const *extra);
enum rc_code bed_try_open(const char *const *extra, struct destination **ret, struct rc_error *err);
/* The sandbox's control API; its answer lives until the next call. */
json bed_control(const char *method, const char *path, const char *body);
void bed_switch(const char *name, const char *value);
void bed_switch_number(const char *name, const char *value);
void bed_fault(const char *json_text);
unsigned bed_requests(const char *route); /* since bed_fresh() */
int64_t bed_number(json object, const char *key);
struct text bed_text(json object, const char *key);
json bed_truth(struct text remote_id); /* the account as it is */
unsigned bed_mails(struct text remote_id);

/* ---- what is sent ---- */

struct sent {
    struct decide_field fields[24];
    struct destination_change change;
    struct account now;
};
/* Fields by user_field_name(), or another name for one of the platform's own. value "": to be
 * emptied. */
void sent_put(struct sent *s, const char *name, const char *value);
/* Somebody new, with an address of their own. */
void sent_somebody(struct sent *s, const char *external_id);
/* Makes them, and takes the answer for what is known. */
struct account sent_made(struct destination_lane *l, struct arena *a, const char *external_id);
#define CHANGE_OF(s, account)                                                                      \
    ((s).now = (account), (s).change.now = &(s).now, (s).change.fields = (s).fields, &(s).change)
