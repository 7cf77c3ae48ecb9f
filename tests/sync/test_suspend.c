/* A company for which nothing is done: nobody is read, nobody closed; and one that is removed. With
 * -DROLLCALL_WITHOUT_SUSPENSION this is a negative control: somebody is closed. */
#include <unistd.h>
#include "store/account.h"
#include "store/alert.h"
#include "store/audit.h"
#include "store/hook_event.h"
#include "store/job.h"
#include "store/token.h"
#include "sync/decided.h"
#include "sync/suspend.h"
#include "tests/sync/delivers.h"

static void suspend(struct delivers *d) {
    OK(suspend_company(d->w->bed->st, &d->w->company, "the test", "not paid", T0, &why));
}

#ifdef ROLLCALL_WITHOUT_SUSPENSION

static void without_it_a_suspended_company_closes_somebody(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "status=inactive");
    suspend(d);
    world_import(d->w);
    delivers_run(d);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(without_it_a_suspended_company_closes_somebody),
    };
    return PLACE_RUN(tests, argc, argv);
}

#else

static unsigned calls(const struct delivers *d) {
    return d->there.calls_n[MEMORY_PLATFORM_ANY];
}

static void resume(struct delivers *d) {
    OK(suspend_end(d->w->bed->st, &d->w->company, "the test", T0, &why));
}

/* Somebody has left, and their last day passes while the company is suspended. */
static void a_suspension_closes_nobody_and_reads_nobody(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 5);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    suspend(d);
    unsigned before = calls(d), asked = d->w->hr.lists_n + d->w->hr.rights_n + d->w->hr.gets_n;
    for (int day = 0; day < 40; day += 10) {
        delivers_fails(d, RC_CONFLICT);
        assert_string_equal(d->err.name, "company.suspended");
        world_import_fails(d->w, RC_CONFLICT);
        assert_string_equal(d->w->err.name, "company.suspended");
        delivers_day(d, 10);
    }
    assert_int_equal(calls(d), before);
    assert_int_equal(d->w->hr.lists_n + d->w->hr.rights_n + d->w->hr.gets_n, asked);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_ACTIVE);
    resume(d);
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_int_equal(delivers_status(d, "3"), ACCOUNT_DEACTIVATED);
}

static void what_waits_for_a_yes_gets_none_while_suspended(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct rc_error err = { 0 };
    struct run r;
    world_begin(d->w, 5);
    struct run held = delivers_run(d);
    assert_state(&held, RUN_HELD);
    suspend(d);
    assert_int_equal(
        decided_take(b->st, &d->w->company, held.run_id, true, "x", "y", T0, &b->a, &r, &err),
        RC_CONFLICT);
    assert_string_equal(err.name, "company.suspended");
    assert_int_equal(delivers_writes(d), 0);
    OK(decided_take(b->st, &d->w->company, held.run_id, false, "x", "y", T0, &b->a, &r, &why));
}

static void jobs_wait_and_are_claimed_once_it_is_resumed(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct job j;
    bool found;
    OK(job_want(b->st, JOB_SYNC, b->company_id, b->in.integration_id, T0, &why));
    suspend(d);
    OK(job_claim(b->st, T0 + DAY_US, 9, &j, &found, &why));
    assert_false(found);
    resume(d);
    OK(job_claim(b->st, T0 + DAY_US, 9, &j, &found, &why));
    assert_true(found);
    assert_int_equal(j.subject_id, b->in.integration_id);
}

static void another_company_goes_on(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct job j;
    bool found;
    int64_t other;
    OK(company_add(b->st, "other", "Other", "UTC", T0, &other, &why));
    OK(job_want(b->st, JOB_RETAIN, other, 0, T0, &why));
    OK(job_want(b->st, JOB_RETAIN, b->company_id, 0, T0, &why));
    suspend(d);
    OK(job_claim(b->st, T0 + 1, 9, &j, &found, &why));
    assert_true(found);
    assert_int_equal(j.company_id, other);
    OK(job_claim(b->st, T0 + 1, 9, &j, &found, &why));
    assert_false(found);
}

static void it_is_recorded_who_and_why_and_said_once(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct rc_error err = { 0 };
    struct company co;
    struct audit *list;
    size_t n;
    suspend(d);
    OK(company_get(b->st, b->company_id, &b->a, &co, &why));
    assert_int_equal(co.suspended_us, T0);
    assert_true(text_is(co.suspended_by, "the test"));
    assert_true(text_is(co.suspended_why, "not paid"));
    assert_int_equal(suspend_company(b->st, &co, "x", "y", T0, &err), RC_CONFLICT);
    assert_string_equal(err.name, "company.suspended");
    resume(d);
    assert_int_equal(suspend_end(b->st, &co, "x", T0, &err), RC_CONFLICT);
    assert_string_equal(err.name, "company.active");
    OK(audit_list(b->st, b->company_id, 0, 2, &b->a, &list, &n, &why));
    assert_true(text_is(list[0].what, "company resumed"));
    assert_true(text_is(list[1].what, "company suspended"));
}

