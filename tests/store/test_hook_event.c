/* What webhooks told, and what came of it: states, duplicates, too many. */
#include "tests/store/hooks.h"

/* On the store of the events, which on SQLite is another one. */
static struct store *usual;

static int make_beside(void **state) {
    int rc = bed_make(state);
    struct bed *b = *state;
    usual = b->st;
    b->st = beside(b);
    return rc;
}

static int remove_beside(void **state) {
    struct bed *b = *state;
    done_beside(b, b->st);
    b->st = usual;
    return bed_remove(state);
}
#define EVENTS_TEST(fn) cmocka_unit_test_setup_teardown(fn, make_beside, remove_beside)

static void add(struct bed *b, struct hook_event e) {
    const struct hook_event *list[] = { &e };
    OK(hook_event_add(b->st, list, 1, NULL, &why));
}

static struct hook_open open_of(struct bed *b) {
    struct hook_open *list;
    size_t n = 0;
    OK(hook_event_open(b->st, " person.updated ", &b->a, &list, &n, &why));
    assert_true(n <= 1);
    return n == 1 ? list[0] : (struct hook_open){ 0 };
}

static struct hook_tally tally_of(struct bed *b) {
    return tally_in(b, b->st);
}

static void list_them(struct bed *b, int64_t until_us, bool all, int64_t want) {
    int64_t n = 0;
    OK(hook_event_list(b->st, b->company_id, b->in.integration_id, until_us, all,
                       " person.updated ", &n, &why));
    assert_int_equal(n, want);
}

static struct hook_waiting *due_at(struct bed *b, int64_t now_us, size_t want) {
    struct hook_waiting *list;
    size_t n = 0;
    OK(hook_event_due(b->st, b->company_id, b->in.integration_id, now_us, &b->a, &list, &n, &why));
    assert_int_equal(n, want);
    return list;
}

static void settle(struct bed *b, const struct hook_waiting *w, enum hook_end end,
                   int64_t wanted_us) {
    OK(hook_event_settle(b->st, b->company_id, b->in.integration_id, w, end, wanted_us, 7, &why));
}

