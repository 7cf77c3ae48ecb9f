#include "tests/store/bed.h"

static void states_and_kinds_have_names_that_are_stored(void **state) {
    static const char *const states[] = { "listing", "checking", "passed",     "held",  "previewed",
                                          "applied", "rejected", "superseded", "failed" };
    static const char *const kinds[] = { "full", "since", "person", "remap", "delivery", "undo" };
    (void)state;
    assert_int_equal(RC_LEN(states), RUN_STATES_N - 1);
    assert_int_equal(RC_LEN(kinds), RUN_KINDS_N - 1);
    for (int s = RUN_LISTING; s < RUN_STATES_N; s++)
        assert_string_equal(run_state_name((enum run_state)s), states[s - 1]);
    for (int k = RUN_FULL; k < RUN_KINDS_N; k++)
        assert_string_equal(run_kind_name((enum run_kind)k), kinds[k - 1]);
}

/* Every number of its own, so that none can take another's place. */
static struct run_counts all_different(void) {
    struct run_counts c;
    int64_t numbers[sizeof c / sizeof(int64_t)];
    for (size_t i = 0; i < RC_LEN(numbers); i++)
        numbers[i] = (int64_t)i + 1;
    memcpy(&c, numbers, sizeof c);
    c.custom = NULL;
    c.custom_n = 0;
    return c;
}

static void counts_come_back_as_they_were_written(void **state) {
    struct run_counts c = all_different(), back, none = { 0 };
    struct arena a;
    struct buf b;
    (void)state;
    arena_init(&a);
    buf_init(&b, 1 << 16);
    run_counts_write(&c, &b);
    OK(run_counts_read(text_from(b.ptr, b.len), &a, &back, &why));
    buf_done(&b);
    assert_memory_equal(&back, &c, sizeof c);
    OK(run_counts_read((struct text){ 0 }, &a, &back, &why));
    assert_memory_equal(&back, &none, sizeof c);
    assert_int_equal(run_counts_read(TEXT_LIT("{\"read\":"), &a, &back, NULL), RC_FATAL);
    arena_done(&a);
}

static void custom_fields_are_counted_by_name_among_the_others(void **state) {
    static const struct run_custom custom[] = { { "custom.badge", 300 },
                                                { "custom.Kostenst. \"4400\"", 1 } };
    struct run_counts c = { .custom = custom, .custom_n = 2 }, back;
    struct arena a;
    struct buf b;
    (void)state;
    c.fields[USER_JOB_TITLE] = 3;
    arena_init(&a);
    buf_init(&b, 1 << 16);
    run_counts_write(&c, &b);
    assert_non_null(strstr(b.ptr, "\"fields\":{\"job_title\":3,\"custom.badge\":300,"));
    OK(run_counts_read(text_from(b.ptr, b.len), &a, &back, &why));
    buf_done(&b);
    assert_int_equal(back.custom_n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(back.custom[i].name, custom[i].name);
        assert_int_equal(back.custom[i].people, custom[i].people);
    }
    arena_done(&a);
}

static void a_run_says_which_mapping_it_activates(void **state) {
    struct bed *b = *state;
    struct run r = { .company_id = b->company_id,
                     .integration_id = b->in.integration_id,
                     .kind = RUN_REMAP,
                     .state = RUN_CHECKING,
                     .started_us = T0 },
               got;
    for (int64_t id = -1; id < 2; id++) {
        r.activates = id >= 0;
        r.mapping_id = id >= 0 ? id : 0;
        OK(run_add(b->st, &r, &why));
        OK(run_get(b->st, b->company_id, r.run_id, &b->a, &got, &why));
        assert_int_equal(got.kind, RUN_REMAP);
        assert_int_equal(got.activates, r.activates);
        assert_int_equal(got.mapping_id, r.mapping_id);
        r.state = RUN_FAILED; /* makes room for the next */
        OK(run_save(b->st, &r, &why));
        r.state = RUN_CHECKING;
    }
}

