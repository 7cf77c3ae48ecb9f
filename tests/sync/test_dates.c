/* How long the dates of a day wait for an import that does not come to its end: whoever began it, and however
 * often. */
#include <stdio.h>
#include "store/job.h"
#include "sync/work.h"
#include "tests/sync/delivers.h"
#include "base/log.h"

static const int64_t minute = 60000000;

/* Shortly after midnight, HR was read on the day before, and nothing has been begun. */
static void begin_a_day(struct delivers *d) {
    struct bed *b = d->w->bed;
    delivers_begin(d, 3);
    d->w->fake.now_us += DAY_US - d->w->fake.now_us % DAY_US + 10 * minute; /* the zone is UTC */
    OK(job_set(b->st, JOB_SYNC, b->company_id, b->in.integration_id, 0, &why));
    log_set_level(LOG_LEVEL_ERROR);
}

/* Whoever does not wait finds nothing to be done. */
static bool dates_wait(struct delivers *d) {
    struct bed *b = d->w->bed;
    const struct work w = { .st = b->st, .key = b->key, .clock = &d->w->clock };
    const struct job j = { .kind = JOB_DELIVERY,
                           .company_id = b->company_id,
                           .subject_id = d->destination_id };
    struct work_result r;
    work_do(&w, &j, &r);
    assert_true(r.end == WORK_WAITS || r.end == WORK_DONE);
    return r.end == WORK_WAITS;
}

static void sync_is_due(struct delivers *d, int64_t at_us) {
    struct bed *b = d->w->bed;
    OK(job_set(b->st, JOB_SYNC, b->company_id, b->in.integration_id, at_us, &why));
}

static void take(struct delivers *d, struct store *by, struct lease *l) {
    struct bed *b = d->w->bed;
    char subject[64];
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)b->company_id,
             (long long)b->in.integration_id);
    OK(lease_take(by, "import", subject, d->w->fake.now_us, l, &why));
}

/* What is typed keeps its lease for as long as its process waits for something. */
static void pass_holding(struct delivers *d, struct store *by, const struct lease *l, int minutes) {
    d->w->fake.now_us += minutes * minute;
    OK(lease_hold(by, l, d->w->fake.now_us, &why));
}

static void an_import_typed_by_hand_that_hangs_is_waited_for_for_an_hour(void **state) {
    struct delivers *d = *state;
    struct lease l;
    begin_a_day(d);
    assert_false(dates_wait(d));
    struct store *other = bed_connect(d->w->bed);
    take(d, other, &l);
    assert_true(dates_wait(d));
    pass_holding(d, other, &l, 59);
    assert_true(dates_wait(d));
    sync_is_due(d, d->w->fake.now_us); /* and finds that somebody is at it, each time */
    assert_true(dates_wait(d));
    pass_holding(d, other, &l, 1);
    assert_false(dates_wait(d));
    lease_release(other, &l);
    assert_true(dates_wait(d)); /* the sync is due, and goes first */
    store_close(other);
}

static void one_of_which_an_older_program_told_no_beginning_is_waited_for(void **state) {
    struct delivers *d = *state;
    struct lease l;
    begin_a_day(d);
    take(d, d->w->bed->st, &l);
    place_exec(d->w->bed->st->db, "UPDATE job SET claimed_us = NULL WHERE kind = 'import'");
    pass_holding(d, d->w->bed->st, &l, 90);
    assert_true(dates_wait(d));
    lease_release(d->w->bed->st, &l);
}

/* An import that was begun so many minutes ago; ended_us 0: its process was killed. */
static struct run was_begun(struct delivers *d, int ago, int took, enum run_kind kind,
                            bool preview) {
    struct bed *b = d->w->bed;
    struct run r = { .company_id = b->company_id,
                     .integration_id = b->in.integration_id,
                     .kind = kind,
                     .state = RUN_FAILED,
                     .preview = preview,
                     .started_us = d->w->fake.now_us - ago * minute };
    OK(run_add(b->st, &r, &why));
    r.ended_us = took > 0 ? r.started_us + took * minute : 0;
    OK(run_save(b->st, &r, &why));
    return r;
}

static const struct cut_row {
    const char *name;
    int ago[4], took[4]; /* minutes; 0: no more of them */
    enum run_kind kind;
    bool preview, waits;
} cut_rows[] = {
    { "nothing was begun", { 0 }, { 0 }, RUN_FULL, false, true },
    { "cut short once", { 50 }, { 50 }, RUN_FULL, false, true },
    { "cut short twice after less than an hour", { 100, 50 }, { 50, 50 }, RUN_FULL, false, false },
    { "killed once, for however long nobody was at it", { 500 }, { 0 }, RUN_FULL, false, true },
    { "HR refused it ten minutes in all", { 300, 200, 100 }, { 3, 3, 4 }, RUN_FULL, false, true },
    { "on the day before", { 800, 790 }, { 50, 50 }, RUN_FULL, false, true },
    { "single people", { 100, 50 }, { 50, 50 }, RUN_PERSON, false, true },
    { "looked at only", { 100, 50 }, { 50, 50 }, RUN_FULL, true, true },
};

static void one_that_is_cut_short_again_and_again_is_waited_for_for_an_hour_in_all(void **state) {
    struct delivers *d = *state;
    const struct cut_row *row = d->row;
    begin_a_day(d);
    d->w->fake.now_us += 10 * 60 * minute;
    for (size_t i = 0; i < RC_LEN(row->ago) && row->ago[i] > 0; i++)
        was_begun(d, row->ago[i], row->took[i], row->kind, row->preview);
    sync_is_due(d, d->w->fake.now_us);
    assert_int_equal(dates_wait(d), row->waits);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[2 + RC_LEN(cut_rows)] = {
        DELIVERS_TEST(an_import_typed_by_hand_that_hangs_is_waited_for_for_an_hour),
        DELIVERS_TEST(one_of_which_an_older_program_told_no_beginning_is_waited_for),
    };
    size_t n = 2;
    DELIVERS_ROWS(tests, n, cut_rows,
                  one_that_is_cut_short_again_and_again_is_waited_for_for_an_hour_in_all);
    return PLACE_RUN(tests, argc, argv);
}