static void people_are_looked_at_again_or_listed_or_done(void **state) {
    struct bed *b = *state;
    add(b, told(b, "a", "1", T0));
    add(b, told(b, "b", "2", T0 + 5));
    assert_int_equal(open_of(b).new_n, 2);
    assert_int_equal(open_of(b).people_n, 2);
    assert_int_equal(open_of(b).new_us, T0);
    struct hook_waiting *list = due_at(b, T0 + 5, 2);
    assert_true(text_is(list[0].digest, "a") && text_is(list[0].source_id, "1"));
    assert_int_equal(list[0].occurred_us, T0);
    settle(b, &list[0], HOOK_AGAIN, T0 + 300);
    settle(b, &list[1], HOOK_DONE, 0);
    assert_int_equal(open_of(b).again_us, T0 + 300);
    due_at(b, T0 + 299, 0);
    list = due_at(b, T0 + 300, 1);
    assert_int_equal(list[0].tries, 1);
    assert_int_equal(list[0].run_id, 7);
    settle(b, &list[0], HOOK_LIST, 0);
    assert_int_equal(open_of(b).list_n, 1);
    due_at(b, T0 + DAY_US, 0);
    OK(hook_event_expire(b->st, T0 + 6, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 1);
    OK(hook_event_forget(b->st, b->company_id, b->in.integration_id, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 0);
}

static void what_is_no_persons_goes_to_a_listing_and_waits_for_it(void **state) {
    struct bed *b = *state;
    struct hook_event nobody = told(b, "n", NULL, T0), odd = told(b, "o", "1", T0);
    struct hook_waiting *list;
    size_t n = 0;
    int64_t c = b->company_id, i = b->in.integration_id;
    odd.name = TEXT_LIT("person.reincarnated");
    add(b, nobody);
    add(b, odd);
    add(b, told(b, "a", "1", T0));
    list_them(b, T0 - 1, false, 0); /* they came later */
    list_them(b, T0, false, 2);
    assert_int_equal(open_of(b).list_n, 2);
    assert_int_equal(open_of(b).new_n, 1);
    OK(hook_event_asked(b->st, c, i, T0 + 100, &why));
    assert_int_equal(open_of(b).list_n, 0);
    assert_int_equal(open_of(b).asked_us, T0 + 100);
    list_them(b, T0, true, 1);
    OK(hook_event_waiting(b->st, c, i, T0 + 99, &b->a, &list, &n, &why));
    assert_int_equal(n, 0);
    OK(hook_event_waiting(b->st, c, i, T0 + 100, &b->a, &list, &n, &why));
    assert_int_equal(n, 2); /* the third one has not been asked for */
}

static void what_came_once_more_meanwhile_is_not_done(void **state) {
    struct bed *b = *state;
    struct hook_event r = told(b, "r", "1", T0);
    r.repeats = true;
    add(b, r);
    struct hook_waiting *list = due_at(b, T0, 1);
    r.arrived_us = T0 + 9;
    add(b, r);
    settle(b, &list[0], HOOK_DONE, 0);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(due_at(b, T0 + 9, 1)->tries, 0);
}

static void what_names_a_person_is_told_and_taken_away(void **state) {
    struct bed *b = *state;
    struct hook_event ann = told(b, "a", "1", T0), bob = told(b, "b", "2", T0);
    const struct hook_event *both[] = { &ann, &bob };
    struct json_writer w;
    struct buf out;
    int64_t n = 0, c = b->company_id, i = b->in.integration_id;
    OK(hook_event_add(b->st, both, 2, NULL, &why));
    buf_init(&out, 10000);
    json_begin(&w, &out);
    json_object(&w, NULL);
    OK(hook_event_write(b->st, c, i, TEXT_LIT("1"), &w, &why));
    json_object_end(&w);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "{\"webhooks\":[{"));
    assert_null(strstr(out.ptr, "},{"));
    buf_done(&out);
    OK(hook_event_forget_person(b->st, c + 1, i, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 0);
    OK(hook_event_forget_person(b->st, c, i, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), 1);
}

static void what_comes_twice_is_one_row_and_news_only_where_it_repeats(void **state) {
    struct bed *b = *state;
    struct hook_event e = told(b, "a", "1", T0), r = told(b, "r", NULL, T0);
    r.name = r.source_id = TEXT_NONE;
    r.occurred_us = 0;
    r.repeats = true;
    assert_int_equal(tally_of(b).last_us, 0);
    add(b, e);
    add(b, r);
    OK(store_run(b->st, NULL, &why, "UPDATE webhook_event SET state = 'done'", ""));
    e.arrived_us = r.arrived_us = T0 + 9;
    add(b, e);
    assert_int_equal(open_of(b).new_n, 0);
    add(b, r);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(tally_of(b).deliveries, 4);
    assert_int_equal(tally_of(b).first_us, T0);
    assert_int_equal(tally_of(b).last_us, T0 + 9);
    assert_int_equal(tally_of(b).open_n, 1);
}

static void more_than_are_kept_become_one_that_is_news_each_time(void **state) {
    struct bed *b = *state;
    static struct hook_event all[HOOK_EVENTS_KEPT + 5];
    static const struct hook_event *list[HOOK_EVENTS_KEPT + 5];
    char digest[HOOK_EVENT_DIGEST_BYTES];
    for (size_t i = 0; i < RC_LEN(all); i++) {
        snprintf(digest, sizeof digest, "%zu", i);
        all[i] = told(b, digest, "1", T0);
        list[i] = &all[i];
    }
    OK(hook_event_add(b->st, list, HOOK_EVENTS_KEPT - 1, NULL, &why));
    OK(hook_event_add(b->st, list + HOOK_EVENTS_KEPT - 1, 6, NULL, &why));
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), HOOK_EVENTS_KEPT + 1);
    OK(store_run(b->st, NULL, &why, "UPDATE webhook_event SET state = 'done'", ""));
    assert_int_equal(open_of(b).new_n, 0);
    all[0].arrived_us = T0 + 1;
    add(b, all[0]);
    assert_int_equal(open_of(b).new_n, 1);
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), HOOK_EVENTS_KEPT + 1);
}

