/* desk.h - a company whose HR is a file, and somebody who does its jobs: what is due when, and how it ends. */
#pragma once
#include "store/job.h"
#include "store/platform.h"
#include "sync/timetable.h"
#include "sync/work.h"
#include "tests/store/bed.h"

static const int64_t second = 1000000, minute = 60000000;

struct desk {
    struct bed *bed;
    struct company company;
    struct clock_fake fake;
    struct clock_source clock;
    struct work work;
    char file[64];
    const void *row;
};

int desk_make(void **state);
int desk_remove(void **state);
#define DESK_TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_make, desk_remove)

void desk_write(const struct desk *d, const char *bytes);
/* words NULL: none. */
void desk_schedule(struct desk *d, struct integration *in, const char *words);
/* One more, fed by the desk's HR. No program knows its adapter: each delivery to it fails. */
struct platform desk_platform(struct desk *d);

struct job_state desk_look(struct desk *d, enum job_kind k, int64_t subject_id);
int64_t desk_due(struct desk *d); /* the sync */
struct job desk_claim(struct desk *d);
/* The next job from its claim to its end. */
struct work_result desk_do_next(struct desk *d);
int64_t desk_runs(struct desk *d, const char *state); /* "held", or those that failed */
