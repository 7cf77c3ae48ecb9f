#include "tests/store/accounts.h"

/* ---- rows ---- */

static void a_row_comes_back_as_it_was_saved(void **state) {
    static const struct account_custom custom = { { TEXT_SET, "Badge", 5 },
                                                  { .delivered = { TEXT_SET, "B7", 2 } } };
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account_row row = account_row_new(101), back;
    save(b, &p, &row);
    assert_true(row.account_id > 0);
    for (int round = 0; round < 2; round++) { /* filled in, then read and saved as it is */
        if (round == 0) {
            row = (struct account_row){ .account_id = row.account_id,
                                        .is = { .user_id = 101,
                                                .remote_id = TEXT_LIT("88"),
                                                .external_id = TEXT_LIT("rc:hr:1"),
                                                .role = TEXT_LIT("owner"),
                                                .tie = ACCOUNT_LINKED,
                                                .status = ACCOUNT_DEACTIVATED,
                                                .left_as = ACCOUNT_ACTIVE,
                                                .sticky = ACCOUNT_STAYS_CLOSED,
                                                .mail = ACCOUNT_MAIL_SENT,
                                                .invited_on = TODAY - 9,
                                                .delivered_run_id = 7,
                                                .custom = &custom,
                                                .custom_n = 1 },
                                        .dirty = true,
                                        .due_on = TODAY + 5,
                                        .gone_on = -3,
                                        .excluded_on = 0,
                                        .listed_run_id = 12,
                                        .verb = TEXT_LIT("nothing"),
                                        .code = TEXT_LIT("deactivated-by-hand"),
                                        .sentence = TEXT_LIT("somebody has"),
                                        .waits = TEXT_LIT("approval"),
                                        .remedy = TEXT_LIT("somebody approving it"),
                                        .approval = ACCOUNT_APPROVAL_REOPEN,
                                        .approves = TEXT_LIT("88"),
                                        .decided_on = TODAY };
            row.is.fields[USER_EMAIL] =
                (struct account_field){ TEXT_LIT("ann@x.org"), { 0 }, { 0 } };
            row.is.fields[USER_MANAGER].known = TEXT_NONE;
        }
        save(b, &p, &row);
        OK(account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &back, &why));
        assert_int_equal(back.account_id, row.account_id);
        assert_int_equal(back.is.user_id, 101);
        assert_true(text_is(back.is.remote_id, "88"));
        assert_true(text_is(back.is.external_id, "rc:hr:1"));
        assert_true(text_is(back.is.role, "owner"));
        assert_int_equal(back.is.tie, ACCOUNT_LINKED);
        assert_int_equal(back.is.status, ACCOUNT_DEACTIVATED);
        assert_int_equal(back.is.left_as, ACCOUNT_ACTIVE);
        assert_int_equal(back.is.sticky, ACCOUNT_STAYS_CLOSED);
        assert_int_equal(back.is.mail, ACCOUNT_MAIL_SENT);
        assert_int_equal(back.is.invited_on, TODAY - 9);
        assert_int_equal(back.is.delivered_run_id, 7);
        assert_int_equal(back.is.custom_n, 1);
        assert_true(text_is(back.is.custom[0].field.delivered, "B7"));
        assert_true(text_is(back.is.fields[USER_EMAIL].known, "ann@x.org"));
        assert_int_equal(back.is.fields[USER_MANAGER].known.state, TEXT_EMPTY);
        assert_int_equal(back.is.fields[USER_JOB_TITLE].known.state, TEXT_MISSING);
        assert_true(back.dirty);
        assert_int_equal(back.due_on, TODAY + 5);
        assert_int_equal(back.gone_on, -3);
        assert_int_equal(back.excluded_on, 0);
        assert_int_equal(back.listed_run_id, 12);
        assert_true(text_is(back.verb, "nothing"));
        assert_true(text_is(back.code, "deactivated-by-hand"));
        assert_true(text_is(back.sentence, "somebody has"));
        assert_true(text_is(back.waits, "approval"));
        assert_true(text_is(back.remedy, "somebody approving it"));
        assert_int_equal(back.approval, ACCOUNT_APPROVAL_REOPEN);
        assert_true(text_is(back.approves, "88"));
        assert_int_equal(back.decided_on, TODAY);
        row = back;
    }
    row = account_row_new(101);
    row.account_id = back.account_id;
    row.marks = back.marks;
    save(b, &p, &row);
    back = of_user(b, &p, 101);
    assert_int_equal(back.due_on, DATE_NONE);
    assert_int_equal(back.is.remote_id.state, TEXT_MISSING);
    assert_int_equal(back.approval, ACCOUNT_APPROVAL_NONE);
    assert_false(back.dirty);
    assert_int_equal(back.is.custom_n, 0);
}

