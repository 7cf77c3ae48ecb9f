#include "tests/store/bed.h"
#include "store/audit.h"
#include <pthread.h>

static const struct key_row {
    const char *name, *key;
    bool good;
} keys[] = {
    { "a letter", "a", true },
    { "a digit first", "9-lives", true },
    { "forty characters", "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", true },
    { "forty-one characters", "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde", false },
    { "nothing", "", false },
    { "a capital", "Acme2", false },
    { "a hyphen first", "-acme", false },
    { "a blank", "ac me", false },
    { "a slash", "ac/me", false },
    { "an umlaut", "m\xc3\xbcller", false },
};

static void a_key_is_what_people_can_type(void **state) {
    struct bed *b = *state;
    const struct key_row *r = b->row;
    struct rc_error err = { 0 };
    struct company c;
    int64_t id = -1;
    enum rc_code rc = company_add(b->st, r->key, "X", "UTC", T0, &id, &err);
    assert_int_equal(rc, r->good ? RC_OK : RC_INVALID);
    assert_int_equal(company_key_check(r->key, "company", &err), rc);
    assert_int_equal(company_find(b->st, r->key, &b->a, &c, &err), r->good ? RC_OK : RC_NOT_FOUND);
    assert_int_equal(id, r->good ? c.company_id : -1);
}

static void a_company_is_found_as_it_was_added(void **state) {
    struct bed *b = *state;
    struct company c, *list;
    struct rc_error err;
    int64_t id, again = -7;
    size_t n;
    OK(company_add(b->st, "zeta", "Zeta GmbH & S\xc3\xb6hne", "Europe/Berlin", T0 + 5, &id, &why));
    OK(company_find(b->st, "zeta", &b->a, &c, &why));
    assert_int_equal(c.company_id, id);
    assert_true(text_is(c.name, "Zeta GmbH & S\xc3\xb6hne"));
    assert_true(text_is(c.zone, "Europe/Berlin"));
    assert_int_equal(c.created_us, T0 + 5);
    assert_int_equal(company_add(b->st, "zeta", "Other", "UTC", T0, &again, &err), RC_CONFLICT);
    assert_string_equal(err.name, "company.exists");
    assert_int_equal(again, -7);
    assert_int_equal(company_find(b->st, "eta", &b->a, &c, &err), RC_NOT_FOUND);
    assert_string_equal(err.name, "company.unknown");
    OK(company_list(b->st, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0].key, "acme"));
    assert_true(text_is(list[1].key, "zeta"));
}

static void a_number_is_never_given_again(void **state) {
    struct bed *b = *state;
    int64_t newest, next, none, after;
    OK(company_add(b->st, "newest", "Newest", "UTC", T0, &newest, &why));
    OK(company_remove(b->st, newest, &why));
    OK(company_add(b->st, "next", "Next", "UTC", T0, &next, &why));
    assert_true(next > newest);
    OK(company_remove(b->st, next, &why));
    OK(company_remove(b->st, b->company_id, &why)); /* there is none any more */
    OK(company_add(b->st, "first", "First", "UTC", T0, &none, &why));
    assert_true(none > next);
    assert_int_equal(company_add(b->st, "first", "First", "UTC", T0, &after, NULL), RC_CONFLICT);
    OK(company_add(b->st, "second", "Second", "UTC", T0, &after, &why));
    assert_true(after > none);
}

static void ids_ascend_in_blocks_and_each_company_has_its_own(void **state) {
    struct bed *b = *state;
    int64_t other, first, second, third;
    OK(company_add(b->st, "other", "Other", "UTC", T0, &other, &why));
    OK(company_take_ids(b->st, b->company_id, 1000, &first, &why));
    OK(company_take_ids(b->st, b->company_id, 1, &second, &why));
    OK(company_take_ids(b->st, other, 10, &third, &why));
    assert_int_equal(second, first + 1000);
    assert_int_equal(third, 1);
    assert_int_equal(company_take_ids(b->st, 99, 1, &first, NULL), RC_NOT_FOUND);
}