static void a_run_comes_back_as_it_was_saved(void **state) {
    struct bed *b = *state;
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_LISTING), got;
    OK(run_get(b->st, b->company_id, r.run_id, &b->a, &got, &why));
    assert_int_equal(got.state, RUN_LISTING);
    assert_int_equal(got.kind, RUN_FULL);
    assert_int_equal(got.started_us, T0);
    assert_int_equal(got.ended_us, 0);
    assert_false(got.approved || got.preview || got.has_stage_digest);
    assert_int_equal(got.reason.state, TEXT_MISSING);
    r.state = RUN_APPLIED;
    r.approved = true;
    r.ended_us = T0 + 1;
    r.applied_us = T0 + 2;
    r.population = 400;
    memcpy(r.stage_digest, "0123456789abcdef", 16);
    r.has_stage_digest = true;
    r.counts = all_different();
    r.proof = TEXT_LIT("{\"complete\":true}");
    r.verdict = TEXT_LIT("{\"held\":false}");
    r.rights = TEXT_LIT("{}");
    r.reason = TEXT_LIT("because");
    r.decided_by = TEXT_LIT("mira");
    r.decided_because = TEXT_LIT("it's right");
    r.other_run_id = 7;
    OK(run_save(b->st, &r, &why));
    OK(run_get(b->st, b->company_id, r.run_id, &b->a, &got, &why));
    assert_int_equal(got.state, RUN_APPLIED);
    assert_true(got.approved && got.has_stage_digest);
    assert_int_equal(got.ended_us, T0 + 1);
    assert_int_equal(got.applied_us, T0 + 2);
    assert_int_equal(got.population, 400);
    assert_int_equal(got.other_run_id, 7);
    assert_memory_equal(got.stage_digest, r.stage_digest, 16);
    assert_memory_equal(&got.counts, &r.counts, sizeof r.counts);
    assert_true(text_equal(got.proof, r.proof) && text_equal(got.verdict, r.verdict) &&
                text_equal(got.rights, r.rights) && text_equal(got.reason, r.reason) &&
                text_equal(got.decided_by, r.decided_by) &&
                text_equal(got.decided_because, r.decided_because));
    r.run_id = 99;
    assert_int_equal(run_save(b->st, &r, NULL), RC_FATAL);
    assert_int_equal(run_get(b->st, b->company_id, 99, &b->a, &got, &why), RC_NOT_FOUND);
    assert_string_equal(why.name, "run.unknown");
}

/* A state beside a state: at most one of a subject is under way, at most one is held. */
static const struct beside_row {
    const char *name;
    enum run_state first, second;
    bool allowed;
} besides[] = {
    { "two cannot list", RUN_LISTING, RUN_LISTING, false },
    { "one cannot list while one checks", RUN_CHECKING, RUN_LISTING, false },
    { "one cannot list while one has passed", RUN_PASSED, RUN_LISTING, false },
    { "two cannot be held", RUN_HELD, RUN_HELD, false },
    { "one lists while one is held", RUN_HELD, RUN_LISTING, true },
    { "one lists after one has failed", RUN_FAILED, RUN_LISTING, true },
    { "two can be previewed", RUN_PREVIEWED, RUN_PREVIEWED, true },
    { "many have been applied", RUN_APPLIED, RUN_APPLIED, true },
};

static void the_database_holds_how_many_there_may_be(void **state) {
    struct bed *b = *state;
    const struct beside_row *r = b->row;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run second = { .company_id = b->company_id,
                          .integration_id = b->in.integration_id,
                          .kind = RUN_PERSON,
                          .state = r->second,
                          .started_us = T0 };
    bed_run(b, b->company_id, b->in.integration_id, r->first);
    bed_run(b, b->company_id, other.integration_id, r->second); /* another subject */
    assert_int_equal(run_add(b->st, &second, NULL), r->allowed ? RC_OK : RC_CONFLICT);
}