static void a_user_and_a_remote_id_have_one_row(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct account_row row = account_row_new(101), again = account_row_new(101),
                       there = account_row_new(0);
    save(b, &p, &row);
    OK(db_begin(b->st->db, &why));
    assert_int_equal(account_save(b->st, b->company_id, p.destination_id, &again, NULL),
                     RC_CONFLICT);
    db_rollback(b->st->db);
    save(b, &q, &again); /* elsewhere they have another */
    there.is.remote_id = TEXT_LIT("88");
    save(b, &p, &there);
    row.is.remote_id = TEXT_LIT("88");
    assert_int_equal(account_save(b->st, b->company_id, p.destination_id, &row, NULL), RC_CONFLICT);
    OK(account_drop(b->st, b->company_id, p.destination_id, there.account_id, &why));
    save(b, &p, &row);
    assert_int_equal(account_save(b->st, b->company_id, q.destination_id, &row, NULL),
                     RC_NOT_FOUND); /* not of that platform */
}

/* What a row is found by is written only where it has moved, since it was read or since then. */
static void the_last_who_saves_a_row_is_believed_whole(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account_row row = account_row_new(101), one, other, back;
    row.is.remote_id = TEXT_LIT("88");
    row.is.fields[USER_EMAIL].known = TEXT_LIT("ann@x.org");
    save(b, &p, &row);
    OK(account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &one, &why));
    other = one;
    one.is.external_id = TEXT_LIT("rc:hr:1");
    one.is.fields[USER_EMAIL].known = TEXT_LIT("bea@x.org");
    one.due_on = TODAY;
    save(b, &p, &one);
    OK(account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &back, &why));
    assert_true(text_is(back.is.external_id, "rc:hr:1"));
    back.verb = TEXT_LIT("nothing");
    save(b, &p, &back); /* nothing that it is found by has moved */
    OK(account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &back, &why));
    assert_true(text_is(back.verb, "nothing"));
    assert_int_equal(back.due_on, TODAY);
    assert_true(text_is(back.is.external_id, "rc:hr:1"));
    save(b, &p, &other); /* read before: in its eyes nothing has moved either */
    OK(account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &back, &why));
    assert_int_equal(back.is.external_id.state, TEXT_MISSING);
    assert_true(text_is(back.is.remote_id, "88"));
    struct account_row *found;
    size_t n = 0;
    OK(account_by_email(b->st, b->company_id, p.destination_id, text_of("ann@x.org"), 2, &b->a,
                        &found, &n, &why));
    assert_int_equal(n, 1);
    OK(account_by_email(b->st, b->company_id, p.destination_id, text_of("bea@x.org"), 2, &b->a,
                        &found, &n, &why));
    assert_int_equal(n, 0);
}

