#include "tests/store/accounts.h"
#include "store/version.h"

static void mark_run(struct bed *b, const struct run *r) {
    OK(db_begin(b->st->db, &why));
    OK(account_mark_run(b->st, b->company_id, r->run_id, &why));
    OK(db_commit(b->st->db, &why));
}

static struct run moved(struct bed *b, const struct run *first, struct version v) {
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    v.base_run_id = first->run_id;
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    return r;
}

static void a_run_concerns_whom_it_moves_and_their_reports(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run first = three_people(b),
               r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version same = bed_version(b, 103, first.run_id, "3", "cid");
    same.manager = (struct text){ 0 };
    bed_stage(b, &r, &same, 1); /* cid reports to nobody now */
    bed_apply(b, &r);
    enrol(b, &p);
    clean(b);
    struct run bob = moved(b, &first, bed_version(b, 102, 0, "2", "bob"));
    mark_run(b, &bob);
    assert_string_equal(dirty(b), "102");
    clean(b);
    struct run ann = moved(b, &first, bed_version(b, 101, 0, "1", "ann"));
    mark_run(b, &ann);
    assert_string_equal(dirty(b), "101 102");
}

/* What a run stages of ann, who is bob's and cid's manager, and of whom it then has to be looked at. */
struct staged_manager {
    const char *name;
    const char *field; /* of the change, NULL: none */
    void (*alter)(struct version *v);
    const char *dirty;
};

static void another_presence(struct version *v) {
    v->presence = PRESENCE_MISSING;
}
static void gone(struct version *v) {
    v->has_left = true;
}
static void without_an_address(struct version *v) {
    v->problems = 1;
}
static void managed_by_bob(struct version *v) {
    v->manager = TEXT_LIT("2");
}
static void another_digest(struct version *v) {
    v->user_digest.bytes[0] ^= 1;
}
static void nothing_else(struct version *v) {
    (void)v;
}

static const struct staged_manager managers[] = {
    { "a title is the manager's own", "job_title", another_digest, "101" },
    { "a custom field is the manager's own", "custom.grade", another_digest, "101" },
    { "a version without any difference is the manager's own", NULL, nothing_else, "101" },
    { "a difference without a change may be anything", NULL, another_digest, "101 102 103" },
    { "a filter's word concerns the reports", "excluded", another_digest, "101 102 103" },
    { "a leave date concerns the reports", "leave_date", another_digest, "101 102 103" },
    { "a lifecycle of another day concerns the reports", "lifecycle", nothing_else, "101 102 103" },
    { "another presence concerns the reports", "job_title", another_presence, "101 102 103" },
    { "a manager who has gone concerns the reports", "job_title", gone, "101 102 103" },
    { "a manager's problem concerns the reports", "job_title", without_an_address, "101 102 103" },
    { "a manager's manager concerns the reports", "job_title", managed_by_bob, "101 102 103" },
};

static void reports_are_looked_at_where_it_can_matter(void **state) {
    struct bed *b = *state;
    const struct staged_manager *row = b->row;
    struct platform p = platform(b, "academy");
    struct run first = three_people(b),
               r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v = bed_version(b, 101, first.run_id, "1", "ann");
    enrol(b, &p);
    clean(b);
    v.manager = (struct text){ 0 };
    row->alter(&v);
    bed_stage(b, &r, &v, 1);
    if (row->field != NULL) {
        struct version_change c = { .user_id = 101,
                                    .field = text_of(row->field),
                                    .new = TEXT_LIT("x"),
                                    .class = CHANGE_OTHER,
                                    .rule = "hr-states" };
        OK(db_begin(b->st->db, &why));
        OK(version_add_changes(b->st, b->company_id, r.run_id, &c, 1, &why));
        OK(db_commit(b->st->db, &why));
    }
    bed_apply(b, &r);
    mark_run(b, &r);
    assert_string_equal(dirty(b), row->dirty);
}

static void whoever_comes_concerns_those_who_wait_for_them_in_the_same_integration(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED),
               elsewhere = bed_run(b, b->company_id, other.integration_id, RUN_PASSED);
    struct version bob = bed_version(b, 102, 0, "2", "bob"),
                   eve = bed_version(b, 109, 0, "9", "eve"),
                   ann = bed_version(b, 101, 0, "1", "ann");
    int64_t feeds[] = { b->in.integration_id, other.integration_id };
    p.feeds = feeds;
    p.feeds_n = 2;
    OK(platform_save(b->st, b->key, &p, &why));
    bed_stage(b, &r, &bob, 1);
    bed_apply(b, &r);
    bed_stage(b, &elsewhere, &eve, 1); /* her "1" is somebody else */
    bed_apply(b, &elsewhere);
    enrol(b, &p);
    clean(b);
    struct run joins = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    bed_stage(b, &joins, &ann, 1);
    bed_apply(b, &joins);
    mark_run(b, &joins);
    assert_string_equal(dirty(b), "102");
}

