/* What webhooks told and was taken at once: it becomes rows later, and is never lost, counted twice or kept. */
#include "tests/store/hooks.h"

static int64_t number(struct store *st, const char *sql) {
    int64_t n = 0;
    OK(store_number(st, &n, &why, sql, ""));
    return n;
}

static int64_t rows_of(struct store *st) {
    return number(st, "SELECT COUNT(*) FROM webhook_event");
}

static int64_t taken(struct store *st, const struct hook_event *const *list, size_t n,
                     struct hook_rooms *rooms, int64_t *known) {
    int64_t rows = 0, k = 0;
    OK(hook_event_take(st, list, n, rooms, &rows, &k, &why));
    assert_int_equal(rows > 0, place_is_sqlite());
    *known += k;
    return rows;
}

static void what_is_taken_is_rows_once_it_is_folded_and_the_same_one_is_one(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0 + 1),
                      late = told(b, "a", "1", T0 + 2);
    const struct hook_event *first[] = { &one, &two, &late }, *second[] = { &late, &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, more = 0;
    int64_t rows = taken(st, first, 3, &rooms, &known);
    if (place_is_sqlite())
        assert_int_equal(rows, 2); /* of three: one came twice */
    taken(st, second, 2, &rooms, &known);
    if (place_is_sqlite())
        assert_int_equal(rows_of(st), 0);
    OK(hook_event_fold(st, &rooms, &more, &why));
    assert_int_equal(known + more, 3);
    assert_int_equal(rows_of(st), 2);
    struct hook_tally t = tally_in(b, st);
    assert_int_equal(t.deliveries, 5);
    assert_int_equal(t.first_us, T0);
    assert_int_equal(t.last_us, T0 + 2);
    OK(hook_event_fold(st, &rooms, &more, &why));
    assert_int_equal(more, 0);
    assert_int_equal(tally_in(b, st).deliveries, 5); /* once */
    done_beside(b, st);
}

static void news_that_repeats_is_news_as_of_its_last_time(void **state) {
    struct bed *b = *state;
    struct hook_event r = told(b, "r", NULL, T0), again = told(b, "r", NULL, T0 + 7);
    const struct hook_event *list[] = { &r }, *later[] = { &again, &again };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0;
    r.repeats = again.repeats = true;
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    OK(store_run(st, NULL, &why, "UPDATE webhook_event SET state = 'done', tries = 3", ""));
    taken(st, later, 2, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(number(st, "SELECT arrived_at FROM webhook_event WHERE state = 'new'"
                                " AND tries = 0 AND times = 3"),
                     T0 + 7);
    done_beside(b, st);
}

/* Whoever asks after a crash finds all that was acknowledged. */
static void what_was_taken_and_never_folded_is_there_for_whoever_asks(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0);
    const struct hook_event *list[] = { &one, &two };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b), *other;
    int64_t known = 0;
    taken(st, list, 2, &rooms, &known);
    taken(st, list, 1, &rooms, &known);
    other = beside(b); /* as another process would, while the first one still is */
    assert_int_equal(tally_in(b, other).deliveries, 3);
    assert_int_equal(rows_of(other), 2);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 3);
    store_close(other);
    done_beside(b, st);
}

static void a_fold_that_is_rolled_back_leaves_everything_for_the_next_one(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0);
    const struct hook_event *list[] = { &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0;
    taken(st, list, 1, &rooms, &known);
    OK(db_begin(st->db, &why));
    OK(hook_event_fold(st, &rooms, NULL, &why));
    db_rollback(st->db);
    if (place_is_sqlite())
        assert_int_equal(rows_of(st), 0);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 1);
    done_beside(b, st);
}

static void forgetting_somebody_reaches_what_has_just_arrived(void **state) {
    struct bed *b = *state;
    struct hook_event one = told(b, "a", "1", T0), two = told(b, "b", "2", T0);
    const struct hook_event *list[] = { &one, &two };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, n = 0;
    taken(st, list, 2, &rooms, &known);
    OK(hook_event_forget_person(st, b->company_id, b->in.integration_id, TEXT_LIT("1"), &n, &why));
    assert_int_equal(n, 1);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(tally_in(b, st).deliveries, 1);
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_forget(st, b->company_id, b->in.integration_id, &why));
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), 0);
    done_beside(b, st);
}

/* Deleted rows are overwritten, and the log that had them is emptied. */
static void somebody_who_was_forgotten_is_in_no_file(void **state) {
    struct bed *b = *state;
    static const char id[] = "forget-me-4711";
    struct hook_event one = told(b, "a", id, T0);
    const struct hook_event *list[] = { &one };
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    int64_t known = 0, n = 0;
    taken(st, list, 1, &rooms, &known);
    OK(hook_event_forget_person(st, b->company_id, b->in.integration_id, text_of(id), &n, &why));
    assert_int_equal(n, 1);
    OK(db_empty_log(st->db, &why)); /* as whoever erases does */
    static const char *const ends[] = { ".events", ".events-wal" };
    for (size_t i = 0; i < RC_LEN(ends) && place_is_sqlite(); i++) {
        FILE *f = fopen(arena_printf(&b->a, "%s%s", b->place->where, ends[i]), "rb");
        static char bytes[1 << 20];
        assert_non_null(f);
        size_t len = fread(bytes, 1, sizeof bytes, f);
        assert_true(len < sizeof bytes);
        assert_null(memmem(bytes, len, id, strlen(id)));
        fclose(f);
    }
    done_beside(b, st);
}

static void where_it_was_full_what_comes_is_one_row_before_it_is_written(void **state) {
    struct bed *b = *state;
    enum { MORE = 300 };
    static struct hook_event all[HOOK_EVENTS_KEPT + MORE];
    static const struct hook_event *list[HOOK_EVENTS_KEPT + MORE];
    struct hook_rooms rooms = { 0 };
    struct store *st = beside(b);
    char digest[HOOK_EVENT_DIGEST_BYTES];
    int64_t known = 0;
    for (size_t i = 0; i < RC_LEN(all); i++) {
        snprintf(digest, sizeof digest, "%zu", i);
        all[i] = told(b, digest, "1", T0);
        list[i] = &all[i];
    }
    taken(st, list, HOOK_EVENTS_KEPT + 1, &rooms, &known);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), HOOK_EVENTS_KEPT + 1);
    int64_t rows = taken(st, list + HOOK_EVENTS_KEPT + 1, MORE - 1, &rooms, &known);
    assert_int_equal(rows, place_is_sqlite() ? 1 : 0);
    OK(hook_event_fold(st, &rooms, NULL, &why));
    assert_int_equal(rows_of(st), HOOK_EVENTS_KEPT + 1);
    assert_int_equal(tally_in(b, st).deliveries, HOOK_EVENTS_KEPT + MORE);
    assert_int_equal(
        number(st, "SELECT times FROM webhook_event WHERE digest = 'more' AND name IS NULL"), MORE);
    done_beside(b, st);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(what_is_taken_is_rows_once_it_is_folded_and_the_same_one_is_one),
        BED_TEST(news_that_repeats_is_news_as_of_its_last_time),
        BED_TEST(what_was_taken_and_never_folded_is_there_for_whoever_asks),
        BED_TEST(a_fold_that_is_rolled_back_leaves_everything_for_the_next_one),
        BED_TEST(forgetting_somebody_reaches_what_has_just_arrived),
        BED_TEST(somebody_who_was_forgotten_is_in_no_file),
        BED_TEST(where_it_was_full_what_comes_is_one_row_before_it_is_written),
    };
    return PLACE_RUN(tests, argc, argv);
}
