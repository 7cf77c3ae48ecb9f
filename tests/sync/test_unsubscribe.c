/* Webhooks in HR when what they belong to is removed: which are told as left there, who looks after them meanwhile, and what
 * is asked for when the removal comes to nothing. HR does not answer. */
#include "store/hook.h"
#include "store/job.h"
#include "sync/unsubscribe.h"
#include "tests/store/bed.h"

static struct clock_fake fake;
static struct clock_source now;

static void settle(struct bed *b, bool was_kept) {
    struct hook h;
    fake = (struct clock_fake){ .now_us = T0 };
    now = clock_fake_source(&fake);
    place_exec(b->st->db, "UPDATE integration SET source = 'personio',"
                          " settings = '{\"base-url\":\"http://127.0.0.1:1\",\"retries\":\"99\"}'");
    OK(db_begin(b->st->db, &why));
    OK(hook_make(b->st, b->key, b->company_id, b->in.integration_id, T0, &b->a, &h, &why));
    OK(db_commit(b->st->db, &why));
    OK(job_want(b->st, JOB_WEBHOOK, b->company_id, b->in.integration_id, T0, &why));
    if (was_kept) {
        h.state = HOOK_KEPT;
        h.remote_id = TEXT_LIT("abc");
        h.kept_for = TEXT_LIT("https://rollcall.example");
        OK(hook_save(b->st, &h, &why));
    }
}

static struct unsubscribed unsubscribed(struct bed *b, bool with_key) {
    struct unsubscribed u;
    unsubscribe(b->st, with_key ? b->key : NULL, &b->in, 1, &now, &b->a, &u);
    return u;
}

static bool is_claimable(struct bed *b) {
    struct job_state s;
    OK(job_look(b->st, JOB_WEBHOOK, b->company_id, b->in.integration_id, T0, &s, &why));
    return !s.is_claimed;
}

static int64_t due(struct bed *b, enum job_kind k) {
    struct job_state s;
    OK(job_look(b->st, k, b->company_id, b->in.integration_id, T0, &s, &why));
    return s.run_at_us;
}

static const struct row {
    const char *name, *sql;
    bool was_kept, without_key;
    size_t left;
} rows[] = {
    { "one that nobody has made is not told", NULL, false, false, 0 },
    { "... nor without the key", NULL, false, true, 0 },
    { "one that is kept there is told", NULL, true, false, 1 },
    { "... without the key, too", NULL, true, true, 1 },
    { "one that is to be deleted later is told", "UPDATE webhook SET ends = 1", true, false, 1 },
    { "... without the key, too", "UPDATE webhook SET ends = 1", true, true, 1 },
    { "one whose service was killed while it made it is told",
      "UPDATE webhook SET kept_for = 'https://rollcall.example'", false, false, 1 },
};

static void what_may_be_left_in_hr_is_told(void **state) {
    struct bed *b = *state;
    const struct row *r = b->row;
    settle(b, r->was_kept);
    if (r->sql != NULL)
        place_exec(b->st->db, r->sql);
    struct unsubscribed u = unsubscribed(b, !r->without_key);
    assert_int_equal(u.left_n, r->left);
    assert_int_equal(u.of_n, r->left);
    unsubscribe_end(b->st, b->company_id, &u, true, T0);
}

static void nobody_makes_it_again_until_it_is_over(void **state) {
    struct bed *b = *state;
    settle(b, true);
    struct unsubscribed u = unsubscribed(b, true);
    assert_false(is_claimable(b));
    unsubscribe_end(b->st, b->company_id, &u, true, T0);
    assert_true(is_claimable(b));
    assert_int_equal(due(b, JOB_SYNC), 0);
}

static void what_was_not_removed_is_made_again_and_everybody_is_listed(void **state) {
    struct bed *b = *state;
    settle(b, true);
    struct unsubscribed u = unsubscribed(b, true);
    unsubscribe_end(b->st, b->company_id, &u, false, T0 + 1);
    assert_true(is_claimable(b));
    assert_int_equal(due(b, JOB_WEBHOOK), T0);
    assert_int_equal(due(b, JOB_SYNC), T0 + 1);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[RC_LEN(rows) + 2] = {
        BED_TEST(nobody_makes_it_again_until_it_is_over),
        BED_TEST(what_was_not_removed_is_made_again_and_everybody_is_listed),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, rows, what_may_be_left_in_hr_is_told);
    return place_run("unsubscribe", tests, n, argc, argv);
}
