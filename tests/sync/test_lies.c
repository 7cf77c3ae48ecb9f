/* A platform that answers with an account that is somebody else's here: nobody gets it by that, and nobody else waits
 * for it. */
#include "tests/sync/hands.h"

static struct {
    struct destination_ops there;
    struct text id; /* with this one the first creation is answered */
    unsigned calls;
} lies;

static enum rc_code create(struct destination_lane *l, const struct destination_change *c,
                           struct arena *a, struct destination_outcome *ret, struct rc_error *err) {
    if (lies.calls++ > 0)
        return lies.there.create(l, c, a, ret, err);
    *ret = (struct destination_outcome){ 0 };
    ret->shows.remote_id = lies.id;
    ret->shows.external_id = c->external_id;
    ret->shows.status = ACCOUNT_ACTIVE;
    return RC_OK;
}

static const struct row {
    const char *name, *whose; /* NULL: nobody's */
} rows[] = {
    { "a stranger's", NULL },
    { "a colleague's", "2" },
};

static void a_new_account_is_none_that_is_known_already(void **state) {
    struct delivers *d = *state;
    const struct row *row = d->row;
    struct account_row is;
    delivers_begin(d, 4);
    lies.id = row->whose != NULL ? hands_id(d, row->whose)
                                 : hands_stranger(d, "Paul", "Guest", "paul@elsewhere.org");
    hands_day(d);
    lies.there = d->there.ops;
    lies.calls = 0;
    d->there.ops.create = create;
    world_add(d->w, "5");
    world_add(d->w, "6");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    assert_string_equal(delivers_effects(d, r.run_id), "create 5 unsure\ncreate 6 done\n");
    OK(account_by_remote(d->w->bed->st, d->w->bed->company_id, d->destination_id, lies.id,
                         &d->w->bed->a, &is, &why));
    assert_int_equal(is.is.user_id, row->whose != NULL ? hands_user(d, row->whose) : 0);
    delivers_run(d);
    assert_string_equal(delivers_code(d, "5"), "in-step");
    assert_int_equal(memory_platform_mails_to(&d->there, delivers_id(d, "5")), 1);
}

/* A row of a list that has no id. */
static enum rc_code list_next(struct destination_lane *l, struct arena *a,
                              struct destination_page *ret, struct rc_error *err) {
    enum rc_code rc = lies.there.list_next(l, a, ret, err);
    if (rc != RC_OK || ret->accounts_n == 0)
        return rc;
    struct account *more = ARENA_NEW(a, struct account, ret->accounts_n + 1);
    for (size_t i = 0; i < ret->accounts_n; i++)
        more[i] = ret->accounts[i];
    ret->accounts = more;
    ret->accounts_n++;
    ret->declared_total++;
    return rc;
}

static void a_row_without_an_id_is_nobodys_account(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    int64_t before = bed_number(d->w->bed, "SELECT COUNT(*) FROM account");
    lies.there = d->there.ops;
    d->there.ops.list_next = list_next;
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_int_equal(bed_number(d->w->bed, "SELECT COUNT(*) FROM account"), before);
}

/* One of those by whom a platform with another address is known is kept from us: the others tell. */
static void a_platform_is_known_though_one_of_its_accounts_is_not_shown(void **state) {
    struct delivers *d = *state;
    delivers_begin(d, 4);
    place_exec(d->w->bed->st->db, "UPDATE destination SET listed_at = NULL");
    const struct memory_platform_fault fault = { MEMORY_PLATFORM_FIND,
                                                 d->there.calls_n[MEMORY_PLATFORM_FIND] + 1,
                                                 RC_INVALID, "destination.unreadable", false };
    d->there.faults = &fault;
    d->there.faults_n = 1;
    hands_day(d);
    assert_string_equal(delivers_code(d, "3"), "in-step");
    assert_true(delivers_platform(d).listed_us != 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[2 + RC_LEN(rows)] = {
        DELIVERS_TEST(a_row_without_an_id_is_nobodys_account),
        DELIVERS_TEST(a_platform_is_known_though_one_of_its_accounts_is_not_shown),
    };
    size_t n = 2;
    DELIVERS_ROWS(tests, n, rows, a_new_account_is_none_that_is_known_already);
    return place_run("lies", tests, n, argc, argv);
}