static void a_run_concerns_who_states_the_same_address_before_or_after(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run first = three_people(b);
    struct version v = bed_version(b, 103, 0, "3", "bob"); /* cid states bob@x.org */
    enrol(b, &p);
    clean(b);
    struct run r = moved(b, &first, v);
    mark_run(b, &r);
    assert_string_equal(dirty(b), "102 103");
    clean(b);
    struct run back = moved(b, &r, bed_version(b, 103, 0, "3", "cid")); /* and no longer */
    mark_run(b, &back);
    assert_string_equal(dirty(b), "102 103");
}

static void who_is_left_out_of_a_run_is_not_concerned_by_it(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    three_people(b);
    enrol(b, &p);
    clean(b);
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v = bed_version(b, 102, 999, "2", "bobby"); /* compared with another version */
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    mark_run(b, &r);
    assert_string_equal(dirty(b), "");
}

static void marking_all_leaves_strangers_out(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy"), q = platform(b, "other");
    struct account_row row = account_row_new(0);
    three_people(b);
    enrol(b, &p);
    enrol(b, &q);
    row.is.remote_id = TEXT_LIT("88");
    save(b, &p, &row);
    clean(b);
    OK(account_mark_all(b->st, b->company_id, p.destination_id, &why));
    assert_string_equal(dirty(b), "101 102 103");
}

/* What is decided about somebody rests on what was read before: whoever marks them meanwhile has them
 * looked at again, whether they were dirty or not. */
static void a_mark_that_comes_while_somebody_looks_stays(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct run last = three_people(b);
    enrol(b, &p);
    for (int was_dirty = 0; was_dirty < 2; was_dirty++) {
        struct account_row looked_at;
        clean(b);
        if (was_dirty)
            OK(account_mark_email(b->st, b->company_id, p.destination_id, TEXT_LIT("cid@x.org"),
                                  &why));
        OK(account_of_user(b->st, b->company_id, p.destination_id, 103, &b->a, &looked_at, &why));
        assert_int_equal(looked_at.dirty, was_dirty);
        last = moved(b, &last, bed_version(b, 103, 0, "3", "cid"));
        mark_run(b, &last);
        looked_at.dirty = false;
        save(b, &p, &looked_at);
        assert_string_equal(dirty(b), "103");
        OK(account_of_user(b->st, b->company_id, p.destination_id, 103, &b->a, &looked_at, &why));
        looked_at.dirty = false;
        save(b, &p, &looked_at);
        assert_string_equal(dirty(b), "");
    }
}

/* Whoever is to be looked at again is so by the marks that are there, and none of them gets lost. */
static void a_row_that_stays_to_be_looked_at_keeps_its_marks(void **state) {
    struct bed *b = *state;
    struct platform p = platform(b, "academy");
    struct account_row row, back;
    three_people(b);
    enrol(b, &p);
    for (int told = 0; told < 2; told++) {
        row = of_user(b, &p, 102);
        row.dirty = true;
        row.is.remote_id = told == 0 ? TEXT_LIT("88") : TEXT_LIT("89");
        row.is.fields[USER_EMAIL].known = TEXT_LIT("bob@x.org");
        if (told == 1)
            row.sentence = TEXT_LIT("another sentence");
        row.gone_on = TODAY + told;
        save(b, &p, &row);
        back = of_user(b, &p, 102);
        assert_true(back.dirty);
        assert_int_equal(back.gone_on, TODAY + told);
        assert_true(text_equal(back.is.remote_id, row.is.remote_id));
        assert_true(text_equal(back.sentence, row.sentence));
        assert_int_equal(by_remote(b, &p, told == 0 ? "88" : "89").account_id, row.account_id);
    }
    row = of_user(b, &p, 102); /* marked meanwhile: it stays */
    OK(account_mark_all(b->st, b->company_id, p.destination_id, &why));
    row.dirty = false;
    save(b, &p, &row);
    assert_true(of_user(b, &p, 102).dirty);
    row = of_user(b, &p, 102);
    row.dirty = false;
    save(b, &p, &row);
    assert_false(of_user(b, &p, 102).dirty);
    row = of_user(b, &p, 102); /* read clean: a mark of its own */
    row.dirty = true;
    save(b, &p, &row);
    assert_true(of_user(b, &p, 102).dirty);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest singles[] = {
        BED_TEST(a_run_concerns_whom_it_moves_and_their_reports),
        BED_TEST(whoever_comes_concerns_those_who_wait_for_them_in_the_same_integration),
        BED_TEST(a_run_concerns_who_states_the_same_address_before_or_after),
        BED_TEST(who_is_left_out_of_a_run_is_not_concerned_by_it),
        BED_TEST(marking_all_leaves_strangers_out),
        BED_TEST(a_mark_that_comes_while_somebody_looks_stays),
        BED_TEST(a_row_that_stays_to_be_looked_at_keeps_its_marks),
    };
    struct CMUnitTest tests[RC_LEN(singles) + RC_LEN(managers)];
    size_t n = 0;
    for (size_t i = 0; i < RC_LEN(singles); i++)
        tests[n++] = singles[i];
    BED_ROWS(tests, n, managers, reports_are_looked_at_where_it_can_matter);
    return place_run("tests", tests, n, argc, argv);
}