static void accounts_are_found_by_what_they_show(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account_row row, *list;
    size_t n;
    const enum account_status statuses[] = { ACCOUNT_ACTIVE, ACCOUNT_DEACTIVATED, ACCOUNT_DELETED,
                                             ACCOUNT_ANONYMISED };
    for (size_t i = 0; i < RC_LEN(statuses); i++) {
        row = account_row_new(i == 1 ? 101 : 0);
        row.is.remote_id = text_of(arena_printf(&b->a, "%zu", i));
        row.is.external_id = TEXT_LIT("rc:hr:1");
        row.is.status = statuses[i];
        row.is.fields[USER_EMAIL].delivered = TEXT_LIT("ann@x.org"); /* not shown: as delivered */
        save(b, &p, &row);
    }
    OK(account_by_email(b->st, b->company_id, p.destination_id, TEXT_LIT("ann@x.org"), 10, &b->a,
                        &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[1].is.remote_id, "1"));
    OK(account_by_email(b->st, b->company_id, p.destination_id, TEXT_LIT("ann@x.org"), 1, &b->a,
                        &list, &n, &why));
    assert_int_equal(n, 1);
    OK(account_by_external(b->st, b->company_id, p.destination_id, TEXT_LIT("rc:hr:1"), &b->a, &row,
                           &why));
    assert_int_equal(row.is.user_id, 0);
    assert_int_equal(account_by_external(b->st, b->company_id, p.destination_id,
                                         TEXT_LIT("rc:hr:2"), &b->a, &row, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(
        account_by_remote(b->st, b->company_id, p.destination_id, TEXT_LIT("9"), &b->a, &row, NULL),
        RC_NOT_FOUND);
    assert_int_equal(account_of_user(b->st, b->company_id, p.destination_id, 7, &b->a, &row, NULL),
                     RC_NOT_FOUND);
}

static const struct damaged_row {
    const char *name, *sql;
} damaged[] = {
    { "a state that is no JSON", "UPDATE account SET state = '{'" },
    { "a state that is empty", "UPDATE account SET state = ''" },
    { "a state with a word that means nothing",
      "UPDATE account SET state = '{\"mail\":\"posted\"}'" },
    { "a tie that there is not", "UPDATE account SET tie = 'married'" },
    { "a status that there is not", "UPDATE account SET status = 'asleep'" },
    { "an approval that there is not", "UPDATE account SET approval = 'asleep'" },
};

static void a_damaged_row_is_fatal(void **state) {
    struct bed *b = *state;
    const struct damaged_row *r = b->row;
    struct platform p = platform(b, "academy");
    struct account_row row = account_row_new(101), *list;
    size_t n;
    save(b, &p, &row);
    place_exec(b->st->db, r->sql);
    assert_int_equal(
        account_get(b->st, b->company_id, p.destination_id, row.account_id, &b->a, &row, NULL),
        RC_FATAL);
    assert_int_equal(account_list(b->st, b->company_id, p.destination_id, ACCOUNT_ALL, 0, 9, &b->a,
                                  &list, &n, NULL),
                     RC_FATAL);
}

/* ---- whom to look at ---- */

static void everybody_who_is_fed_is_enrolled_once(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run r = bed_run(b, b->company_id, other.integration_id, RUN_PASSED);
    struct version v = bed_version(b, 201, 0, "1", "eve");
    three_people(b);
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    assert_int_equal(enrol(b, &p), 3); /* not eve */
    assert_int_equal(enrol(b, &p), 0);
    struct account_row ann = of_user(b, &p, 101), bob = of_user(b, &p, 102);
    assert_true(ann.dirty);
    assert_int_equal(bob.account_id, ann.account_id + 1); /* a block, in order */
    assert_int_equal(ann.is.tie, ACCOUNT_STRANGER);
    assert_int_equal(ann.is.invited_on, DATE_NONE);
    assert_false(account_exists(&ann.is));
    struct account_row next = account_row_new(0);
    next.is.remote_id = TEXT_LIT("88");
    save(b, &p, &next);
    assert_true(next.account_id > of_user(b, &p, 103).account_id);
    int64_t feeds[] = { b->in.integration_id, other.integration_id };
    p.feeds = feeds;
    p.feeds_n = 2;
    OK(platform_save(b->st, b->key, &p, &why));
    assert_int_equal(enrol(b, &p), 1);
}

static const char *candidates(struct bed *b, const struct platform *p, bool every, size_t most) {
    struct account_row *list;
    size_t n;
    int64_t after = 0;
    struct buf out;
    buf_init(&out, 1000);
    do {
        OK(account_candidates(b->st, b->company_id, p->destination_id, TODAY, every, after, most,
                              &b->a, &list, &n, &why));
        assert_true(n <= most);
        for (size_t i = 0; i < n; i++) {
            assert_true(list[i].account_id > after);
            after = list[i].account_id;
            buf_printf(&out, "%s%lld", out.len ? " " : "", (long long)list[i].is.user_id);
        }
    } while (n == most);
    char *s = arena_str(&b->a, out.ptr != NULL ? out.ptr : "", out.len);
    buf_done(&out);
    return s;
}

static void candidates_are_dirty_or_due_or_wait_for_others(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "second");
    static const struct {
        const char *waits;
        date_days due_on;
        bool dirty;
    } rows[] = { { "nothing", DATE_NONE, false }, { "day", TODAY + 1, false },
                 { "day", TODAY, false },         { "other", DATE_NONE, false },
                 { "reading", TODAY - 3, true },  { "hr", DATE_NONE, true },
                 { "approval", DATE_NONE, false } };
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[RC_LEN(rows)];
    struct account_row row;
    for (size_t i = 0; i < RC_LEN(rows); i++)
        v[i] = bed_version(b, 101 + (int64_t)i, 0, arena_printf(&b->a, "%zu", i), "x");
    bed_stage(b, &r, v, RC_LEN(rows));
    bed_apply(b, &r);
    enrol(b, &p);
    enrol(b, &q);
    clean(b);
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        row = of_user(b, &p, 101 + (int64_t)i);
        row.waits = text_of(rows[i].waits);
        row.due_on = rows[i].due_on;
        row.dirty = rows[i].dirty;
        save(b, &p, &row);
    }
    row = account_row_new(0); /* a stranger's: nobody decides about it */
    row.is.remote_id = TEXT_LIT("88");
    row.dirty = true;
    row.due_on = TODAY;
    save(b, &p, &row);
    for (size_t most = 1; most < 9; most += 3) {
        assert_string_equal(candidates(b, &p, false, most), "103 104 105 106");
        assert_string_equal(candidates(b, &p, true, most), "101 102 103 104 105 106 107");
    }
    assert_string_equal(candidates(b, &q, false, 9), "");
    p.feeds_n = 0; /* nobody is fed any more: they stay as they are */
    OK(platform_save(b->st, b->key, &p, &why));
    assert_string_equal(candidates(b, &p, false, 1), "");
    assert_string_equal(candidates(b, &p, true, 9), "");
}

