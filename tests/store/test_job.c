/* Work that is due: two stores stand for two workers, children for processes that die. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/store/bed.h"
#include "store/job.h"

static const int64_t second = 1000000, lots = 1000;

static void want(struct bed *b, int64_t company_id, int64_t subject_id, int64_t at_us) {
    OK(job_want(b->st, JOB_SYNC, company_id, subject_id, at_us, &why));
}

static bool claim(struct store *st, int64_t now_us, int64_t most, struct job *ret) {
    bool found = false;
    OK(job_claim(st, now_us, most, ret, &found, &why));
    return found;
}

static struct job claimed(struct bed *b, int64_t now_us) {
    struct job j;
    assert_true(claim(b->st, now_us, lots, &j));
    return j;
}

static bool is_claimable(struct bed *b, int64_t now_us) {
    struct job j;
    return claim(b->st, now_us, lots, &j);
}

static struct job_state look(struct bed *b, int64_t company_id, int64_t subject_id,
                             int64_t now_us) {
    struct job_state s;
    OK(job_look(b->st, JOB_SYNC, company_id, subject_id, now_us, &s, &why));
    return s;
}

static void what_is_due_is_claimed_once(void **state) {
    struct bed *b = *state;
    struct store *other = bed_connect(b);
    struct job j, none;
    want(b, 1, 2, T0);
    assert_false(claim(b->st, T0 - 1, lots, &j));
    assert_true(claim(b->st, T0, lots, &j));
    assert_int_equal(j.kind, JOB_SYNC);
    assert_int_equal(j.company_id, 1);
    assert_int_equal(j.subject_id, 2);
    assert_int_equal(j.run_at_us, T0);
    assert_int_equal(j.attempts, 1);
    assert_false(claim(other, T0 + second, lots, &none));
    assert_true(look(b, 1, 2, T0 + second).is_claimed);
    OK(job_done(b->st, &j, T0 + 60 * second, &why));
    assert_false(claim(other, T0 + 59 * second, lots, &none));
    assert_true(claim(other, T0 + 60 * second, lots, &none));
    assert_true(none.fence > j.fence);
    assert_int_equal(none.attempts, 1);
    store_close(other);
}

static void asking_twice_is_asking_once_and_the_earlier_time_counts(void **state) {
    struct bed *b = *state;
    want(b, 1, 2, T0 + 9 * second);
    want(b, 1, 2, T0 + 5 * second);
    want(b, 1, 2, T0 + 7 * second);
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 5 * second);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM job"), 1);
    struct job j = claimed(b, T0 + 9 * second);
    OK(job_done(b->st, &j, 0, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, 0);
    assert_false(is_claimable(b, T0 + 1000 * second));
}

static void what_is_asked_for_while_it_is_worked_on_is_done_once_more(void **state) {
    struct bed *b = *state;
    want(b, 1, 2, T0);
    struct job j = claimed(b, T0);
    want(b, 1, 2, T0 + 3 * second);
    want(b, 1, 2, T0 + 2 * second);
    assert_false(is_claimable(b, T0 + 4 * second));
    OK(job_done(b->st, &j, T0 + 1000 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 2 * second);
    j = claimed(b, T0 + 4 * second);
    OK(job_done(b->st, &j, T0 + 1000 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 1000 * second);
}

static void another_time_replaces_the_one_that_was_set(void **state) {
    struct bed *b = *state;
    want(b, 1, 2, T0);
    OK(job_set(b->st, JOB_SYNC, 1, 2, T0 + 50 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 50 * second);
    OK(job_set(b->st, JOB_SYNC, 1, 2, 0, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, 0);
    want(b, 1, 2, T0);
    struct job j = claimed(b, T0);
    OK(job_set(b->st, JOB_SYNC, 1, 2, T0 + 50 * second, &why)); /* while it is worked on */
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0);
    OK(job_done(b->st, &j, T0 + 70 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 50 * second);
    OK(job_not_after(b->st, JOB_SYNC, 1, 2, T0 + 60 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 50 * second);
    OK(job_not_after(b->st, JOB_SYNC, 1, 2, T0 + 40 * second, &why));
    assert_int_equal(look(b, 1, 2, T0).run_at_us, T0 + 40 * second);
}

static void what_failed_is_tried_again_later_and_its_attempts_are_counted(void **state) {
    struct bed *b = *state;
    want(b, 1, 2, T0);
    int64_t now = T0;
    for (int64_t n = 1; n <= 3; n++) {
        struct job j = claimed(b, now);
        assert_int_equal(j.attempts, n);
        now += n * second;
        OK(job_retry(b->st, &j, now, true, &why));
        assert_false(is_claimable(b, now - 1));
    }
    struct job j = claimed(b, now);
    OK(job_retry(b->st, &j, now, false, &why)); /* nobody's fault */
    assert_int_equal(look(b, 1, 2, now).attempts, 3);
    j = claimed(b, now);
    assert_int_equal(j.attempts, 4);
    OK(job_done(b->st, &j, now + second, &why));
    assert_int_equal(look(b, 1, 2, now).attempts, 0);
}

static void who_slept_too_long_finds_out_and_changes_nothing(void **state) {
    struct bed *b = *state;
    int64_t over = T0 + (int64_t)LEASE_SECONDS * second;
    struct rc_error err;
    want(b, 1, 2, T0);
    struct job first = claimed(b, T0), second_one;
    assert_false(is_claimable(b, over - 1));
    second_one = claimed(b, over);
    assert_true(second_one.fence > first.fence);
    assert_int_equal(job_hold(b->st, &first, over, &err), RC_CONFLICT);
    assert_string_equal(err.name, "lease-lost");
    assert_int_equal(job_done(b->st, &first, 0, &err), RC_CONFLICT);
    assert_int_equal(job_retry(b->st, &first, over, true, &err), RC_CONFLICT);
    OK(job_hold(b->st, &second_one, over, &why));
    assert_true(look(b, 1, 2, over).is_claimed);
}

static void what_is_prolonged_stays_claimed(void **state) {
    struct bed *b = *state;
    int64_t late = T0 + (int64_t)LEASE_SECONDS * second - 1;
    want(b, 1, 2, T0);
    struct job j = claimed(b, T0);
    OK(job_hold(b->st, &j, late, &why));
    assert_false(is_claimable(b, late + 5 * second));
    OK(job_hand_back(b->st, &why));
    j = claimed(b, late + 5 * second);
    assert_int_equal(j.attempts, 1); /* being stopped is no failure */
}

static void a_lease_is_no_work(void **state) {
    struct bed *b = *state;
    struct lease l;
    int64_t next;
    OK(lease_take(b->st, "import", "1/2", T0, &l, &why));
    lease_release(b->st, &l);
    assert_false(is_claimable(b, T0 + DAY_US));
    OK(job_next(b->st, T0, &next, &why));
    assert_int_equal(next, 0);
}

static void when_something_is_due_next_can_be_asked(void **state) {
    struct bed *b = *state;
    int64_t next;
    want(b, 1, 2, T0 + 9 * second);
    want(b, 1, 3, T0 + 5 * second);
    OK(job_next(b->st, T0, &next, &why));
    assert_int_equal(next, T0 + 5 * second);
    struct job j = claimed(b, T0 + 5 * second);
    OK(job_next(b->st, T0 + 5 * second, &next, &why));
    assert_int_equal(next, T0 + 9 * second);
    OK(job_done(b->st, &j, 0, &why));
    j = claimed(b, T0 + 9 * second);
    OK(job_next(b->st, T0 + 9 * second, &next, &why)); /* when its claim would be over */
    assert_int_equal(next, T0 + 9 * second + (int64_t)LEASE_SECONDS * second);
}

static void they_are_counted_by_kind(void **state) {
    struct bed *b = *state;
    struct job_count n[JOB_KINDS_N];
    want(b, 1, 2, T0);
    want(b, 1, 3, T0 + 10 * second);
    want(b, 1, 4, T0 + 90 * second);
    OK(job_want(b->st, JOB_DELIVERY, 1, 5, T0, &why));
    OK(job_count(b->st, T0 + 20 * second, 15 * second, n, &why));
    assert_int_equal(n[JOB_SYNC].due, 2);
    assert_int_equal(n[JOB_SYNC].late, 1);
    assert_int_equal(n[JOB_SYNC].running, 0);
    assert_int_equal(n[JOB_DELIVERY].due, 1);
    claimed(b, T0);
    claimed(b, T0);
    OK(job_count(b->st, T0 + 20 * second, 15 * second, n, &why));
    assert_int_equal(n[JOB_SYNC].due, 1);
    assert_int_equal(n[JOB_SYNC].running, 1);
    assert_int_equal(n[JOB_DELIVERY].due, 0);
    assert_int_equal(n[JOB_DELIVERY].running, 1);
}

/* ---- fairness ---- */

static void a_hundred_jobs_of_one_company_do_not_keep_anothers_one_waiting(void **state) {
    struct bed *b = *state;
    for (int64_t i = 0; i < 100; i++)
        want(b, 1, 100 + i, T0 + i);
    struct job j = claimed(b, T0 + second); /* one worker, who has begun */
    OK(job_done(b->st, &j, 0, &why));
    want(b, 2, 7, T0 + second);
    j = claimed(b, T0 + 2 * second);
    assert_int_equal(j.company_id, 2);
    OK(job_done(b->st, &j, 0, &why));
    for (int64_t i = 0; i < 99; i++) {
        j = claimed(b, T0 + (3 + i) * second);
        assert_int_equal(j.company_id, 1);
        assert_int_equal(j.subject_id, 101 + i); /* what is due longest first */
        OK(job_done(b->st, &j, 0, &why));
    }
}

static void two_companies_with_much_to_do_take_turns(void **state) {
    struct bed *b = *state;
    for (int64_t i = 0; i < 10; i++) {
        want(b, 1, 100 + i, T0);
        want(b, 2, 100 + i, T0 + second);
    }
    for (int64_t i = 0; i < 20; i++) {
        struct job j = claimed(b, T0 + (2 + i) * second);
        assert_int_equal(j.company_id, 1 + i % 2);
        OK(job_done(b->st, &j, 0, &why));
    }
}

static void one_company_never_holds_every_worker(void **state) {
    struct bed *b = *state;
    struct job j;
    for (int64_t i = 0; i < 10; i++)
        want(b, 1, 100 + i, T0);
    assert_true(claim(b->st, T0, 2, &j));
    assert_true(claim(b->st, T0, 2, &j));
    assert_false(claim(b->st, T0, 2, &j));
    want(b, 2, 7, T0);
    assert_true(claim(b->st, T0, 2, &j));
    assert_int_equal(j.company_id, 2);
}

static void a_company_served_in_a_future_that_never_came_is_not_put_last(void **state) {
    struct bed *b = *state;
    want(b, 1, 2, T0);
    struct job j = claimed(b, T0 + 3650 * DAY_US); /* the clock was wrong */
    OK(job_done(b->st, &j, T0, &why));
    want(b, 2, 3, T0);
    j = claimed(b, T0 + 5 * second);
    OK(job_done(b->st, &j, T0 + 6 * second, &why));
    assert_int_equal(claimed(b, T0 + 7 * second).company_id + j.company_id, 3);
}

static void what_matters_more_goes_first_within_a_company(void **state) {
    struct bed *b = *state;
    static const enum job_kind order[] = { JOB_DECISION, JOB_HINT, JOB_SYNC, JOB_WEBHOOK,
                                           JOB_RETAIN };
    for (size_t i = RC_LEN(order); i-- > 0;) /* what matters least is due longest */
        OK(job_want(b->st, order[i], 1, 7, T0 - (int64_t)i, &why));
    for (size_t i = 0; i < RC_LEN(order); i++)
        assert_int_equal(claimed(b, T0 + second).kind, order[i]);
}

static void what_matters_more_goes_first_whoever_was_served_last(void **state) {
    struct bed *b = *state;
    static const enum job_kind order[] = { JOB_DECISION, JOB_HINT, JOB_DELIVERY, JOB_SYNC };
    OK(job_want(b->st, JOB_ERRAND, 1, 6, T0, &why));
    struct job j = claimed(b, T0); /* company 1 has just been served */
    OK(job_done(b->st, &j, 0, &why));
    OK(job_want(b->st, JOB_RETAIN, 2, 0, T0, &why));
    for (size_t i = RC_LEN(order); i-- > 0;)
        OK(job_want(b->st, order[i], 1, 7, T0, &why));
    for (size_t i = 0; i < RC_LEN(order); i++) {
        j = claimed(b, T0 + second);
        assert_int_equal(j.kind, order[i]);
        OK(job_done(b->st, &j, 0, &why));
    }
    assert_int_equal(claimed(b, T0 + second).company_id, 2);
}

/* Company 1 asks for more as soon as it has been served, and has asked for much before. */
static void of_a_hundred_companies_none_is_served_twice_before_all_have_been_once(void **state) {
    enum { OTHERS = 100, GREEDY = 100 };
    struct bed *b = *state;
    int64_t served[OTHERS + 2] = { 0 }, now = T0 + second, most = 0;
    OK(db_begin(b->st->db, &why)); /* one wait for the disk */
    for (int64_t i = 0; i < GREEDY; i++)
        want(b, 1, 100 + i, T0);
    for (int64_t c = 2; c < OTHERS + 2; c++)
        want(b, c, 7, T0 + second);
    OK(db_commit(b->st->db, &why));
    for (int64_t left = OTHERS; left > 0; now += 1000) {
        struct job j = claimed(b, now);
        int64_t n = ++served[j.company_id];
        left -= j.company_id != 1 && n == 1;
        most = n > most ? n : most;
        OK(job_done(b->st, &j, j.company_id == 1 ? now : 0, &why));
    }
#ifdef ROLLCALL_WITHOUT_TURNS /* the negative control: whoever asks for most is served most */
    assert_true(most > GREEDY / 2);
#else
    assert_int_equal(most, 1);
#endif
}

static void what_is_late_goes_before_what_matters_more(void **state) {
    struct bed *b = *state;
    OK(job_want(b->st, JOB_SYNC, 1, 7, T0, &why));
    int64_t now = T0 + JOB_LATE_S * second;
    OK(job_want(b->st, JOB_HINT, 1, 7, now, &why));
    struct job j = claimed(b, now); /* not late yet */
    assert_int_equal(j.kind, JOB_HINT);
    OK(job_done(b->st, &j, now + second, &why));
    assert_int_equal(claimed(b, now + second).kind, JOB_SYNC);
}

/* ---- processes that die ---- */

static void child_claims(struct bed *b, int64_t now_us) {
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct store *st = NULL;
        struct job j;
        bool found = false;
        bool ok = store_open(b->place->where, &st, NULL) == RC_OK &&
                  job_claim(st, now_us, lots, &j, &found, NULL) == RC_OK;
        _exit(ok && found ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void what_a_dead_process_left_is_anybodys_at_once(void **state) {
    struct bed *b = *state;
    int64_t n;
    want(b, 1, 2, T0);
    want(b, 1, 3, T0);
    child_claims(b, T0);
    struct job mine = claimed(b, T0);
    assert_false(is_claimable(b, T0 + second));
    OK(job_bury(b->st, T0 + second, &b->a, &n, &why));
    assert_int_equal(n, 1);
    assert_false(look(b, 1, mine.subject_id == 2 ? 3 : 2, T0 + second).is_claimed);
    assert_true(look(b, 1, mine.subject_id, T0 + second).is_claimed); /* the living keep theirs */
    assert_true(is_claimable(b, T0 + second));
    OK(job_bury(b->st, T0 + second, &b->a, &n, &why));
    assert_int_equal(n, 0);
}

static void what_kills_its_worker_again_and_again_lets_others_go_first(void **state) {
    struct bed *b = *state;
    int64_t n;
    want(b, 1, 2, T0);
    for (int i = 0; i < JOB_DEATHS; i++) {
        child_claims(b, T0);
        OK(job_bury(b->st, T0, &b->a, &n, &why));
        assert_int_equal(n, 1);
    }
    assert_false(is_claimable(b, T0 + (JOB_DEATHS_PAUSE_S - 1) * second));
    assert_true(is_claimable(b, T0 + JOB_DEATHS_PAUSE_S * second));
}

/* ---- side by side ---- */

enum { THREADS = 4, JOBS = 120 };
struct racer {
    struct store *st;
    int times[JOBS];
    int got;
};

static void *race(void *self) {
    struct racer *r = self;
    struct job j;
    bool found = true;
    enum rc_code rc = RC_OK;
    while (rc == RC_OK && found) {
        /* a busy database is a worker's daily bread: it asks again */
        do
            rc = job_claim(r->st, T0, lots, &j, &found, NULL);
        while (rc == RC_RETRY || rc == RC_CONFLICT);
        if (rc == RC_OK && found) {
            r->times[j.subject_id - 1]++;
            r->got++;
        }
    }
    return NULL;
}

static void side_by_side_each_job_is_claimed_once(void **state) {
    struct bed *b = *state;
    static struct racer racers[THREADS];
    pthread_t threads[THREADS];
    memset(racers, 0, sizeof racers);
    for (int64_t i = 0; i < JOBS; i++)
        want(b, 1 + i % 3, 1 + i, T0);
    for (int i = 0; i < THREADS; i++) {
        racers[i].st = bed_connect(b);
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        store_close(racers[i].st);
    }
    for (int k = 0; k < JOBS; k++) {
        int times = 0;
        for (int i = 0; i < THREADS; i++)
            times += racers[i].times[k];
        assert_int_equal(times, 1);
    }
}

static void who_watches_sees_what_is_worked_on_and_when_the_rest_is_due(void **state) {
    struct bed *b = *state;
    struct job_row *rows;
    size_t n = 0;
    want(b, b->company_id, 7, T0);
    want(b, b->company_id, 8, T0 + 90 * second);
    OK(job_want(b->st, JOB_DECISION, b->company_id, 3, T0 + second, &why));
    OK(job_want(b->st, JOB_RETAIN, b->company_id, 0, T0 + 9 * second, &why));
    struct job j = claimed(b, T0);
    OK(job_list(b->st, b->company_id, T0, 9, &b->a, &rows, &n, &why));
    assert_int_equal(n, 3); /* by kind: decision, sync, sync */
    assert_int_equal(rows[0].kind, JOB_DECISION);
    assert_int_equal(rows[0].subject_id, 3);
    assert_int_equal(rows[1].subject_id, 7);
    assert_true(rows[1].state.is_claimed && rows[1].state.attempts == 1);
    assert_false(rows[2].state.is_claimed);
    assert_int_equal(rows[2].state.run_at_us, T0 + 90 * second);
    OK(job_done(b->st, &j, 0, &why));
    struct job decision = claimed(b, T0 + second);
    assert_int_equal(decision.kind, JOB_DECISION);
    OK(job_done(b->st, &decision, 0, &why));
    OK(job_list(b->st, b->company_id, T0 + second, 9, &b->a, &rows, &n, &why));
    assert_int_equal(n, 2); /* a decision that has been carried out is over */
    assert_false(rows[0].state.is_claimed);
    OK(job_list(b->st, b->company_id + 1, T0, 9, &b->a, &rows, &n, &why));
    assert_int_equal(n, 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(what_is_due_is_claimed_once),
        BED_TEST(asking_twice_is_asking_once_and_the_earlier_time_counts),
        BED_TEST(what_is_asked_for_while_it_is_worked_on_is_done_once_more),
        BED_TEST(another_time_replaces_the_one_that_was_set),
        BED_TEST(what_failed_is_tried_again_later_and_its_attempts_are_counted),
        BED_TEST(who_slept_too_long_finds_out_and_changes_nothing),
        BED_TEST(what_is_prolonged_stays_claimed),
        BED_TEST(a_lease_is_no_work),
        BED_TEST(when_something_is_due_next_can_be_asked),
        BED_TEST(they_are_counted_by_kind),
        BED_TEST(a_hundred_jobs_of_one_company_do_not_keep_anothers_one_waiting),
        BED_TEST(two_companies_with_much_to_do_take_turns),
        BED_TEST(one_company_never_holds_every_worker),
        BED_TEST(a_company_served_in_a_future_that_never_came_is_not_put_last),
        BED_TEST(what_matters_more_goes_first_within_a_company),
        BED_TEST(what_matters_more_goes_first_whoever_was_served_last),
        BED_TEST(what_is_late_goes_before_what_matters_more),
        BED_TEST(what_a_dead_process_left_is_anybodys_at_once),
        BED_TEST(what_kills_its_worker_again_and_again_lets_others_go_first),
        BED_TEST(side_by_side_each_job_is_claimed_once),
        BED_TEST(who_watches_sees_what_is_worked_on_and_when_the_rest_is_due),
        BED_TEST(of_a_hundred_companies_none_is_served_twice_before_all_have_been_once),
    };
#ifdef ROLLCALL_WITHOUT_TURNS /* the others fail, as they should */
    const struct CMUnitTest victims[] = { tests[RC_LEN(tests) - 1] };
    return PLACE_RUN(victims, argc, argv);
#else
    return PLACE_RUN(tests, argc, argv);
#endif
}
