/* From hints to jobs: how many, when, and until when it is looked again. Time is a number here. */
#include "tests/store/bed.h"
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include "store/job.h"
#include "sync/hints.h"
#include "sync/hints_people.h"

static const int64_t second = 1000000;

struct told {
    bool open, asked;
};

static struct told step(struct bed *b, int64_t now_us, int64_t pace_s) {
    struct told t;
    OK(hints_step(b->st, b->st, now_us, pace_s, &t.open, &t.asked, &why));
    return t;
}

static void hear(struct bed *b, const char *digest, const char *id, int64_t at_us) {
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .name = TEXT_LIT("person.renamed"), /* nothing that we know */
                            .source_id = text_of(id),
                            .arrived_us = at_us };
    const struct hook_event *list[] = { &e };
    snprintf(e.digest, sizeof e.digest, "%s", digest);
    OK(hook_event_add(b->st, list, 1, NULL, &why));
}

static void hear_of(struct bed *b, const char *digest, const char *id, int64_t at_us) {
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .name = TEXT_LIT("person.updated"),
                            .source_id = text_of(id),
                            .arrived_us = at_us };
    const struct hook_event *list[] = { &e };
    snprintf(e.digest, sizeof e.digest, "%s", digest);
    OK(hook_event_add(b->st, list, 1, NULL, &why));
}

static int64_t due_of(struct bed *b, enum job_kind k, int64_t now_us) {
    struct job_state s;
    OK(job_look(b->st, k, b->company_id, b->in.integration_id, now_us, &s, &why));
    return s.run_at_us;
}

static int64_t due(struct bed *b, int64_t now_us) {
    struct job_state s;
    OK(job_look(b->st, JOB_SYNC, b->company_id, b->in.integration_id, now_us, &s, &why));
    return s.run_at_us;
}

static struct job begin(struct bed *b, int64_t now_us) {
    struct job j;
    bool found = false;
    OK(job_claim(b->st, now_us, 10, &j, &found, &why));
    assert_true(found);
    return j;
}

/* A listing of everybody that began then, and made those of the given ids new. */
static void list(struct bed *b, int64_t now_us, int64_t user_id, const char *id) {
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct db_statement *st;
    OK(store_query(b->st, &st, &why,
                   "UPDATE run SET started_at = $1 WHERE company_id = $2 AND run_id = $3", "iii",
                   now_us, b->company_id, r.run_id));
    OK(db_run(st, NULL, &why));
    r.started_us = now_us;
    if (id != NULL) {
        struct version v = bed_version(b, user_id, 0, id, "Ana");
        bed_stage(b, &r, &v, 1);
    }
    bed_apply(b, &r);
}

static void many_hints_are_one_job_after_a_moment(void **state) {
    struct bed *b = *state;
    assert_false(step(b, T0, 60).open);
    hear(b, "a", "1", T0);
    hear(b, "b", "2", T0);
    assert_true(step(b, T0, 60).asked);
    assert_int_equal(due(b, T0), T0 + hint_settle_us(60));
    hear(b, "c", "3", T0 + second);
    step(b, T0 + second, 60);
    assert_int_equal(due(b, T0), T0 + hint_settle_us(60));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job"), 1);
    assert_false(step(b, T0 + 2 * second, 60).asked);
}

static void what_may_be_listed_often_is_listed_soon(void **state) {
    (void)state;
    assert_int_equal(hint_settle_us(0), 200000);
    assert_int_equal(hint_settle_us(20), second);
    assert_int_equal(hint_settle_us(60), 3 * second);
    assert_int_equal(hint_settle_us(86400), 3 * second);
}

static void a_job_keeps_its_distance_from_the_last_listing(void **state) {
    struct bed *b = *state;
    list(b, T0 - 10 * second, 0, NULL);
    hear(b, "a", "1", T0);
    step(b, T0, 60);
    assert_int_equal(due(b, T0), T0 + 50 * second);
}

static void a_listing_of_a_clock_that_went_wrong_delays_nothing(void **state) {
    struct bed *b = *state;
    list(b, T0 + DAY_US, 0, NULL);
    hear(b, "a", "1", T0);
    step(b, T0, 60);
    assert_int_equal(due(b, T0), T0 + hint_settle_us(60));
}

