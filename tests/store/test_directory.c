#include <stdio.h>
#include "tests/store/bed.h"

static void people(struct bed *b, int64_t integration_id, const struct version *v, size_t n) {
    struct run r = bed_run(b, b->company_id, integration_id, RUN_PASSED);
    bed_stage(b, &r, v, n);
    bed_apply(b, &r);
}

static void a_person_is_found_by_source_id_and_by_number(void **state) {
    struct bed *b = *state;
    struct version v[] = { bed_version(b, 11, 0, "a7", "ann"), bed_version(b, 12, 0, "b8", "bob") };
    struct person found, got;
    struct rc_error err;
    people(b, b->in.integration_id, v, 2);
    OK(directory_find(b->st, b->company_id, b->in.integration_id, TEXT_LIT("b8"), &b->a, &found,
                      &why));
    OK(directory_get(b->st, b->company_id, 12, &b->a, &got, &why));
    assert_int_equal(found.user_id, 12);
    assert_int_equal(got.user_id, 12);
    assert_true(text_equal(found.employee, v[1].employee) && text_equal(found.user, v[1].person));
    assert_true(digest_equal(&found.employee_digest, &v[1].employee_digest));
    assert_int_equal(directory_find(b->st, b->company_id, b->in.integration_id, TEXT_LIT("B8"),
                                    &b->a, &found, &err),
                     RC_NOT_FOUND);
    assert_string_equal(err.name, "person.unknown");
    assert_int_equal(directory_get(b->st, b->company_id, 13, &b->a, &got, NULL), RC_NOT_FOUND);
}

static void the_same_source_id_in_two_integrations_is_two_people(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct version v = bed_version(b, 11, 0, "7", "ann"), w = bed_version(b, 12, 0, "7", "bob");
    struct person p, *list;
    int64_t count;
    size_t n;
    bool any;
    people(b, b->in.integration_id, &v, 1);
    OK(directory_has_any(b->st, b->company_id, other.integration_id, &any, &why));
    assert_false(any);
    people(b, other.integration_id, &w, 1);
    OK(directory_find(b->st, b->company_id, other.integration_id, TEXT_LIT("7"), &b->a, &p, &why));
    assert_int_equal(p.user_id, 12);
    OK(directory_count(b->st, b->company_id, other.integration_id, &count, &why));
    assert_int_equal(count, 1);
    OK(directory_has_any(b->st, b->company_id, other.integration_id, &any, &why));
    assert_true(any);
    OK(directory_count(b->st, b->company_id, b->in.integration_id, &count, &why));
    assert_int_equal(count, 1);
    OK(directory_search(b->st, b->company_id, TEXT_LIT("7"), 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
}

static void the_known_come_in_pages_in_order(void **state) {
    struct bed *b = *state;
    struct version v[5];
    struct person *list;
    size_t n;
    for (int i = 0; i < 5; i++)
        v[i] = bed_version(b, 20 - i, 0, arena_printf(&b->a, "%d", i), "x");
    people(b, b->in.integration_id, v, 5);
    OK(directory_known(b->st, b->company_id, b->in.integration_id, 0, 3, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].user_id, 16);
    assert_int_equal(list[2].user_id, 18);
    assert_int_equal(list[0].employee.state, TEXT_MISSING); /* the row without its JSON */
    OK(directory_known(b->st, b->company_id, b->in.integration_id, 18, 3, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(directory_known(b->st, b->company_id, b->in.integration_id, 20, 3, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

/* What is typed, and who is meant (0: nobody); ids 11 "a7" ann@x.org, 12 "b8" bob@x.org. */
static const struct search_row {
    const char *name, *what;
    int64_t user_id;
} searches[] = {
    { "a source id", "a7", 11 },
    { "a source id counts capitals", "A7", 0 },
    { "an address", "bob@x.org", 12 },
    { "an address in capitals", "Bob@X.org", 12 },
    { "a number", "#12", 12 },
    { "a number without its mark is a source id", "12", 0 },
    { "a number that nobody has", "#99", 0 },
    { "a mark alone", "#", 0 },
    { "our number and something behind it is nobody's", "#12abc", 0 },
    { "our number behind a sign is nobody's", "#+12", 0 },
    { "a number that is too long is nobody's", "#18446744073709551628", 0 },
    { "nothing", "", 0 },
    { "a pattern is no pattern", "%", 0 },
    { "a quote is only that", "' OR 1=1 --", 0 },
};

static void the_right_one_is_meant(void **state) {
    struct bed *b = *state;
    const struct search_row *r = b->row;
    struct version v[] = { bed_version(b, 11, 0, "a7", "ann"), bed_version(b, 12, 0, "b8", "bob") };
    struct person *list;
    size_t n;
    people(b, b->in.integration_id, v, 2);
    OK(directory_search(b->st, b->company_id, text_of(r->what), 10, &b->a, &list, &n, &why));
    assert_int_equal(n, r->user_id != 0);
    assert_int_equal(n == 1 ? list[0].user_id : 0, r->user_id);
}

static void
problems_shared_addresses_and_unknown_managers_are_counted_among_those_here(void **state) {
    struct bed *b = *state;
    struct version v[] = { bed_version(b, 11, 0, "1", "ann"), bed_version(b, 12, 0, "2", "ann"),
                           bed_version(b, 13, 0, "3", "cid"), bed_version(b, 14, 0, "4", "cid"),
                           bed_version(b, 15, 0, "5", "eve"), bed_version(b, 16, 0, "6", "fay") };
    struct directory_problems *list;
    int64_t count;
    size_t n;
    v[0].problems = v[1].problems = 4;
    v[2].problems = 6;
    v[3].problems = 8;
    v[3].has_left = true;
    v[3].presence = PRESENCE_GONE; /* so cid is shared with nobody, and 8 is nobody's */
    v[4].manager = TEXT_LIT("404");
    v[5].manager = TEXT_NONE;
    people(b, b->in.integration_id, v, 6);
    OK(directory_problems(b->st, b->company_id, b->in.integration_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].problems, 4);
    assert_int_equal(list[0].people, 2);
    assert_int_equal(list[1].problems, 6);
    assert_int_equal(list[1].people, 1);
    OK(directory_shared_emails(b->st, b->company_id, &count, &why));
    assert_int_equal(count, 1);
    OK(directory_unknown_managers(b->st, b->company_id, b->in.integration_id, &count, &why));
    assert_int_equal(count, 1);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[4 + RC_LEN(searches)] = {
        BED_TEST(a_person_is_found_by_source_id_and_by_number),
        BED_TEST(the_same_source_id_in_two_integrations_is_two_people),
        BED_TEST(the_known_come_in_pages_in_order),
        BED_TEST(problems_shared_addresses_and_unknown_managers_are_counted_among_those_here),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, searches, the_right_one_is_meant);
    return PLACE_RUN(tests, argc, argv);
}