static void numbers_ascend_and_the_newest_is_found_first(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run r[4] = { bed_run(b, b->company_id, b->in.integration_id, RUN_APPLIED),
                        bed_run(b, b->company_id, b->in.integration_id, RUN_APPLIED),
                        bed_run(b, b->company_id, other.integration_id, RUN_APPLIED),
                        bed_run(b, b->company_id, b->in.integration_id, RUN_HELD) };
    struct run got, *list;
    size_t n;
    for (int i = 0; i < 4; i++)
        assert_int_equal(r[i].run_id, i + 1);
    OK(run_in_state(b->st, b->company_id, b->in.integration_id, RUN_APPLIED, &b->a, &got, &why));
    assert_int_equal(got.run_id, 2);
    assert_int_equal(
        run_in_state(b->st, b->company_id, other.integration_id, RUN_HELD, &b->a, &got, NULL),
        RC_NOT_FOUND);
    OK(run_list(b->st, b->company_id, b->in.integration_id, 10, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].run_id, 4);
    OK(run_list(b->st, b->company_id, 0, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[1].run_id, 3);
    OK(run_newest_whole(b->st, b->company_id, b->in.integration_id, &b->a, &got, &why));
    assert_int_equal(got.run_id, 4);
    OK(store_run(b->st, NULL, &why, "UPDATE run SET kind = 'person' WHERE run_id = 4", ""));
    OK(run_newest_whole(b->st, b->company_id, b->in.integration_id, &b->a, &got, &why));
    assert_int_equal(got.run_id, 2);
}

static void applied(struct bed *b, int64_t integration_id, int64_t at_us, bool approved,
                    int64_t population, int64_t leavers, int64_t names) {
    struct run r = bed_run(b, b->company_id, integration_id, RUN_PASSED);
    r.state = RUN_APPLIED;
    r.applied_us = at_us;
    r.approved = approved;
    r.population = population;
    r.counts.classes[CHANGE_LEAVERS] = leavers;
    r.counts.classes[CHANGE_NAME] = names;
    r.verdict = TEXT_LIT("{\"held\":true}");
    OK(run_save(b->st, &r, &why));
}

static void what_was_applied_since_comes_oldest_first(void **state) {
    struct bed *b = *state;
    struct integration other = bed_integration(b, b->company_id, "other");
    struct run_past *past;
    size_t n;
    OK(run_applied_since(b->st, b->company_id, b->in.integration_id, T0, &b->a, &past, &n, &why));
    assert_int_equal(n, 0);
    applied(b, b->in.integration_id, T0, false, 10, 100, 100); /* at its edge: outside */
    applied(b, b->in.integration_id, T0 + 2, false, 400, 1, 2);
    applied(b, b->in.integration_id, T0 + 1, true, 500, 1000, 1000);
    applied(b, other.integration_id, T0 + 3, false, 9, 100, 100);
    bed_run(b, b->company_id, b->in.integration_id, RUN_HELD); /* not applied */
    OK(run_applied_since(b->st, b->company_id, b->in.integration_id, T0, &b->a, &past, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(past[0].run_id, 3);
    assert_int_equal(past[0].applied_us, T0 + 1);
    assert_true(past[0].approved && text_is(past[0].verdict, "{\"held\":true}"));
    assert_int_equal(past[1].verdict.state, TEXT_MISSING); /* nobody's yes hangs on it */
    assert_int_equal(past[0].population, 500);
    assert_int_equal(past[0].classes[CHANGE_LEAVERS], 1000);
    assert_int_equal(past[1].run_id, 2);
    assert_false(past[1].approved);
    assert_int_equal(past[1].classes[CHANGE_LEAVERS], 1);
    assert_int_equal(past[1].classes[CHANGE_NAME], 2);
    assert_int_equal(past[1].classes[CHANGE_EMAIL], 0);
}

static bool is_among(const struct run *list, size_t n, int64_t run_id) {
    for (size_t i = 0; i < n; i++)
        if (list[i].run_id == run_id)
            return true;
    return false;
}

static void who_watches_sees_what_goes_on_and_what_ended_or_began_since(void **state) {
    struct bed *b = *state;
    struct run old, long_, held, under_way, *list;
    size_t n = 0;
    old = bed_run(b, b->company_id, b->in.integration_id, RUN_APPLIED);
    old.ended_us = T0 + 10;
    OK(run_save(b->st, &old, &why));
    long_ = bed_run(b, b->company_id, b->in.integration_id, RUN_FAILED);
    long_.ended_us = T0 + 5000;
    OK(run_save(b->st, &long_, &why));
    held = bed_run(b, b->company_id, b->in.integration_id, RUN_HELD);
    under_way = bed_run(b, b->company_id, b->in.integration_id, RUN_CHECKING);
    OK(run_list_lately(b->st, b->company_id, T0 + 1000, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].run_id, under_way.run_id); /* the newest first */
    assert_true(is_among(list, n, held.run_id) && is_among(list, n, long_.run_id));
    OK(run_list_lately(b->st, b->company_id, T0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 4);
    OK(run_list_lately(b->st, b->company_id, T0, 2, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    OK(run_list_lately(b->st, b->company_id + 1, T0, 9, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[8 + RC_LEN(besides)] = {
        cmocka_unit_test(states_and_kinds_have_names_that_are_stored),
        cmocka_unit_test(counts_come_back_as_they_were_written),
        cmocka_unit_test(custom_fields_are_counted_by_name_among_the_others),
        BED_TEST(a_run_says_which_mapping_it_activates),
        BED_TEST(a_run_comes_back_as_it_was_saved),
        BED_TEST(numbers_ascend_and_the_newest_is_found_first),
        BED_TEST(what_was_applied_since_comes_oldest_first),
        BED_TEST(who_watches_sees_what_goes_on_and_what_ended_or_began_since),
    };
    size_t n = CHECK_LISTED(tests);
    BED_ROWS(tests, n, besides, the_database_holds_how_many_there_may_be);
    return PLACE_RUN(tests, argc, argv);
}