static void people_are_one_job_of_their_own_and_not_twice_within_a_second(void **state) {
    struct bed *b = *state;
    hear_of(b, "a", "1", T0);
    hear_of(b, "b", "2", T0 + 1000);
    assert_true(step(b, T0 + 1000, 60).asked);
    assert_int_equal(due(b, T0), 0);
    assert_int_equal(due_of(b, JOB_HINT, T0), T0 + HINT_PEOPLE_SETTLE_US);
    int64_t now = T0 + HINT_PEOPLE_SETTLE_US;
    struct job j = begin(b, now);
    assert_int_equal(j.kind, JOB_HINT);
    hear_of(b, "c", "3", now);
    assert_false(step(b, now, 60).asked); /* it looks for more by itself */
    OK(job_done(b->st, &j, 0, &why));
    assert_true(step(b, now + 1, 60).asked);
    assert_int_equal(due_of(b, JOB_HINT, T0), now + HINT_PEOPLE_PACE_US);
}

static void more_people_than_are_read_one_by_one_are_a_listing(void **state) {
    struct bed *b = *state;
    char id[16];
    for (int i = 0; i <= FEW_MOST; i++) {
        snprintf(id, sizeof id, "%d", i);
        hear_of(b, id, id, T0);
        if (i + 1 == FEW_MOST) {
            step(b, T0, 0);
            assert_int_equal(due(b, T0), 0);
        }
    }
    step(b, T0, 0);
    assert_int_equal(due(b, T0), T0 + hint_settle_us(0));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'asked'"),
                     FEW_MOST + 1);
}