static void a_block_that_is_rolled_back_is_given_out_again(void **state) {
    struct bed *b = *state;
    int64_t first, second;
    OK(db_begin(b->st->db, &why));
    OK(company_take_ids(b->st, b->company_id, 10, &first, &why));
    db_rollback(b->st->db);
    OK(company_take_ids(b->st, b->company_id, 10, &second, &why));
    assert_int_equal(first, second);
}

enum { BLOCKS = 100, BLOCK = 7, TAKERS = 3 };
struct taker {
    struct store *st;
    int64_t company_id, first[BLOCKS];
    struct rc_error err;
};

static void *take_blocks(void *self) {
    struct taker *t = self;
    for (int i = 0; i < BLOCKS; i++)
        if (company_take_ids(t->st, t->company_id, BLOCK, &t->first[i], &t->err) != RC_OK)
            return t;
    return NULL;
}

static void blocks_of_several_connections_never_overlap(void **state) {
    struct bed *b = *state;
    struct taker takers[TAKERS] = { 0 };
    pthread_t threads[TAKERS];
    static char taken[TAKERS * BLOCKS * BLOCK + 100];
    memset(taken, 0, sizeof taken);
    for (int i = 0; i < TAKERS; i++) {
        takers[i].st = bed_connect(b);
        takers[i].company_id = b->company_id;
        assert_int_equal(pthread_create(&threads[i], NULL, take_blocks, &takers[i]), 0);
    }
    for (int i = 0; i < TAKERS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        if (failed != NULL)
            fail_msg("%s", takers[i].err.text);
        store_close(takers[i].st);
        for (int j = 0; j < BLOCKS; j++)
            for (int64_t id = takers[i].first[j]; id < takers[i].first[j] + BLOCK; id++) {
                assert_in_range(id, 1, sizeof taken - 1);
                assert_int_equal(taken[id]++, 0);
            }
    }
}

static void what_was_done_is_on_record(void **state) {
    struct bed *b = *state;
    OK(audit_add(b->st, b->company_id, T0, "mira", "added it's integration", &why));
    OK(audit_add(b->st, b->company_id, T0, "mira", "again", &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM audit WHERE who = 'mira'"), 2);
    assert_int_equal(audit_add(b->st, 99, T0, "mira", "nowhere", NULL), RC_NOT_FOUND);
}

static void a_company_comes_with_who_added_it_or_not_at_all(void **state) {
    struct bed *b = *state;
    struct audit *list;
    size_t n;
    int64_t id, untouched = -1;
    OK(company_add_by(b->st, "beta", "Beta", "Europe/Berlin", "mira", T0, &id, &why));
    OK(audit_list(b->st, id, 0, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].who, "mira"));
    assert_true(text_is(list[0].what, "company added"));
    place_exec(b->st->db, "ALTER TABLE audit RENAME TO elsewhere"); /* nothing can be recorded */
    assert_int_not_equal(
        company_add_by(b->st, "gamma", "Gamma", "Europe/Berlin", "mira", T0, &untouched, NULL),
        RC_OK);
    assert_int_equal(untouched, -1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM company WHERE key = 'gamma'"), 0);
    place_exec(b->st->db, "ALTER TABLE elsewhere RENAME TO audit");
    OK(company_add_by(b->st, "gamma", "Gamma", "Europe/Berlin", "mira", T0, &id, &why));
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[RC_LEN(keys) + 7] = {
        BED_TEST(a_company_is_found_as_it_was_added),
        BED_TEST(a_number_is_never_given_again),
        BED_TEST(ids_ascend_in_blocks_and_each_company_has_its_own),
        BED_TEST(a_block_that_is_rolled_back_is_given_out_again),
        BED_TEST(blocks_of_several_connections_never_overlap),
        BED_TEST(what_was_done_is_on_record),
        BED_TEST(a_company_comes_with_who_added_it_or_not_at_all),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, keys, a_key_is_what_people_can_type);
    return PLACE_RUN(tests, argc, argv);
}