static void lists_have_those_that_they_are_of(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account_row row = account_row_new(0), *list;
    size_t n;
    three_people(b);
    enrol(b, &p);
    row.is.remote_id = TEXT_LIT("88");
    save(b, &p, &row);
    row = of_user(b, &p, 101);
    row.approval = ACCOUNT_APPROVAL_ADOPT;
    row.approves = TEXT_LIT("88");
    row.waits = TEXT_LIT("approval");
    row.due_on = TODAY + 2;
    save(b, &p, &row);
    row = of_user(b, &p, 102);
    row.waits = TEXT_LIT("nothing");
    row.due_on = TODAY + 1;
    save(b, &p, &row);
    assert_int_equal(count(b, &p, ACCOUNT_ALL), 4);
    assert_int_equal(count(b, &p, ACCOUNT_UNMATCHED), 1);
    assert_int_equal(count(b, &p, ACCOUNT_ASKS), 1);
    assert_int_equal(count(b, &p, ACCOUNT_WAITS), 1);
    OK(account_list(b->st, b->company_id, p.destination_id, ACCOUNT_ALL, row.account_id, 1, &b->a,
                    &list, &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].is.user_id, 103);
    OK(account_calendar(b->st, b->company_id, p.destination_id, TODAY + 2, 10, &b->a, &list, &n,
                        &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].is.user_id, 102); /* by day */
    OK(account_calendar(b->st, b->company_id, p.destination_id, TODAY + 1, 10, &b->a, &list, &n,
                        &why));
    assert_int_equal(n, 1);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest singles[] = {
        BED_TEST(a_row_comes_back_as_it_was_saved),
        BED_TEST(a_user_and_a_remote_id_have_one_row),
        BED_TEST(the_last_who_saves_a_row_is_believed_whole),
        BED_TEST(accounts_are_found_by_what_they_show),
        BED_TEST(everybody_who_is_fed_is_enrolled_once),
        BED_TEST(candidates_are_dirty_or_due_or_wait_for_others),
        BED_TEST(lists_have_those_that_they_are_of),
    };
    struct CMUnitTest tests[RC_LEN(singles) + RC_LEN(damaged)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(singles); i++)
        tests[n++] = singles[i];
    BED_ROWS(tests, n, damaged, a_damaged_row_is_fatal);
    return place_run("tests", tests, n, argc, argv);
}