static void after_a_listing_people_who_are_not_new_are_looked_at_by_themselves(void **state) {
    struct bed *b = *state;
    int64_t at = T0 + hint_settle_us(0);
    hear(b, "a", "1", T0);
    hear(b, "b", "2", T0);
    hear(b, "c", NULL, T0);
    step(b, T0, 0);
    struct job j = begin(b, at);
    list(b, at, 11, "1");
    step(b, at + second, 0); /* still at it */
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'asked'"), 3);
    OK(job_done(b->st, &j, 0, &why));
    step(b, at + 2 * second, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'done'"), 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'again'"), 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'asked'"), 1);
    int64_t again = at + (2 + HINT_AGAIN_S) * second; /* of the one that names nobody */
    assert_int_equal(due(b, at), again);
    j = begin(b, again);
    OK(job_done(b->st, &j, 0, &why));
    step(b, again + second, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'done'"), 2);
    assert_int_equal(due(b, at), 0); /* no third time */
}

/* HR's state of before may be shown for a while: how long, and how often it is asked. */
static void looks_come_at_growing_distances_for_ten_minutes(void **state) {
    struct hook_waiting w = { .arrived_us = T0 };
    int64_t now = T0, n = 0;
    (void)state;
    for (; now != 0 && n < 100; n++, w.tries++) {
        int64_t next = hinted_next_us(&w, now);
        assert_true(next == 0 || next > now);
        assert_true(next <= T0 + HINT_LONGEST_S * second);
        now = next;
    }
    assert_int_equal(n, 6);
}

static void somebody_who_was_new_before_the_hint_is_no_answer_to_it(void **state) {
    struct bed *b = *state;
    list(b, T0 - second, 11, "1");
    hear(b, "a", "1", T0);
    step(b, T0, 0);
    struct job j = begin(b, T0 + hint_settle_us(0));
    OK(job_done(b->st, &j, 0, &why));
    step(b, T0 + 4 * second, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'again'"), 1);
}

static void a_stream_of_hints_keeps_none_waiting_for_ever(void **state) {
    struct bed *b = *state;
    int64_t now = T0;
    char digest[16];
    for (int i = 0; i < 200; i++, now += second) {
        snprintf(digest, sizeof digest, "%d", i);
        hear(b, digest, NULL, now);
        step(b, now, 0);
        struct job j;
        bool found = false;
        OK(job_claim(b->st, now, 10, &j, &found, &why));
        if (found)
            OK(job_done(b->st, &j, 0, &why));
    }
    int64_t open = bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state <> 'done'");
    assert_true(open < 3 * HINT_AGAIN_S);
}

static void a_job_that_has_failed_keeps_its_pause(void **state) {
    struct bed *b = *state;
    OK(job_want(b->st, JOB_SYNC, b->company_id, b->in.integration_id, T0, &why));
    struct job j = begin(b, T0);
    OK(job_retry(b->st, &j, T0 + 900 * second, true, &why));
    hear(b, "a", "1", T0 + second);
    assert_false(step(b, T0 + second, 0).asked);
    assert_int_equal(due(b, T0), T0 + 900 * second);
    step(b, T0 + 100 * second, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'asked'"), 1);
    j = begin(b, T0 + 900 * second);
    OK(job_done(b->st, &j, 0, &why));
    step(b, T0 + 901 * second, 0);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event WHERE state = 'done'"), 1);
}

static void what_arrives_during_a_sync_is_done_after_it(void **state) {
    struct bed *b = *state;
    OK(job_want(b->st, JOB_SYNC, b->company_id, b->in.integration_id, T0, &why));
    struct job j = begin(b, T0);
    hear(b, "a", "1", T0 + second);
    assert_true(step(b, T0 + second, 0).asked);
    OK(job_done(b->st, &j, T0 + 3600 * second, &why));
    assert_int_equal(due(b, T0), T0 + second + hint_settle_us(0));
}

static void a_ping_makes_nobody_look(void **state) {
    struct bed *b = *state;
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .name = TEXT_LIT("ping"),
                            .digest = "p",
                            .arrived_us = T0 };
    const struct hook_event *one[] = { &e };
    OK(hook_event_add(b->st, one, 1, NULL, &why));
    assert_false(step(b, T0, 0).asked);
    assert_false(step(b, T0, 0).open);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job"), 0);
}

static struct store *beside(struct bed *b) {
    struct store *events = NULL;
    OK(hook_events_open(b->place->where, &events, &why));
    return events;
}

static void done_beside(struct bed *b, struct store *events) {
    store_close(events);
    if (strcmp(db_kind(b->st->db), "sqlite") == 0)
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
}

static void hints_of_nobody_are_forgotten(void **state) {
    struct bed *b = *state;
    struct store *events = beside(b);
    struct hook_event e = { .company_id = b->company_id, .integration_id = 999, .arrived_us = T0 };
    const struct hook_event *one[] = { &e };
    struct told t;
    OK(hook_event_add(events, one, 1, NULL, &why));
    for (int i = 0; i < 2; i++) {
        OK(hints_step(b->st, events, T0, 0, &t.open, &t.asked, &why));
        assert_false(t.asked);
        assert_int_equal(t.open, i == 0);
    }
    done_beside(b, events);
}

/* ---- the threads ---- */

struct bringer {
    struct hints *h;
    const struct bed *b;
    int number;
    enum rc_code rc;
};

static void *bring(void *self) {
    struct bringer *me = self;
    struct hook_event e = { .company_id = me->b->company_id,
                            .integration_id = me->b->in.integration_id,
                            .arrived_us = T0 };
    for (int i = 0; i < 20 && me->rc == RC_OK; i++) {
        snprintf(e.digest, sizeof e.digest, "%d/%d", me->number, i);
        me->rc = hints_add(me->h, &e, NULL);
    }
    return NULL;
}

static void what_many_bring_at_once_is_all_there_and_a_job_is_due(void **state) {
    struct bed *b = *state;
    enum { BRINGERS = 8 };
    pthread_t threads[BRINGERS];
    struct bringer bringers[BRINGERS];
    struct hints *h = NULL;
    struct hook_tally t;
    const struct hints_options o = { .where = b->place->where,
                                     .clock = &clock_system,
                                     .pace_s = 0 };
    OK(hints_open(&o, &h, &why));
    for (int i = 0; i < BRINGERS; i++) {
        bringers[i] = (struct bringer){ h, b, i, RC_OK };
        assert_int_equal(pthread_create(&threads[i], NULL, bring, &bringers[i]), 0);
    }
    for (int i = 0; i < BRINGERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(bringers[i].rc, RC_OK);
    }
    for (int tries = 0; tries < 1000 && due(b, T0) == 0; tries++)
        clock_sleep_us(&clock_system, 10000);
    assert_true(due(b, T0) > 0);
    hints_close(h);
    struct store *events = beside(b);
    OK(hook_event_tally(events, b->company_id, b->in.integration_id, &b->a, &t, &why));
    assert_int_equal(t.deliveries, BRINGERS * 20);
    done_beside(b, events);
}

/* An answer that is waited for. */
struct waiting {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    enum rc_code rc;
    bool is_there, is_nobodys;
};

static void answered(struct hint_letter *l, enum rc_code rc, const struct rc_error *err) {
    struct waiting *w = l->self;
    (void)err;
    pthread_mutex_lock(&w->mutex);
    w->rc = rc;
    w->is_nobodys = l->is_nobodys;
    w->is_there = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);
}

static enum rc_code sent(struct hints *h, const struct hook_event *e, const struct owner *o,
                         bool *ret_nobodys) {
    struct waiting w = { .mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };
    struct hint_letter l = { .event = e, .owner = o, .done = answered, .self = &w };
    OK(hints_send(h, &l, &why));
    pthread_mutex_lock(&w.mutex);
    while (!w.is_there)
        pthread_cond_wait(&w.cond, &w.mutex);
    pthread_mutex_unlock(&w.mutex);
    *ret_nobodys = w.is_nobodys;
    return w.rc;
}

static void what_comes_to_an_address_that_is_gone_by_then_is_not_written(void **state) {
    struct bed *b = *state;
    const struct hints_options options = { .where = b->place->where,
                                           .clock = &clock_system,
                                           .pace_s = 60 };
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .digest = "a",
                            .arrived_us = T0 };
    struct hints *h = NULL;
    struct hints_view view;
    struct hook_tally t;
    struct owner o;
    struct hook hook;
    uint8_t digest[SECRET_DIGEST_BYTES];
    bool found = false, nobodys;
    OK(hints_open(&options, &h, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, T0, &b->a, &hook, &why));
    hook_address_digest(b->key, hook.address, digest);
    OK(owners_find(hints_owners(h), b->st, digest, &b->a, &o, &found, &why));
    OK(sent(h, &e, &o, &nobodys));
    assert_false(nobodys);
    OK(hook_remove(b->st, b->company_id, b->in.integration_id, &found, &why));
    e.digest[0] = 'b';
    OK(sent(h, &e, &o, &nobodys));
    assert_true(nobodys);
    hints_look(h, &view);
    assert_int_equal(view.received, 1);
    hints_close(h);
    struct store *events = beside(b);
    OK(hook_event_tally(events, b->company_id, b->in.integration_id, &b->a, &t, &why));
    assert_int_equal(t.deliveries, 1);
    done_beside(b, events);
}