/* ---- removing ---- */

static int64_t rows_left(struct bed *b, int64_t company_id) {
    static const char sqlite[] =
        "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = 'company_id' ORDER BY 1";
    static const char postgres[] =
        "SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND column_name = 'company_id' ORDER BY 1";
    RC_CLEANUP(db_statement_closep) struct db_statement *rows = NULL;
    int64_t total = 0, tables = 0;
    bool row = false;
    OK(db_prepare(b->st->db, place_is_sqlite() ? sqlite : postgres, &rows, &why));
    for (;; tables++) {
        OK(db_step(rows, &row, &why));
        if (!row)
            break;
        const char *sql =
            arena_printf(&b->a, "SELECT COUNT(*) FROM \"%.*s\" WHERE company_id = %lld",
                         TEXT_ARG(db_text(rows, 0)), (long long)company_id);
        total += bed_number(b, sql);
    }
    assert_true(tables > 20);
    return total;
}

/* On SQLite they lie in a file of their own. */
static int64_t hints_left(struct bed *b, bool adds) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct hook_event e = { .company_id = b->company_id,
                            .integration_id = b->in.integration_id,
                            .digest = "d",
                            .name = TEXT_LIT("person.updated"),
                            .source_id = TEXT_LIT("3"),
                            .arrived_us = T0 };
    struct hook_tally t;
    OK(hook_events_open(b->place->where, &events, &why));
    if (adds)
        OK(hook_event_add(events, (const struct hook_event *const[]){ &e }, 1, NULL, &why));
    OK(hook_event_tally(events, e.company_id, e.integration_id, &b->a, &t, &why));
    if (!adds && place_is_sqlite())
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
    return t.deliveries;
}

static void removing_leaves_no_row_of_it_and_touches_no_account(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct suspend_counts n;
    char text[TOKEN_TEXT_BYTES];
    struct token t = { .company_id = b->company_id,
                       .name = TEXT_LIT("robot"),
                       .right = TOKEN_READ,
                       .made_by = TEXT_LIT("x") };
    struct unsubscribed webhooks;
    int64_t other;
    OK(company_add(b->st, "other", "Other", "UTC", T0, &other, &why));
    OK(audit_add(b->st, other, T0, "x", "y", &why));
    delivers_begin(d, 5);
    world_put(d->w, "3", "status=inactive");
    world_import(d->w);
    OK(token_add(b->st, &t, &b->a, text, &why));
    OK(alert_to_set(b->st, b->company_id, (const char *const[]){ "a@x.org" }, 1, &why));
    OK(job_want(b->st, JOB_SYNC, b->company_id, b->in.integration_id, T0, &why));
    OK(suspend_count(b->st, &d->w->company, &b->a, &n, &why));
    assert_int_equal(n.people, 5);
    assert_int_equal(n.accounts, 6);
    int64_t theirs = rows_left(b, other);
    unsigned before = calls(d);
    assert_true(rows_left(b, b->company_id) > 20);
    assert_int_equal(hints_left(b, true), 1);
    OK(suspend_remove(b->st, b->place->where, b->key, &d->w->company, &d->w->clock, &b->a,
                      &webhooks, &why));
    assert_int_equal(rows_left(b, b->company_id), 0);
    assert_int_equal(hints_left(b, false), 0);
    assert_int_equal(rows_left(b, other), theirs);
    assert_int_equal(calls(d), before);
    assert_int_equal(d->there.accounts_n, 6);
}

static void what_is_under_way_keeps_it(void **state) {
    struct delivers *d = *state;
    struct bed *b = d->w->bed;
    struct rc_error err = { 0 };
    struct store *st = bed_connect(b);
    struct unsubscribed webhooks;
    struct lease l;
    const char *subject =
        arena_printf(&b->a, "%lld/%lld", (long long)b->company_id, (long long)d->destination_id);
    delivers_begin(d, 3);
    int64_t now_us = clock_now_us(&d->w->clock);
    OK(lease_take(st, "deliver", subject, now_us, &l, &why));
    assert_int_equal(suspend_remove(b->st, b->place->where, b->key, &d->w->company, &d->w->clock,
                                    &b->a, &webhooks, &err),
                     RC_CONFLICT);
    assert_string_equal(err.name, "busy");
    lease_release(st, &l);
    OK(suspend_remove(b->st, b->place->where, b->key, &d->w->company, &d->w->clock, &b->a,
                      &webhooks, &why));
    store_close(st);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(a_suspension_closes_nobody_and_reads_nobody),
        DELIVERS_TEST(what_waits_for_a_yes_gets_none_while_suspended),
        DELIVERS_TEST(jobs_wait_and_are_claimed_once_it_is_resumed),
        DELIVERS_TEST(another_company_goes_on),
        DELIVERS_TEST(it_is_recorded_who_and_why_and_said_once),
        DELIVERS_TEST(removing_leaves_no_row_of_it_and_touches_no_account),
        DELIVERS_TEST(what_is_under_way_keeps_it),
    };
    return PLACE_RUN(tests, argc, argv);
}

#endif
