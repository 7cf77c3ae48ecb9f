/* A process that stood still for longer than its lease: somebody else is at it by now, and from here nothing more goes
 * out, and nothing is written. */
#include "tests/sync/hands.h"

static struct {
    struct delivers *d;
    const char *sql; /* what the other does then; NULL: nothing yet */
    struct destination_ops there;
    unsigned calls;
} late;

static void begin(struct delivers *d, const char *sql) {
    late.d = d;
    late.sql = sql;
    late.there = d->there.ops;
    late.calls = 0;
}

static void stand_still(void) {
    struct store *other = bed_connect(late.d->w->bed);
    OK(db_begin(other->db, &why));
    OK(db_exec(other->db,
               "UPDATE job SET fence = fence + 1, owner = 'other' WHERE kind = 'deliver'", &why));
    if (late.sql != NULL)
        OK(db_exec(other->db, late.sql, &why));
    OK(db_commit(other->db, &why));
    store_close(other);
    clock_fake_move(&late.d->w->fake, (LEASE_SECONDS + 1) * INT64_C(1000000));
}

static enum rc_code update(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err) {
    if (late.calls++ == 0)
        stand_still();
    return late.there.update(l, c, a, ret, err);
}

static void what_no_lane_has_begun_by_then_is_not_begun(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 30);
    for (int i = 1; i <= 30; i++)
        world_put(d->w, world_number(d->w, i), "job_title=Foreman");
    world_import(d->w);
    begin(d, NULL);
    d->there.ops.update = update;
    delivers_fails(d, RC_CONFLICT);
    assert_string_equal(d->err.name, "lease-lost");
    assert_int_equal(late.calls, 1);
}

static enum rc_code deactivate(struct destination_lane *l, const struct account *now,
                               struct rc_error *err) {
    enum rc_code rc = late.there.deactivate(l, now, err);
    if (late.calls++ == 0)
        stand_still();
    return rc;
}

static void what_was_said_of_an_account_meanwhile_is_not_written_over(void **state) {
    struct delivers *d = *state;
    struct account_row row;
    int64_t closed = 0;
    delivers_begin(d, 4);
    struct text id = hands_stranger(d, "Paul", "Guest", "paul@elsewhere.org");
    hands_day(d);
    struct accounts_context x = hands_context(d);
    x.adapter = &d->there.ops;
    begin(d, "UPDATE account SET tie = 'ignored' WHERE email = 'paul@elsewhere.org'");
    d->there.ops.deactivate = deactivate;
    assert_int_equal(accounts_close(&x, &id, 1, &closed, &d->err), RC_CONFLICT);
    assert_string_equal(d->err.name, "lease-lost");
    assert_int_equal(late.calls, 1);
    OK(account_by_remote(d->w->bed->st, d->w->bed->company_id, d->destination_id, id, &d->w->bed->a,
                         &row, &why));
    assert_int_equal(row.is.tie, ACCOUNT_IGNORED);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        DELIVERS_TEST(what_no_lane_has_begun_by_then_is_not_begun),
        DELIVERS_TEST(what_was_said_of_an_account_meanwhile_is_not_written_over),
    };
    return PLACE_RUN(tests, argc, argv);
}