/* Whoever tells of all there is sorts in first what has arrived: then nobody else can say what had come before. */
static void what_comes_twice_is_counted_whoever_sorts_it_in(void **state) {
    struct bed *b = *state;
    const struct hints_options options = { .where = b->place->where,
                                           .clock = &clock_system,
                                           .pace_s = 60 };
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .digest = "a",
                            .arrived_us = T0 };
    const struct hook_event *twice[] = { &e, &e };
    struct store *events = beside(b);
    struct hook_rooms rooms = { 0 };
    struct hints *h = NULL;
    struct hints_view view;
    struct hook_tally t;
    int64_t rows = 0, known = 0;
    (void)hook_event_known_aside();
    OK(hook_event_take(events, twice, RC_LEN(twice), &rooms, &rows, &known, &why));
    OK(hook_event_tally(events, b->company_id, b->in.integration_id, &b->a, &t, &why));
    assert_int_equal(t.deliveries, 2);
    OK(hints_open(&options, &h, &why));
    hints_look(h, &view);
    assert_int_equal(view.duplicate + known, 1); /* on PostgreSQL it was known at once */
    hints_look(h, &view);
    assert_int_equal(view.duplicate + known, 1);
    hints_close(h);
    done_beside(b, events);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(many_hints_are_one_job_after_a_moment),
        cmocka_unit_test(what_may_be_listed_often_is_listed_soon),
        BED_TEST(a_job_keeps_its_distance_from_the_last_listing),
        BED_TEST(a_listing_of_a_clock_that_went_wrong_delays_nothing),
        BED_TEST(people_are_one_job_of_their_own_and_not_twice_within_a_second),
        BED_TEST(more_people_than_are_read_one_by_one_are_a_listing),
        BED_TEST(after_a_listing_people_who_are_not_new_are_looked_at_by_themselves),
        BED_TEST(looks_come_at_growing_distances_for_ten_minutes),
        BED_TEST(somebody_who_was_new_before_the_hint_is_no_answer_to_it),
        BED_TEST(a_stream_of_hints_keeps_none_waiting_for_ever),
        BED_TEST(a_job_that_has_failed_keeps_its_pause),
        BED_TEST(what_arrives_during_a_sync_is_done_after_it),
        BED_TEST(hints_of_nobody_are_forgotten),
        BED_TEST(a_ping_makes_nobody_look),
        BED_TEST(what_many_bring_at_once_is_all_there_and_a_job_is_due),
        BED_TEST(what_comes_to_an_address_that_is_gone_by_then_is_not_written),
        BED_TEST(what_comes_twice_is_counted_whoever_sorts_it_in),
    };
    return PLACE_RUN(tests, argc, argv);
}
