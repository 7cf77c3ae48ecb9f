#include "store/ahead.h"
#include "tests/store/accounts.h"

static const int64_t all[] = { 103, 999, 101, 102 };

static void people_are_those_that_one_question_each_finds(void **state) {
    struct bed *b = *state;
    struct ahead_person *list;
    size_t n = 0;
    three_people(b);
    OK(ahead_people(b->st, b->company_id, all, RC_LEN(all), &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        struct person one;
        OK(directory_get(b->st, b->company_id, 101 + (int64_t)i, &b->a, &one, &why));
        assert_int_equal(list[i].is.user_id, one.user_id);
        assert_int_equal(list[i].is.integration_id, one.integration_id);
        assert_int_equal(list[i].is.run_id, one.run_id);
        assert_int_equal(list[i].is.presence, one.presence);
        assert_int_equal(list[i].is.read_us, one.read_us);
        assert_int_equal(list[i].is.problems, one.problems);
        assert_int_equal(list[i].is.has_left, one.has_left);
        assert_true(text_equal(list[i].is.source_id, one.source_id));
        assert_true(text_equal(list[i].is.user, one.user));
        assert_int_equal(list[i].is.employee.state, TEXT_MISSING);
        int64_t ids[2];
        size_t ids_n = 0;
        OK(directory_of_email(b->st, b->company_id, list[i].email, 2, ids, &ids_n, &why));
        assert_int_equal(ids_n, 1);
        assert_int_equal(ids[0], one.user_id);
    }
    OK(ahead_people(b->st, b->company_id + 1, all, RC_LEN(all), &b->a, &list, &n, &why));
    assert_int_equal(n, 0); /* another company's */
}

static void rows_are_those_of_the_platform(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct account_row *list;
    size_t n = 0;
    three_people(b);
    enrol(b, &p);
    struct account_row elsewhere = account_row_new(103);
    save(b, &q, &elsewhere);
    OK(ahead_accounts(b->st, b->company_id, p.destination_id, all, RC_LEN(all), &b->a, &list, &n,
                      &why));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(list[i].account_id, of_user(b, &p, list[i].is.user_id).account_id);
    OK(ahead_accounts(b->st, b->company_id, q.destination_id, all, RC_LEN(all), &b->a, &list, &n,
                      &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].account_id, elsewhere.account_id);
}

static void shown(struct bed *b, const struct platform *p, int64_t user_id, const char *id,
                  const char *email, enum account_status status) {
    struct account_row row = account_row_new(user_id);
    row.is.remote_id = text_of(id);
    row.is.external_id = text_of(arena_printf(&b->a, "rc:hr:%s", id));
    row.is.fields[USER_EMAIL].known = text_of(email);
    row.is.status = status;
    save(b, p, &row);
}

static void whose_an_address_is_is_found_for_many_at_once(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    const struct text emails[] = { TEXT_LIT("two@x.org"), TEXT_LIT("none@x.org"),
                                   TEXT_LIT("gone@x.org"), TEXT_LIT("one@x.org") };
    const struct text externals[] = { TEXT_LIT("rc:hr:12"), TEXT_LIT("rc:hr:99") };
    struct ahead_pairs pairs;
    size_t n = 0;
    shown(b, &p, 0, "11", "two@x.org", ACCOUNT_ACTIVE);
    shown(b, &p, 102, "12", "two@x.org", ACCOUNT_DEACTIVATED);
    shown(b, &p, 103, "13", "one@x.org", ACCOUNT_ACTIVE);
    shown(b, &p, 104, "14", "gone@x.org", ACCOUNT_DELETED);
    OK(ahead_shown(b->st, b->company_id, p.destination_id, emails, RC_LEN(emails), &b->a, &pairs,
                   &why));
    assert_true(pairs.all);
    assert_int_equal(pairs.n, 3);
    const struct ahead_pair *two = ahead_pairs_of(&pairs, emails[0], &n);
    assert_int_equal(n, 2);
    assert_int_equal(two[0].id, 0);
    assert_int_equal(two[1].id, 102);
    assert_int_equal(ahead_pairs_of(&pairs, emails[3], &n)[0].id, 103);
    assert_int_equal(n, 1);
    for (int i = 1; i < 3; i++) {
        (void)ahead_pairs_of(&pairs, emails[i], &n);
        assert_int_equal(n, 0);
    }
    OK(ahead_external(b->st, b->company_id, p.destination_id, externals, 2, &b->a, &pairs, &why));
    (void)ahead_pairs_of(&pairs, externals[0], &n);
    assert_int_equal(n, 1);
    (void)ahead_pairs_of(&pairs, externals[1], &n);
    assert_int_equal(n, 0);
    OK(ahead_shown(b->st, b->company_id, p.destination_id, emails, 0, &b->a, &pairs, &why));
    assert_true(pairs.all);
    assert_int_equal(pairs.n, 0);
}

static void more_than_are_worth_reading_are_not_all(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    const struct text email = TEXT_LIT("all@x.org");
    struct ahead_pairs pairs;
    OK(db_begin(b->st->db, &why));
    for (int i = 0; i < 450; i++) {
        struct account_row row = account_row_new(0);
        row.is.remote_id = text_of(arena_printf(&b->a, "%d", i));
        row.is.fields[USER_EMAIL].known = email;
        row.is.status = ACCOUNT_ACTIVE;
        OK(account_save(b->st, b->company_id, p.destination_id, &row, &why));
    }
    OK(db_commit(b->st->db, &why));
    OK(ahead_shown(b->st, b->company_id, p.destination_id, &email, 1, &b->a, &pairs, &why));
    assert_false(pairs.all);
}

static void who_states_an_address_is_found_for_many_at_once(void **state) {
    struct bed *b = *state;
    struct ahead_person *list;
    struct ahead_pairs pairs;
    struct text emails[3];
    size_t n = 0;
    three_people(b);
    OK(ahead_people(b->st, b->company_id, all, RC_LEN(all), &b->a, &list, &n, &why));
    for (size_t i = 0; i < n; i++)
        emails[i] = list[i].email;
    OK(ahead_stated(b->st, b->company_id, emails, n, &b->a, &pairs, &why));
    assert_true(pairs.all);
    for (size_t i = 0, of = 0; i < n; i++) {
        assert_int_equal(ahead_pairs_of(&pairs, emails[i], &of)->id, list[i].is.user_id);
        assert_int_equal(of, 1);
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        BED_TEST(people_are_those_that_one_question_each_finds),
        BED_TEST(rows_are_those_of_the_platform),
        BED_TEST(whose_an_address_is_is_found_for_many_at_once),
        BED_TEST(more_than_are_worth_reading_are_not_all),
        BED_TEST(who_states_an_address_is_found_for_many_at_once),
    };
    return place_run("tests", tests, RC_LEN(tests), argc, argv);
}