static void somebody_is_newer_by_when_the_run_began(void **state) {
    struct bed *b = *state;
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v = bed_version(b, 11, 0, "1", "Ana");
    int64_t run_id = 0, began = 0;
    bool newer = false;
    bed_stage(b, &r, &v, 1);
    bed_apply(b, &r);
    OK(hook_last_listing(b->st, b->company_id, b->in.integration_id, &run_id, &began, &why));
    assert_int_equal(run_id, r.run_id);
    assert_int_equal(began, r.started_us);
    const struct {
        const char *id;
        int64_t company_id, since_us;
        bool newer;
    } rows[] = { { "1", b->company_id, r.started_us, true },
                 { "1", b->company_id, r.started_us + 1, false },
                 { "2", b->company_id, 0, false },
                 { "1", b->company_id + 1, 0, false } };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        OK(hook_person_is_newer(b->st, rows[i].company_id, b->in.integration_id,
                                text_of(rows[i].id), rows[i].since_us, &newer, &why));
        assert_int_equal(newer, rows[i].newer);
    }
}

static void what_was_missed_has_not_arrived(void **state) {
    struct bed *b = *state;
    struct hook_event came = told(b, "a", "1", T0), missed = told(b, "b", "2", T0 + 50);
    const struct hook_event *list[] = { &came, &missed };
    struct hook_tally t;
    snprintf(missed.digest, sizeof missed.digest, HOOK_EVENT_MISSED "0123");
    OK(hook_event_add(b->st, list, 2, NULL, &why));
    OK(hook_event_tally(b->st, b->company_id, b->in.integration_id, &b->a, &t, &why));
    assert_int_equal(t.deliveries, 1);
    assert_int_equal(t.last_us, T0);
    assert_int_equal(t.open_n, 2);
}

static void events_of_a_file_lie_beside_it_for_everybody_who_opens_it(void **state) {
    struct bed *b = *state;
    struct store *one = NULL, *two = NULL;
    struct hook_event e = told(b, "a", "1", T0);
    const struct hook_event *list[] = { &e };
    struct hook_open *open;
    size_t n = 0;
    OK(hook_events_open(b->place->where, &one, &why));
    OK(hook_event_add(one, list, 1, NULL, &why));
    OK(hook_events_open(b->place->where, &two, &why));
    OK(hook_event_open(two, " person.updated ", &b->a, &open, &n, &why));
    assert_int_equal(n, 1);
    bool is_file = strcmp(db_kind(b->st->db), "sqlite") == 0;
    assert_int_equal(bed_number(b, "SELECT COUNT(*) FROM webhook_event"), is_file ? 0 : 1);
    store_close(one);
    store_close(two);
    if (is_file)
        assert_int_equal(unlink(arena_printf(&b->a, "%s.events", b->place->where)), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        EVENTS_TEST(people_are_looked_at_again_or_listed_or_done),
        EVENTS_TEST(what_is_no_persons_goes_to_a_listing_and_waits_for_it),
        EVENTS_TEST(what_came_once_more_meanwhile_is_not_done),
        EVENTS_TEST(what_comes_twice_is_one_row_and_news_only_where_it_repeats),
        EVENTS_TEST(what_was_missed_has_not_arrived),
        EVENTS_TEST(what_names_a_person_is_told_and_taken_away),
        EVENTS_TEST(more_than_are_kept_become_one_that_is_news_each_time),
        BED_TEST(somebody_is_newer_by_when_the_run_began),
        BED_TEST(events_of_a_file_lie_beside_it_for_everybody_who_opens_it),
    };
    return PLACE_RUN(tests, argc, argv);
}
